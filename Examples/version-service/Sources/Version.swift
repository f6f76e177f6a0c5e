/// What `/version` says; written anew for each build.
let serviceVersion = "0.0.0"

/// Whether `/healthz` works in this version.
let isServiceHealthy = true
