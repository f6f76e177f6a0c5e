// What a pack asks for while it is installed and runs; every field has a default.

extension PackManifest {
    /// How the pack's data follows its versions.
    package struct DataPolicy: Hashable, Sendable {
        /// When a copy is taken before a change.
        package enum Snapshot: String, CaseIterable, Hashable, Sendable {
            case always
            case onSchemaChange = "on_schema_change"
            case never
        }

        /// From 1; versions with the same number share their data.
        package var schemaVersion = 1
        package var snapshot = Snapshot.onSchemaChange
        /// Paths below the data folder that are left out of snapshots, with what is in them.
        package var exclude: [PackPath] = []

        /// The defaults.
        package init() {}
    }

    /// Programs of the pack that run during a change, in the sandbox, without network.
    package struct Hooks: Hashable, Sendable {
        /// Brings the data to this version's schema; runs between stop and switch.
        package var migrate: PackPath?
        /// Runs right before the switch; failing stops the change.
        package var preActivate: PackPath?
        /// Runs after the switch, before the health gate; failing rolls back.
        package var postActivate: PackPath?
        /// How long `install` and each hook may take.
        package var timeoutSeconds = 300

        /// None.
        package init() {}
    }

    /// Most that everything of the pack may use together.
    package struct Resources: Hashable, Sendable {
        /// MiB of memory, `/tmp` included.
        package var memoryMB = 512
        /// Processes and threads.
        package var processes = 256
        /// Hundredths of one core; nil is no limit.
        package var cpuPercent: Int?
        /// MiB of the private `/tmp`.
        package var temporaryMB = 64
        /// MiB of one file written.
        package var fileMB = 1024
        /// MiB that `data` and `logs` hold together.
        package var storageMB = 4096
        /// Files and folders that `data` and `logs` hold together.
        package var storageFiles = 200_000

        /// The defaults.
        package init() {}
    }

    /// What the pack may reach beside its own code, data and logs.
    package struct Permissions: Hashable, Sendable {
        /// What of the network.
        package enum Network: String, CaseIterable, Hashable, Sendable {
            case none, shared
        }

        package var network = Network.none
        /// Folders the operator lends for reading.
        package var readable: [MountName] = []
        /// Folders the operator lends for writing.
        package var writable: [MountName] = []

        /// None.
        package init() {}

        /// Whether these reach further than `other` in any way, so that the step from there needs a new approval.
        package func widens(_ other: Permissions) -> Bool {
            (network == .shared && other.network == .none)
                || !Set(writable).isSubset(of: other.writable)
                || !Set(readable).isSubset(of: Set(other.readable).union(other.writable))
        }
    }

    /// How the pack's service is kept running.
    package struct Service: Hashable, Sendable {
        /// When a started service counts as ready.
        package enum Readiness: String, CaseIterable, Hashable, Sendable {
            /// As soon as `start` has ended well.
            case none
            /// When it says so on the notify socket.
            case notify
            /// When the health check is good once.
            case exec
        }

        /// After which end it is started again.
        package enum Restart: String, CaseIterable, Hashable, Sendable {
            case always
            case onFailure = "on-failure"
            case never
        }

        /// How long to wait between starts, and when to give up.
        package struct Backoff: Hashable, Sendable {
            /// The first wait; each later one is twice as long.
            package var baseSeconds = 1
            /// The longest wait.
            package var maximumSeconds = 60
            /// Running well for so long, the next wait is the first again.
            package var resetAfterSeconds = 600
            /// So many starts within ``windowSeconds`` are tolerated; then the pack is put in quarantine.
            package var budget = 10
            package var windowSeconds = 3600

            /// The defaults.
            package init() {}
        }

        package var readiness = Readiness.exec
        package var restart = Restart.onFailure
        /// How often the service must send a sign of life; nil asks for none.
        package var watchdogSeconds: Int?
        /// How long until it must be ready.
        package var startTimeoutSeconds = 60
        /// How long `stop`, and then SIGTERM, may take before everything is killed.
        package var stopTimeoutSeconds = 10
        /// How often the health check runs while the service does.
        package var healthIntervalSeconds = 30
        package var backoff = Backoff()

        /// The defaults.
        package init() {}
    }
}
