import AuroraActivation
import AuroraModel
import AuroraPacks
import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import Synchronization

/// A double of the sandbox: runs a pack's program with bash on this machine, without any wall around it.
///
/// Packs find `logs` and `data` through the links in their trees, as they do by hand.
final class RunnerDouble: ConfinedRunner {
    /// What rooms lack here.
    let missing = Mutex<[SandboxRefusal]>([])
    private let calls = Mutex<[(command: String, room: Confinement)]>([])

    /// What was run, such as `a: install.sh --install`.
    var commands: [String] { calls.withLock { $0.map { "\($0.room.id): \($0.command)" } } }
    var rooms: [Confinement] { calls.withLock { $0.map(\.room) } }

    func missingLayers() -> [SandboxRefusal] { missing.withLock { $0 } }

    func run(
        _ command: [String], in room: Confinement, _ options: ConfinedRun
    ) throws(SandboxRefusal) -> ConfinedResult {
        let script = String(command[1].dropFirst(room.place.count + 1))
        calls.withLock { $0.append((([script] + command.dropFirst(2)).joined(separator: " "), room)) }
        // A rehearsal brings folders of its own, which the links in the tree do not lead to.
        let data = room.mounts.first { $0.inside.contains("/data/") }?.host ?? ""
        do {
            let result = try Processes.run(
                ProcessSpec(
                    executable: "/usr/bin/bash", arguments: ["\(room.code)/\(script)"] + command.dropFirst(2),
                    environment: room.environment.merging(["PATH": "/usr/bin:/bin", "TEST_DATA": data]) { $1 },
                    workingDirectory: room.code, timeout: options.timeout))
            let cause: ConfinedResult.Cause =
                switch result.outcome {
                case .exited(let status): .exited(status)
                case .signalled(let signal): .signalled(signal)
                case .timedOut: .timedOut
                case .stopped: .stopped
                }
            return ConfinedResult(
                cause: cause, output: result.output, errorOutput: result.errorOutput, truncated: false,
                duration: .zero)
        } catch {
            throw SandboxRefusal(.program, "\(error)", remedy: "this is a double")
        }
    }

    func open(_ room: Confinement, output: any OutputSink) throws(SandboxRefusal) -> any OpenRoom {
        OpenRoomDouble(runner: self, room: room)
    }
}

/// A double of an open room: nothing stays in it.
final class OpenRoomDouble: OpenRoom {
    let runner: RunnerDouble
    let room: Confinement

    init(runner: RunnerDouble, room: Confinement) {
        self.runner = runner
        self.room = room
    }

    func run(_ command: [String], _ options: ConfinedRun) throws(SandboxRefusal) -> ConfinedResult {
        try runner.run(command, in: room, options)
    }
    func members() -> [RoomMember] { [] }
    var ranOutOfMemory: Bool { false }
    func waitUntilEmpty(timeout: Duration) -> Bool { true }
    func close(grace: Duration) -> [RoomMember] { [] }
}

/// A double of what stops and starts packs: remembers what it was asked, in order.
final class ServicesDouble: PackServices {
    private struct State {
        var log: [String] = []
        var running: [PackID: SemanticVersion] = [:]
        var ill: [String: String] = [:]
        var brokenStarts: Set<String> = []
        var cannotStop = false
        var isGone = false
    }
    private let state = Mutex(State())

    /// `stop a`, `start a 1.0.0`, `check a 1.0.0`.
    var log: [String] { state.withLock { $0.log } }
    var running: [String] { state.withLock { $0.running.map { "\($0.key) \($0.value)" }.sorted() } }
    func forget() { state.withLock { $0.log = [] } }
    /// From now on `id version` is not healthy, for this reason.
    func makeIll(_ pack: String, _ reason: String?) { state.withLock { $0.ill[pack] = reason } }
    func breakStart(_ pack: String) { state.withLock { _ = $0.brokenStarts.insert(pack) } }
    /// From now on, or no longer, nobody can be asked.
    func vanish(_ isGone: Bool = true) { state.withLock { $0.isGone = isGone } }
    func refuseStops() { state.withLock { $0.cannotStop = true } }

    struct Fault: Error, CustomStringConvertible { let description: String }

    func stop(_ packs: [PackID]) throws {
        try state.withLock { state in
            if state.cannotStop, !packs.isEmpty { throw Fault(description: "process 7 is still there") }
            for id in packs where state.running.removeValue(forKey: id) != nil { state.log.append("stop \(id)") }
        }
    }

    func start(_ pack: RunnablePack) throws {
        try state.withLock { state in
            let name = "\(pack.id) \(pack.pack.version)"
            if state.isGone { throw NoVerdict("the core has ended") }
            state.log.append("start \(name)")
            if state.brokenStarts.contains(name) { throw Fault(description: "start.sh ended with exit status 1") }
            state.running[pack.id] = pack.pack.version
        }
    }

    func check(_ pack: RunnablePack, within timeout: Duration) throws -> String? {
        state.withLock { state in
            let name = "\(pack.id) \(pack.pack.version)"
            state.log.append("check \(name) \(timeout.components.seconds) s")
            return state.ill[name]
        }
    }

    func finish() {}
}
