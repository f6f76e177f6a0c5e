package import AuroraSandbox

/// One service as the supervisor is given it: where it runs, how it is started, asked and stopped.
package struct ServiceDefinition: Hashable, Sendable {
    /// Names it everywhere: the pack's id.
    package var id: String
    /// The version, for people.
    package var version: String
    package var room: Confinement
    /// The permissions it was granted, sorted; told to others, and meant for whoever made ``room``.
    package var grants: [String] = []
    /// The generation of the device that it belongs to; 0 for none.
    package var generation: Int64 = 0
    /// Leaves the service running when it ends; a path inside and its arguments.
    package var start: [String]
    /// Asks the service to end.
    package var stop: [String]
    /// Ends with status 0 when the service works.
    package var health: [String]
    /// Longest run time of ``health`` when a person asks.
    package var healthTimeout: Duration = .seconds(30)
    /// The services it needs; they are started before it and stopped after it.
    package var needs: [String] = []
    package var probes: [ProbeRole: Probe] = [:]
    package var settings = ServiceSettings()
    /// Why it cannot be run, in words; nil when it can.
    ///
    /// Its start ends in QUARANTINED with them, and nothing else of it than its name, its version and its needs is used.
    package var refusal: String?

    /// A service without probes, with the usual settings.
    package init(
        id: String, version: String, room: Confinement, start: [String], stop: [String], health: [String]
    ) {
        self.id = id
        self.version = version
        self.room = room
        self.start = start
        self.stop = stop
        self.health = health
    }

    /// How the order sees it.
    var member: Supervision.Member {
        var settings = settings
        settings.hasStartupProbe = probes[.startup] != nil
        // No other try mends it, only another definition.
        if refusal != nil { settings.restart.mode = .never }
        return Supervision.Member(id: id, settings: settings, needs: needs)
    }
}

/// A service whose room is open.
package struct OpenService: Hashable, Sendable {
    package let id: String
    /// Which of its starts opened the room.
    package let attempt: Int
    /// The room as it was opened.
    package let opened: Confinement
    /// The same room as it is defined now.
    package let defined: Confinement

    /// One that a look has found.
    package init(id: String, attempt: Int, opened: Confinement, defined: Confinement) {
        self.id = id
        self.attempt = attempt
        self.opened = opened
        self.defined = defined
    }
}

/// How a service stands, at one moment.
package struct ServiceStatus: Hashable, Sendable {
    package let id: String
    package let version: String
    package let state: ServiceState
    package let cause: ServiceCause
    /// How long it has been in this state.
    package let age: Duration
    /// Which start this is.
    package let attempt: Int
    /// Failures in a row that count.
    package let failures: Int
    /// When it is started again by itself.
    package let retryIn: Duration?
    /// What it waits for before it is started.
    package let waitsFor: [String]
    /// What runs of it.
    package let processes: [RoomMember]
    /// Bytes of its output that were dropped.
    package let droppedBytes: Int
    /// What keeps its output from being written; nil when nothing does.
    package let logTrouble: String?
    /// Whether nothing of it runs and nothing needs to.
    package let isDone: Bool
    /// Layers that its open room is without, and by whose word and until when.
    package let waivers: [SandboxLayer: String]
}

/// What is known of one service at run time: what of the device it holds, rather than how it fares.
package struct ServiceRuntime: Hashable, Sendable {
    package let id: String
    package let state: ServiceState
    /// What it runs as, or shall run as; nil when it is a service no more.
    package let definition: ServiceDefinition?
    /// The control group of its open room; nil when it has none.
    package let cgroup: String?

    package init(id: String, state: ServiceState, definition: ServiceDefinition?, cgroup: String?) {
        self.id = id
        self.state = state
        self.definition = definition
        self.cgroup = cgroup
    }
}
