package import AuroraFields
package import AuroraModel

// The tables of what a pack asks for, each read into the value it becomes.

extension PackManifest.Autoscan: FieldSection {
    /// The fields of `autoscan`.
    package static let fields: [Field<PackManifest.Autoscan>] = [
        Field.list(
            "manifest_preference", of: "yaml or json", rule: TextRule(maximumBytes: 8, pattern: "^(yaml|json)$"),
            maximum: 2, fallback: "`[yaml, json]`",
            "which manifest is read where the pack has both; what is not named comes last",
            { Format(rawValue: $0) },
            into: { $0.manifestPreference = $1 + Format.allCases.filter { [named = $1] in !named.contains($0) } }
        ).withoutTwins { $0.manifestPreference.map(\.rawValue) },
        .bool(
            "auto_detect_device", \.detectsDevice,
            "whether the facts of the device choose one of `variants`; else the pack is taken as it stands"),
        Field.sections(
            "variants", of: VariantFields.self, maximum: 64,
            "forms of the pack for some devices; the first whose `when` fits is taken"
        ) { autoscan, entry, _ in
            if entry.name != nil { autoscan.variants.append(entry.variant) }
        }.withoutTwins { $0.variants.map(\.name) },
    ]
}

extension PackManifest.Safety: FieldSection {
    /// The fields of `safety`.
    package static let fields: [Field<PackManifest.Safety>] = [
        .bool(
            "dry_run_supported", \.isDryRunSupported,
            "whether `install --dry-run` may be run on a copy as a rehearsal; else a dry run is the plan alone"),
        .bool("operator_approval_required", \.isApprovalRequired, "whether a person must approve the plan"),
        .integer(
            "health_check_timeout_seconds", \.healthCheckTimeoutSeconds, 1...86_400, "seconds",
            "how long the health check may take to be good after a start"),
    ]
}

extension PackManifest.DataPolicy: FieldSection {
    /// The fields of `data`.
    package static let fields: [Field<PackManifest.DataPolicy>] = [
        .integer(
            "schema_version", \.schemaVersion, 1...1_000_000, "",
            "the form of the data; versions of the pack with the same number share their data"),
        .choice("snapshot", \.snapshot, "when a copy of the data is taken before a change"),
        .list(
            "exclude", of: "a relative path below the data folder, without . and ..", rule: ManifestText.path,
            fallback: "none", "what snapshots leave out, with everything in it", { PackPath($0) },
            into: { $0.exclude = $1 }
        ).withoutTwins { $0.exclude.map(\.text) },
    ]
}

extension PackManifest.Hooks: FieldSection {
    /// The fields of `hooks`.
    package static let fields: [Field<PackManifest.Hooks>] = [
        .path("migrate", fallback: "none", "brings the data to this version's schema, between stop and switch") {
            $0.migrate = $1
        },
        .path("pre_activate", fallback: "none", "runs right before the switch; failing stops the change") {
            $0.preActivate = $1
        },
        .path("post_activate", fallback: "none", "runs after the switch, before the health gate; failing rolls back") {
            $0.postActivate = $1
        },
        .integer(
            "timeout_seconds", \.timeoutSeconds, 1...86_400, "seconds", "how long `install` and each hook may take"),
    ]
}

extension PackManifest.Resources: FieldSection {
    /// The fields of `resources`.
    package static let fields: [Field<PackManifest.Resources>] = [
        .integer("memory_mb", \.memoryMB, 8...1_048_576, "MiB", "memory of all processes, `/tmp` included"),
        .integer("processes", \.processes, 1...65_536, "processes", "processes and threads"),
        .integer(
            "cpu_percent", \.cpuPercent, 1...102_400, "percent of one core", fallback: "no limit", "processor time"),
        .integer("tmp_mb", \.temporaryMB, 1...65_536, "MiB", "the private `/tmp`"),
        .integer("file_mb", \.fileMB, 1...1_048_576, "MiB", "one file that the pack writes"),
        .integer(
            "storage_mb", \.storageMB, 1...1_073_741_824, "MiB", "`data` and `logs` together; measured every minute"),
        .integer(
            "storage_files", \.storageFiles, 1...10_000_000, "", "files and folders in `data` and `logs` together"),
    ]
}

