package import AuroraModel
import AuroraRuntime

/// What can be done with the packs of a running core: the same from inside its process as over its socket.
package protocol PackControl: Sendable {
    /// How all packs stand, in the order of their start.
    func status() throws -> [PackStatus]

    /// Starts packs of the present set (all when none are named) and what they need; returns when they are ready or have
    /// failed, or after `wait`.
    func start(_ ids: [PackID], wait: Duration) throws -> [PackStatus]

    /// Stops packs (all when none are named), before them what needs them if asked; returns when they have ended, or after
    /// `wait`.
    func stop(_ ids: [PackID], withDependants: Bool, wait: Duration) throws -> [PackStatus]

    /// Runs a health command now.
    func health(_ id: PackID) throws -> PackHealth
}

/// The core's own hands: ``PackControl`` inside its process.
package struct CoreHands: PackControl {
    private let supervisor: Supervisor
    private let packs: any ActivePacks
    private let cause: ServiceCause
    /// Called after the set was read again.
    private let onRefresh: @Sendable ([ServiceDefinition]) -> Void

    init(
        _ supervisor: Supervisor, _ packs: any ActivePacks, cause: ServiceCause,
        onRefresh: @escaping @Sendable ([ServiceDefinition]) -> Void
    ) {
        self.supervisor = supervisor
        self.packs = packs
        self.cause = cause
        self.onRefresh = onRefresh
    }

    /// Reads the active set again; packs that left it are stopped.
    func refresh() throws {
        let definitions = try packs.definitions()
        onRefresh(definitions)
        try supervisor.replace(definitions, cause: cause)
    }

    package func status() -> [PackStatus] { supervisor.status.map(PackStatus.init) }

    package func start(_ ids: [PackID], wait: Duration) throws -> [PackStatus] {
        settled(try beginStart(ids), Patience(wait))
    }

    /// Starts without waiting; returns the names of what was asked for.
    func beginStart(_ ids: [PackID]) throws -> [String] {
        try refresh()
        let names = names(ids)
        try supervisor.start(names, cause: cause)
        return names
    }

    /// How these stand when they are ready or have failed, or when nobody waits any more.
    func settled(_ names: [String], _ patience: Patience) -> [PackStatus] {
        patience.look { supervisor.waitUntilSettled(names, timeout: $0) }
        return rows(names)
    }

    package func stop(_ ids: [PackID], withDependants: Bool, wait: Duration) throws -> [PackStatus] {
        stopped(try beginStop(ids, withDependants: withDependants), Patience(wait))
    }

    /// Stops without waiting; returns the names of what was asked for and is there.
    func beginStop(_ ids: [PackID], withDependants: Bool) throws -> [String] {
        let names = names(ids)
        let known = supervisor.states
        // A change stops what it names, there or not; a person is told of a wrong name.
        let there = cause == .change ? names.filter { known[$0] != nil } : names
        try supervisor.stop(there, withDependants: withDependants, cause: cause)
        return there
    }

    /// How these stand when nothing of them runs any more, or when nobody waits any more.
    func stopped(_ names: [String], _ patience: Patience) -> [PackStatus] {
        patience.look { supervisor.waitUntilStopped(names, timeout: $0) }
        return rows(names)
    }

    package func health(_ id: PackID) throws -> PackHealth { PackHealth(try supervisor.health(of: id.text)) }

    private func names(_ ids: [PackID]) -> [String] {
        ids.isEmpty ? supervisor.status.map(\.id) : ids.map(\.text)
    }

    private func rows(_ names: [String]) -> [PackStatus] {
        let wanted = Set(names)
        return status().filter { wanted.contains($0.id) }
    }
}

/// How long somebody waits for packs: a time, and only as long as they are there.
struct Patience {
    /// Between two looks at whether they are there still.
    private static let interval = Duration.milliseconds(100)
    private let end: ContinuousClock.Instant
    private let isGone: () -> Bool

    init(_ time: Duration, unless isGone: @escaping () -> Bool = { false }) {
        end = .now + time
        self.isGone = isGone
    }

    /// Calls `isDone`, which waits at most as long as it is told, until it says so or the patience is over.
    func look(_ isDone: (Duration) -> Bool) {
        while !isGone() {
            let left = max(.zero, end - .now)
            if isDone(min(left, Self.interval)) || left == .zero { return }
        }
    }
}
