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
    /// What the core is doing beside running packs.
    enum Phase {
        /// It brings the device to rest before anything runs.
        case starting
        /// It cannot yet: another program is changing the device.
        case waiting
        case quiet
        /// A connection changes the active set, or the core ends what one has left.
        case changing
    }

    struct Facts {
        var phase = Phase.starting
        /// How many are doing something that a change of the set must not come between; see ``LocalCore/working(_:)``.
        var workers = 0
        /// Packs that an operator stopped; they stay so until an operator, or the next core, starts them.
        var stoppedByOperator: Set<String> = []
        /// Users of packs that were given the control socket.
        var controllers: Set<UInt32> = []
        var isEnding = false
        /// Whether somebody asked for ``LocalCore/reload()`` while that could not be.
        var wantsReload = false
    }

    package let places: DevicePlaces
    package let supervisor: Supervisor
    let packs: any ActivePacks
    let facts = Monitor(Facts())
    let board: StatusBoard
    let keeper: RuntimeKeeper
    private let listeners = Mutex<[@Sendable () -> Void]>([])
    private let lock: FileLock
    private let stop: StopSignal
    private let socket: LocalSocket

    /// Takes the device folder; no pack runs before ``begin(patience:wait:isStopped:)``.
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
        let keeper = RuntimeKeeper(packs) { board.post($0) }
        self.keeper = keeper
        var hooks = Supervisor.Hooks()
        hooks.prepare = { try packs.renewed($0) }
        hooks.onRoom = { keeper.note($0) }
        hooks.onChange = { id, change in
            board.post(.changed(id, change))
            keeper.note(id)
        }
        supervisor = try Supervisor(
            runner: runner, logs: LogWriter(folder: places.output), runFolder: places.run,
            seed: SecureRandom.bytes(8).reduce(0) { $0 << 8 | UInt64($1) }, hooks: hooks)
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

    /// Serves the socket, finishes an interrupted change and starts the active packs; returns when all that has begun.
    ///
    /// - Parameters:
    ///   - patience: how long another program that is changing the device is waited for.
    ///   - wait: called between two looks at it; false gives up.
    ///   - isStopped: asked while an interrupted change is brought to its end; true leaves that to the next core.
    /// - Returns: whether the packs were started; false when one of these said no, and the core is to be ended.
    /// - Throws: `Refusal` with code `device_busy` after `patience`.
    package func begin(
        patience: Duration = .seconds(600), wait: () -> Bool = { LocalCore.pauseShortly() },
        isStopped: () -> Bool = { false }
    ) throws -> Bool {
        board.begin { [supervisor] in supervisor.status.map(PackStatus.init) }
        try makeDoor().open()
        guard try recoverFirst(patience: patience, wait: wait, isStopped: isStopped) else { return false }
        try hands(.supervisor).refresh()
        keeper.noteAll()
        keeper.begin { [supervisor] in supervisor.runtime(of: $0) }
        try startWanted(.supervisor)
        rest()
        return true
    }

    /// How long the end of packs is waited for at most.
    ///
    /// One may take two hours: `stop_timeout_seconds`, at most 3600, and as long again between SIGTERM and the kill.
    package static let longestEnd: Duration = .seconds(4 * 3600)

    /// How long the end of what runs now is waited for, by its own stop and kill times; 90 seconds at least.
    ///
    /// Packs that need each other end one after the other; what is not through then is killed.
    package var endPatience: Duration {
        min(max(supervisor.longestStop(slack: .seconds(15)), .seconds(90)), Self.longestEnd)
    }

    /// Stops all packs in the reverse of their start order, and ends.
    ///
    /// - Parameter timeout: ``endPatience`` unless told otherwise.
    /// - Returns: whether every room was closed within `timeout`.
    @discardableResult
    package func end(timeout: Duration? = nil) -> Bool {
        facts.change(wakingAll: true) { $0.isEnding = true }
        stop.raise()
        let isQuiet = supervisor.end(timeout: timeout ?? endPatience)
        supervisor.logs.end()
        keeper.end()
        board.end()
        return isQuiet
    }

    /// Reads device.yaml and the active set again and starts what is new in it.
    ///
    /// - Returns: whether that is done; false during a change, whose end does it.
    package func reload() throws -> Bool {
        guard beginWork() else {
            facts.withLock { $0.wantsReload = true }
            return false
        }
        defer { endWork() }
        try readAgain()
        return true
    }

    func readAgain() throws {
        try readConfiguration()
        try hands(.operatorAsked).refresh()
        try startWanted(.operatorAsked)
    }

    /// Reads what the operator decides about the device; the one place that does, so that all hear of it.
    func readConfiguration() throws {
        try packs.readConfiguration()
        for hear in listeners.withLock({ $0 }) { hear() }
    }

    /// Calls `hear` whenever device.yaml has been read again, on the thread that did; it must not call back.
    package func onConfiguration(_ hear: @escaping @Sendable () -> Void) { listeners.withLock { $0.append(hear) } }

    /// Tells whoever runs the core, and packs that may see it, what somebody beside it has to say.
    package func post(_ event: CoreEvent) { board.post(event) }

    /// Whether the core is on its way out.
    var isEnding: Bool { facts.withLock { $0.isEnding } }

    func enter(_ phase: Phase) { facts.change(wakingAll: true) { $0.phase = phase } }

    /// Nothing is under way any more; what was asked for meanwhile is done now.
    func rest() {
        enter(.quiet)
        let isAsked = facts.withLock { facts in
            defer { facts.wantsReload = false }
            return facts.wantsReload
        }
        guard isAsked, !isEnding else { return }
        do {
            if try reload() { board.post(.note("the active set was read again, as asked during the change")) }
        } catch {
            board.post(.trouble("the active set was not read again: \(error)"))
        }
    }

    func hands(_ cause: ServiceCause) -> CoreHands {
        CoreHands(supervisor, packs, cause: cause) { [weak self] in self?.admit($0) }
    }

    func startWanted(_ cause: ServiceCause) throws {
        let stopped = facts.withLock { $0.stoppedByOperator }
        let resting = supervisor.supervision.machines.filter { Self.isResting($0.value) }
        // What is on its way out of the set has a machine still, and is started no more.
        let members = Set(supervisor.supervision.members)
        try supervisor.start(
            resting.keys.filter { members.contains($0) && !stopped.contains($0) }, cause: cause)
    }

    /// Whether nobody has started it yet, or it was refused for good and may have been mended since.
    private static func isResting(_ machine: ServiceMachine) -> Bool {
        switch (machine.state, machine.cause) {
        case (.staged, _), (.stopped, _): true
        case (.quarantined, .refused): machine.retryAt == nil
        default: false
        }
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

    /// Who a peer of the socket is.
    func judge(_ peer: SocketPeer) -> CorePeer {
        CorePeer(peer, core: (getpid(), geteuid()), controllers: facts.withLock { $0.controllers })
    }

    private func makeDoor() -> CoreDoor {
        let (socket, stop, board) = (socket, stop, board)
        return CoreDoor(
            CoreDoor.Work(
                accept: { () throws(SystemError) in try socket.accept(stop: stop) },
                judge: { [self] in judge($0) },
                serve: { [self] stream, peer in
                    CoreConnection(stream, peer, core: self, stop: stop).serve()
                }, tell: { board.post($0) }), stop: stop)
    }
}