extension PackManifest.Permissions: FieldSection {
    /// The fields of `permissions`.
    package static let fields: [Field<PackManifest.Permissions>] = [
        .choice(
            "network", \.network,
            "`none`: a network of its own with nobody else in it; `shared`: the device's network, unfiltered"),
        .mounts("fs_read", "folders that the operator lends for reading, by name", \.readable),
        .mounts("fs_write", "folders that the operator lends for writing, by name", \.writable),
    ]
}

extension Field<PackManifest.Permissions> {
    fileprivate static func mounts(_ name: String, _ meaning: String, _ path: Path<[MountName]>) -> Self {
        Field.list(
            name, of: "a name (\(MountNameKind.rule))", rule: ManifestText.id, maximum: 64, fallback: "none", meaning,
            { MountName($0) }, into: { $0[keyPath: path] = $1 }
        ).withoutTwins { $0[keyPath: path].map(\.text) }
    }
}

extension PackManifest.Service: FieldSection {
    /// The fields of `service`.
    package static let fields: [Field<PackManifest.Service>] = [
        .choice(
            "readiness", \.readiness,
            "when a started service is ready: `none` at once, `notify` when it says so on the notify socket, `exec` when the health check is good"
        ),
        .choice("restart", \.restart, "after which end it is started again; exit status 0 is no failure"),
        .integer(
            "watchdog_seconds", \.watchdogSeconds, 1...86_400, "seconds", fallback: "none",
            "how often the service must send `WATCHDOG=1` to the notify socket"),
        .integer(
            "start_timeout_seconds", \.startTimeoutSeconds, 1...86_400, "seconds", "how long `start` may run"),
        .integer(
            "stop_timeout_seconds", \.stopTimeoutSeconds, 1...3600, "seconds",
            "how long `stop`, and then SIGTERM, may take before everything is killed"),
        .integer(
            "health_interval_seconds", \.healthIntervalSeconds, 1...86_400, "seconds",
            "how often the health check runs while the service does"),
        .section("backoff", \.backoff, "how long to wait between starts, and when to give up"),
    ]

    /// A service that is watched must be able to speak.
    package mutating func check(_ reader: FieldReader) {
        guard watchdogSeconds != nil, readiness != .notify else { return }
        reader.complain(
            "watchdog_seconds", "needs the notify socket, and readiness is \(readiness.rawValue)",
            "write readiness: notify, or remove watchdog_seconds")
    }
}

extension PackManifest.Service.Backoff: FieldSection {
    /// The fields of `service.backoff`.
    package static let fields: [Field<PackManifest.Service.Backoff>] = [
        .integer("base_seconds", \.baseSeconds, 1...3600, "seconds", "the first wait; each later one is twice as long"),
        .integer("maximum_seconds", \.maximumSeconds, 1...86_400, "seconds", "the longest wait"),
        .integer(
            "reset_after_seconds", \.resetAfterSeconds, 1...604_800, "seconds",
            "running well for so long makes the next wait the first again"),
        .integer("budget", \.budget, 1...1000, "starts", "so many within `window_seconds`, then quarantine"),
        .integer("window_seconds", \.windowSeconds, 1...604_800, "seconds", "what `budget` is counted over"),
    ]

    /// The longest wait is no shorter than the first.
    package mutating func check(_ reader: FieldReader) {
        guard maximumSeconds < baseSeconds else { return }
        reader.complain(
            "maximum_seconds", "is \(maximumSeconds), less than base_seconds (\(baseSeconds))",
            "write at least \(baseSeconds)")
    }
}
