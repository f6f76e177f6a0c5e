import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import Synchronization

/// A double of the confined runner for tests of the supervisor alone: rooms are values, commands are closures.
final class DoubleRunner: ConfinedRunner {
    typealias Command = @Sendable (DoubleRoom) -> ConfinedResult.Cause

    /// What each command does, by its path; unknown ones succeed.
    let commands: Mutex<[String: Command]>
    private let rooms = Monitor<[DoubleRoom]>([])
    let refusal: Mutex<SandboxRefusal?>

    init(_ commands: [String: Command] = [:], refusal: SandboxRefusal? = nil) {
        self.commands = Mutex(commands)
        self.refusal = Mutex(refusal)
    }

    func run(_ command: [String], in room: Confinement, _ options: ConfinedRun) throws(SandboxRefusal) -> ConfinedResult
    {
        try open(room, output: Deaf()).run(command, options)
    }

    func open(_ room: Confinement, output: any OutputSink) throws(SandboxRefusal) -> any OpenRoom {
        if let refusal = refusal.withLock({ $0 }) { throw refusal }
        let opened = DoubleRoom(room, output: output, runner: self)
        rooms.change(wakingAll: true) { $0.append(opened) }
        return opened
    }

    /// The rooms that were opened, in their order, once there are `count`.
    func rooms(_ count: Int) -> [DoubleRoom] {
        rooms.wait(timeout: .seconds(20)) { $0.count >= count ? $0 : nil } ?? []
    }

    private struct Deaf: OutputSink {
        func receive(_ bytes: [UInt8], from stream: OutputStreamName) {}
    }
}

final class DoubleRoom: OpenRoom {
    struct State {
        var members: [RoomMember] = []
        var ranOutOfMemory = false
        var lastExit: ServiceExit?
        var ran: [String] = []
        var isClosed = false
    }

    let room: Confinement
    let output: any OutputSink
    let state = Monitor(State())
    private let runner: DoubleRunner

    init(_ room: Confinement, output: any OutputSink, runner: DoubleRunner) {
        self.room = room
        self.output = output
        self.runner = runner
    }

    func run(_ command: [String], _ options: ConfinedRun) throws(SandboxRefusal) -> ConfinedResult {
        let path = command.first ?? ""
        state.withLock { $0.ran.append(path) }
        let cause = runner.commands.withLock { $0[path] }?(self) ?? .exited(0)
        return ConfinedResult(cause: cause, output: [], errorOutput: [], truncated: false, duration: .zero)
    }

    func members() -> [RoomMember] { state.withLock { $0.members } }
    var ranOutOfMemory: Bool { state.withLock { $0.ranOutOfMemory } }

    var lastExit: ServiceExit? { state.withLock { $0.lastExit } }

    func waitUntilEmpty(timeout: Duration) -> Bool {
        state.wait(timeout: timeout) { $0.members.isEmpty ? true : nil } ?? false
    }

    func close(grace: Duration) -> [RoomMember] {
        state.change(wakingAll: true) {
            $0.members = []
            $0.isClosed = true
        }
        return []
    }

    /// Leaves a process behind.
    func spawn(_ command: String) {
        state.change(wakingAll: true) { $0.members.append(RoomMember(pid: 4711, command: command)) }
    }

    /// Its processes end.
    func die(_ exit: ServiceExit = .signalled(9), outOfMemory: Bool = false) {
        state.change(wakingAll: true) {
            $0.lastExit = exit
            $0.ranOutOfMemory = outOfMemory
            $0.members = []
        }
    }
}
