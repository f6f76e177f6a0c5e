import AuroraSandbox
import AuroraSystem
import Glibc

/// What a room's thread does, from opening to removing the group.
///
/// Confined to that thread.
final class RoomLoop {
    private let keeper: RoomKeeper
    private let shared: RoomState
    private let sink: (any OutputSink)?
    private var programs: [RoomProgram] = []
    private var streams: [RoomStream] = []
    private var isGone = false
    private var deadline: ContinuousClock.Instant?

    private init(_ keeper: RoomKeeper, _ shared: RoomState, _ sink: (any OutputSink)?) {
        self.keeper = keeper
        self.shared = shared
        self.sink = sink
    }

    /// Opens the room, serves it until it is closed or has ended by itself, and cleans up.
    static func serve(_ opening: RoomOpening, _ shared: RoomState, _ sink: (any OutputSink)?) {
        let loop: RoomLoop
        do throws(SandboxRefusal) {
            var early: RoomLoop?
            // What is asked now waits in the keeper's socket: it runs as soon as the layers are there.
            let keeper = try opening.open(shared) { keeper in
                early = RoomLoop(keeper, shared, sink)
                early?.takeRequests()
            }
            loop = early ?? RoomLoop(keeper, shared, sink)
        } catch {
            return shared.monitor.change(wakingAll: true) { $0.phase = .refused(error) }
        }
        shared.monitor.change(wakingAll: true) {
            $0.keeper = loop.keeper
            $0.phase = .open
        }
        for program in loop.programs { program.begin() }
        while !loop.isGone { loop.turn() }
        loop.finish()
    }

    // MARK: One turn

    private func turn() {
        var entries = [
            pollfd(fd: shared.waker.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: keeper.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: keeper.process.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        let fixed = entries.count
        entries += streams.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        entries += programs.map { pollfd(fd: $0.stopDescriptor, events: Int16(POLLIN), revents: 0) }
        _ = poll(&entries, nfds_t(entries.count), pause)
        // Output before ends: what a program wrote before it ended belongs to its result.
        for (index, stream) in streams.enumerated() where entries[fixed + index].revents != 0 { read(stream) }
        streams.removeAll { $0.isAtEnd }
        if entries[1].revents != 0 { while let message = keeper.receive(), !isGone { take(message) } }
        if entries[2].revents != 0 { isGone = true }
        if entries[0].revents != 0 { takeRequests() }
        let now = ContinuousClock.now
        for program in programs { program.enforce(now, keeper) }
        if let deadline, now >= deadline { dismiss() }
    }

    private var pause: Int32 {
        guard let next = (programs.compactMap(\.deadline) + (deadline.map { [$0] } ?? [])).min() else { return -1 }
        return ContinuousClock.now.milliseconds(until: next)
    }

    private func takeRequests() {
        shared.waker.clear()
        let (requests, closing) = shared.monitor.withLock { facts in
            defer { facts.requests = [] }
            return (facts.requests, facts.closing)
        }
        for request in requests { start(request) }
        guard let closing, deadline == nil else { return }
        let isEmpty = shared.monitor.withLock { $0.isEmpty }
        if closing > .zero, !isEmpty {
            deadline = ContinuousClock.now + closing
            keeper.signalAll(SIGTERM)
        } else {
            dismiss()
        }
    }

    private func start(_ request: RoomRequest) {
        do throws(SandboxRefusal) {
            let program = RoomProgram(request, memoryKills: shared.group?.memoryKills ?? 0)
            streams += try program.start(keeper)
            programs.append(program)
        } catch {
            answer(request.id, .failure(error))
        }
    }

    private func take(_ message: RoomKeeper.Message) {
        switch message {
        case .ended(let id, let outcome): end(id, outcome)
        case .failed(let id, let code):
            guard let index = programs.firstIndex(where: { $0.id == id }) else { return }
            let program = programs.remove(at: index)
            let refusal = SystemError(operation: "execve", path: program.command.first, errno: code)
            answer(id, .failure(SandboxRefusal(.program, "\(refusal)")))
        case .empty(let lastID, let orphan):
            shared.monitor.change(wakingAll: true) { facts in
                guard facts.lastID == lastID else { return }
                facts.isEmpty = true
                facts.lastExit = orphan.flatMap(ServiceExit.init)
            }
            if deadline != nil { dismiss() }
        case .gone: isGone = true
        case .ready, .refused: break
        }
    }

    private func end(_ id: UInt32, _ outcome: ProcessOutcome) {
        guard let index = programs.firstIndex(where: { $0.id == id }) else { return }
        let program = programs.remove(at: index)
        for stream in streams where stream.program === program { for _ in 0..<64 where read(stream) {} }
        let kills = shared.group?.memoryKills ?? 0
        answer(id, .success(program.result(outcome, memoryKills: kills)))
    }

    private func answer(_ id: UInt32, _ answer: Result<ConfinedResult, SandboxRefusal>) {
        shared.monitor.change(wakingAll: true) { $0.answers[id] = answer }
    }

    /// Takes at most 64 KiB; whether there may be more.
    @discardableResult
    private func read(_ stream: RoomStream) -> Bool {
        guard let bytes = stream.read() else { return false }
        stream.program?.take(bytes, from: stream.name)
        sink?.receive(bytes, from: stream.name)
        return true
    }

    // MARK: The end

    private func dismiss() {
        keeper.dismiss()
        // The kernel ends the process namespace; bubblewrap collects it and ends. Killed when that takes long.
        if (try? keeper.process.wait(timeout: .seconds(5))) ?? nil == nil { keeper.process.kill() }
        isGone = true
    }

    private func finish() {
        keeper.process.kill()
        _ = try? keeper.process.wait(timeout: .seconds(5))
        shared.group?.kill()
        let kills = shared.group?.memoryKills
        for program in programs { end(program.id, .signalled(SIGKILL)) }
        for stream in streams { for _ in 0..<64 where read(stream) {} }
        let survivors = RoomState.members(shared.group?.remove(timeout: .seconds(5)) ?? [])
        shared.monitor.change(wakingAll: true) {
            $0.survivors = survivors
            $0.memoryKills = kills
            // Its end takes along whatever still ran.
            if !$0.isEmpty { $0.lastExit = .unknown }
            $0.isEmpty = true
            $0.keeper = nil
            $0.phase = .ended
        }
    }
}
