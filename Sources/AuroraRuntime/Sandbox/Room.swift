import AuroraSandbox
import AuroraSystem
import Glibc

/// The real ``OpenRoom``: a thread of its own holds the room, takes requests, and drains every output.
final class Room: OpenRoom {
    private let shared: RoomState
    private let thread: ServiceThread

    /// Opens it; blocks until every layer is in place.
    ///
    /// - Parameter first: a command that runs as soon as they are.
    init(_ opening: RoomOpening, output: (any OutputSink)?, first: RoomRequest? = nil) throws(SandboxRefusal) {
        let shared: RoomState
        do throws(SystemError) {
            shared = RoomState(waker: try Waker(), first: first)
        } catch {
            throw SandboxRefusal(.keeper, "\(error)")
        }
        let work: @Sendable () -> Void = { RoomLoop.serve(opening, shared, output) }
        guard let thread = ServiceThread(name: "room", stackSize: 512 << 10, run: work) else {
            throw SandboxRefusal(.keeper, "no thread can be started for it")
        }
        self.shared = shared
        self.thread = thread
        let refusal: SandboxRefusal? =
            shared.monitor.wait { facts in
                switch facts.phase {
                case .opening: nil
                case .refused(let refusal): .some(refusal)
                case .open, .ended: .some(nil)
                }
            } ?? nil
        if let refusal { throw refusal }
    }

    deinit {
        shared.ask { $0.closing = $0.closing ?? .zero }
        // The thread itself may hold the last reference, through a sink.
        if thread.isCurrent { thread.leave() } else { thread.join() }
    }

    /// Runs one command in a room that is closed after it.
    static func run(
        _ command: [String], _ options: ConfinedRun, in opening: RoomOpening
    ) throws(SandboxRefusal) -> ConfinedResult {
        let request = RoomRequest(id: 1, command: command, options: options)
        let room = try Room(opening, output: nil, first: request)
        defer { _ = room.close(grace: .zero) }
        return try room.answer(to: request.id)
    }

    func run(_ command: [String], _ options: ConfinedRun) throws(SandboxRefusal) -> ConfinedResult {
        let id = shared.ask { facts in
            facts.add(RoomRequest(id: facts.lastID &+ 1, command: command, options: options))
            return facts.lastID
        }
        return try answer(to: id)
    }

    private func answer(to id: UInt32) throws(SandboxRefusal) -> ConfinedResult {
        let answer: Result<ConfinedResult, SandboxRefusal>? = shared.monitor.wait { facts in
            if let answer = facts.answers.removeValue(forKey: id) { return answer }
            if case .ended = facts.phase { return .failure(Room.closed) }
            return nil
        }
        // It waits without a limit, so there is one.
        guard let answer else { throw Room.closed }
        return try answer.get()
    }

    private static let closed = SandboxRefusal(.keeper, "the room is closed", remedy: "open it again")

    func members() -> [RoomMember] {
        guard let keeper = shared.monitor.withLock({ $0.keeper })?.pid else { return [] }
        return RoomState.members(ProcessTree.descendants(of: keeper))
    }

    var ranOutOfMemory: Bool { shared.monitor.withLock { $0.memoryKills } ?? shared.group?.memoryKills ?? 0 > 0 }

    var cgroup: String? { shared.group?.path }

    var lastExit: ServiceExit? { shared.monitor.withLock { $0.lastExit } }

    func waitUntilEmpty(timeout: Duration) -> Bool {
        shared.monitor.wait(timeout: timeout) { $0.isEmpty ? true : nil } ?? false
    }

    func close(grace: Duration) -> [RoomMember] {
        shared.ask { $0.closing = min($0.closing ?? grace, grace) }
        return shared.monitor.wait { facts in
            guard case .ended = facts.phase else { return nil }
            return facts.survivors
        } ?? []
    }
}

/// What a room's thread and its callers share.
final class RoomState: Sendable {
    struct Facts {
        enum Phase {
            case opening
            case refused(SandboxRefusal)
            case open
            case ended
        }

        var phase = Phase.opening
        /// What it is counted in and ended with, from the middle of its start.
        var group: Cgroup?
        var requests: [RoomRequest] = []
        var answers: [UInt32: Result<ConfinedResult, SandboxRefusal>] = [:]
        var lastID: UInt32 = 0
        var isEmpty = true
        /// How the last process ended that a program had left behind, once nothing is left running.
        var lastExit: ServiceExit?
        /// The grace, once somebody wants it closed.
        var closing: Duration?
        var survivors: [RoomMember] = []
        /// From when the room is open to its end.
        var keeper: RoomKeeper?
        /// The count at the end, when the group has gone.
        var memoryKills: Int?

        mutating func add(_ request: RoomRequest) {
            lastID = request.id
            requests.append(request)
            isEmpty = false
        }
    }

    let monitor: Monitor<Facts>
    let waker: Waker
    var group: Cgroup? { monitor.withLock { $0.group } }

    init(waker: Waker, first: RoomRequest?) {
        var facts = Facts()
        if let first { facts.add(first) }
        monitor = Monitor(facts)
        self.waker = waker
    }

    /// Changes what the thread looks at, and wakes it.
    func ask<Answer>(_ body: (inout Facts) -> Answer) -> Answer {
        let answer = monitor.withLock(body)
        waker.wake()
        return answer
    }

    static func members(_ pids: [Int32]) -> [RoomMember] {
        pids.compactMap { pid in ProcessTree.command(of: pid).map { RoomMember(pid: pid, command: $0) } }
    }
}

/// A command that somebody waits for.
struct RoomRequest: Sendable {
    let id: UInt32
    let command: [String]
    let options: ConfinedRun
}
