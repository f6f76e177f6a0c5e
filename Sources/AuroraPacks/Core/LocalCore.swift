package import AuroraModel
package import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import Glibc
import Synchronization

/// The process that keeps a device's active packs running: one for each device folder.
///
/// It finishes an interrupted change first, then starts the active packs and serves its control socket, `run/core.sock`.
/// Nothing that it started outlives it.
package final class LocalCore: Sendable {
    private struct Facts {
        var isHeld = false
        /// Packs that an operator stopped; they stay so until an operator, or the next core, starts them.
        var stoppedByOperator: Set<String> = []
        /// Users of packs that were given the control socket.
        var controllers: Set<UInt32> = []
        var isEnding = false
    }

    package let places: DevicePlaces
    let supervisor: Supervisor
    private let packs: any ActivePacks
    private let facts = Mutex(Facts())
    private let lock: FileLock
    private let stop: StopSignal
    private let board: StatusBoard
    private let socket: LocalSocket

    /// Takes the device folder; no pack runs before ``begin()``.
    ///
    /// - Parameters:
    ///   - facts: what is known about the device, for packs that may see it.
    ///   - tell: takes events, one at a time and in their order.
    /// - Throws: ``CoreProblem`` with code `running` when a core has this folder already.
    package init(
        places: DevicePlaces, packs: any ActivePacks, runner: any ConfinedRunner, facts: JSONValue = .null,
        tell: @escaping @Sendable (CoreEvent) -> Void
    ) throws {
        self.places = places
        self.packs = packs
        try FileTree.makeFolders(places.run, mode: 0o700)
        lock = try Self.takeLock(places)
        stop = try StopSignal()
        let board = try StatusBoard(folder: places.status, facts: facts, tell: tell)
        self.board = board
        supervisor = try Supervisor(
            runner: runner, logs: LogWriter(folder: places.output), runFolder: places.run,
            seed: SecureRandom.bytes(8).reduce(0) { $0 << 8 | UInt64($1) },
            onChange: { id, change in board.post(.changed(id, change)) })
        // Bound before any pack runs: one that may control the others finds it in its room.
        socket = try LocalSocket(.stream, path: places.coreSocket, mode: 0o600)
    }

    private static func takeLock(_ places: DevicePlaces) throws -> FileLock {
        do throws(FileLockError) {
            return try FileLock(path: "\(places.run)/core.lock")
        } catch {
            guard case .busy = error else { throw error }
            throw CoreProblem(
                code: "running", "a core runs on \(places.root) already", remedy: "use that one: aurora pack status")
        }
    }

    // MARK: Life

    /// Finishes an interrupted change, starts the active packs, and serves the socket; returns when all that has begun.
    package func begin() throws {
        board.begin { [supervisor] in supervisor.status.map(PackStatus.init) }
        try recover()
        try hands(.supervisor).refresh()
        try startWanted(.supervisor)
        try serve()
    }

    /// Stops all packs in the reverse of their start order, and ends.
    ///
    /// - Returns: whether every room was closed within `timeout`.
    @discardableResult
    package func end(timeout: Duration = .seconds(90)) -> Bool {
        facts.withLock { $0.isEnding = true }
        stop.raise()
        let isQuiet = supervisor.end(timeout: timeout)
        supervisor.logs.end()
        board.end()
        return isQuiet
    }

    /// Reads the active set again and starts what is new in it; during a change its end does that.
    package func reload() throws {
        guard !facts.withLock({ $0.isHeld }) else { return }
        try hands(.operatorAsked).refresh()
        try startWanted(.operatorAsked)
    }

    /// Whether the core is on its way out.
    var isEnding: Bool { facts.withLock { $0.isEnding } }

    private func hands(_ cause: ServiceCause) -> CoreHands {
        CoreHands(supervisor, packs, cause: cause) { [weak self] in self?.admit($0) }
    }

    private func recover() throws {
        if let done = try packs.recover(through: hands(.change)) { board.post(.note("an interrupted change: \(done)")) }
    }

    private func startWanted(_ cause: ServiceCause) throws {
        let stopped = facts.withLock { $0.stoppedByOperator }
        let resting = supervisor.states.filter { $0.value == .staged || $0.value == .stopped }
        try supervisor.start(resting.keys.filter { !stopped.contains($0) }, cause: cause)
    }

    // MARK: The socket

    /// Lets the packs in whose rooms the socket stands use it, and nobody else.
    private func admit(_ definitions: [ServiceDefinition]) {
        let rooms = definitions.map(\.room).filter { $0.mounts.contains { $0.host == places.coreSocket } }
        let users = Set(rooms.map(\.identity.uid))
        facts.withLock { $0.controllers = users }
        // The folder around it stays closed; a pack reaches the socket through its mount alone.
        chmod(places.coreSocket, users.subtracting([geteuid()]).isEmpty ? 0o600 : 0o666)
    }

    /// Whether a pack with this user may ask for states, starts and stops.
    func isController(_ uid: UInt32) -> Bool { facts.withLock { $0.controllers.contains(uid) } }

    private func serve() throws {
        let slots = Mutex(0)
        let accepting = ServiceThread(name: "core-socket", stackSize: 256 << 10) { [self] in
            while let stream = try? socket.accept(stop: stop) {
                // More clients than anybody needs: the one too many is closed.
                guard slots.withLock({ $0 < 32 }) else { continue }
                slots.withLock { $0 += 1 }
                let thread = ServiceThread(name: "core-client", stackSize: 512 << 10) { [self] in
                    CoreConnection(stream, core: self, stop: stop).serve()
                    slots.withLock { $0 -= 1 }
                }
                if let thread { thread.leave() } else { slots.withLock { $0 -= 1 } }
            }
        }
        guard let accepting else { throw SystemError(operation: "pthread_create", errno: EAGAIN) }
        accepting.leave()
    }

    /// Carries out a request that has one answer.
    func carryOut(_ request: CoreRequest, inChange: Bool) throws -> JSONObject {
        let hands = hands(inChange ? .change : .operatorAsked)
        if !inChange { try demandQuiet(for: request) }
        switch request {
        case .start(let ids, let wait):
            let rows = try hands.start(ids, wait: wait)
            let started = supervisor.supervision.withNeeds(rows.map(\.id))
            facts.withLock { $0.stoppedByOperator.subtract(started) }
            return Self.members(rows)
        case .stop(let ids, let withDependants, let wait):
            for id in ids where !inChange { try demand(id.text) }
            let rows = try hands.stop(ids, withDependants: withDependants, wait: wait)
            if !inChange { remember(rows.map(\.id), withDependants: withDependants) }
            return Self.members(rows)
        case .health(let id): return ["health": try hands.health(id).json]
        case .reload:
            try reload()
            return Self.members(hands.status())
        case .status, .logs, .beginChange, .endChange: return Self.members(hands.status())
        }
    }

    /// While somebody changes the set, data are copied and packs judged: nobody else starts or stops anything then.
    private func demandQuiet(for request: CoreRequest) throws(CoreProblem) {
        switch request {
        case .status, .health, .logs, .beginChange, .endChange: return
        case .start, .stop, .reload:
            guard facts.withLock({ $0.isHeld }) else { return }
            throw CoreProblem(
                code: "busy", "the device's packs are being changed", remedy: "wait for the end of the change")
        }
    }

    /// What needs a stopped pack was stopped with it, and must not bring it back.
    private func remember(_ stopped: [String], withDependants: Bool) {
        let all = withDependants ? supervisor.supervision.withDependants(stopped) : Set(stopped)
        facts.withLock { $0.stoppedByOperator.formUnion(all) }
    }

    /// Refuses an id that no active pack has.
    func demand(_ id: String) throws {
        guard supervisor.states[id] != nil else { throw SupervisorError.unknown(id) }
    }

    private static func members(_ rows: [PackStatus]) -> JSONObject { ["packs": .array(rows.map(\.json))] }

    // MARK: Changes of the set

    /// Gives one connection the right to change the set.
    func beginChange() throws(CoreProblem) {
        let isFree = facts.withLock { facts in
            defer { facts.isHeld = true }
            return !facts.isHeld
        }
        guard isFree else {
            throw CoreProblem(code: "busy", "another change of this device is under way", remedy: "wait for its end")
        }
    }

    /// The change is over: what is active now runs.
    func endChange() throws {
        facts.withLock { $0.isHeld = false }
        try hands(.change).refresh()
        try startWanted(.change)
    }

    /// Whoever changed the set is gone: the core brings it to an end itself.
    func changerVanished() {
        defer { facts.withLock { $0.isHeld = false } }
        guard !isEnding else { return }
        board.post(.note("a change was left in the middle; it is finished or undone now"))
        // Whoever vanished may hold the device's lock for a moment longer than its connection, and another command for
        // as long as it stages. Nothing else may change the device before this is finished, so it is not given up.
        var tries = 0
        while !isEnding {
            do {
                try recover()
                try hands(.change).refresh()
                return try startWanted(.change)
            } catch {
                tries += 1
                if tries == 100 { board.post(.trouble("the interrupted change is not finished yet: \(error)")) }
                usleep(tries < 100 ? 100_000 : 1_000_000)
            }
        }
    }
}
