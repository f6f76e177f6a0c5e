import AuroraModel
import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import Glibc
import Synchronization

@testable import AuroraPacks

/// A double of the confined runner: `start` leaves one process, everything else succeeds.
final class DoubleRunner: ConfinedRunner {
    let rooms = Monitor<[DoubleRoom]>([])

    func run(_ command: [String], in room: Confinement, _ options: ConfinedRun) throws(SandboxRefusal) -> ConfinedResult
    {
        DoubleRoom(room.id, nil).run(command, options)
    }

    func open(_ room: Confinement, output: any OutputSink) throws(SandboxRefusal) -> any OpenRoom {
        let opened = DoubleRoom(room.id, output)
        rooms.change(wakingAll: true) { $0.append(opened) }
        return opened
    }

    /// The room of a pack that was opened last.
    func room(_ id: String) -> DoubleRoom? {
        rooms.wait(timeout: .seconds(20)) { rooms in rooms.last { $0.id == id } }
    }
}

final class DoubleRoom: OpenRoom {
    let id: String
    private let output: (any OutputSink)?
    private let processes = Monitor<[RoomMember]>([])

    init(_ id: String, _ output: (any OutputSink)?) {
        self.id = id
        self.output = output
    }

    func run(_ command: [String], _ options: ConfinedRun) -> ConfinedResult {
        if command.first == "/start" {
            processes.change(wakingAll: true) { $0 = [RoomMember(pid: 99, command: "daemon \(id)")] }
            output?.receive(Array("hello from \(id)\n".utf8), from: .output)
        }
        return ConfinedResult(
            cause: .exited(0), output: Array("well".utf8), errorOutput: [], truncated: false, duration: .zero)
    }

    var cgroup: String? { "/groups/\(id)" }
    func members() -> [RoomMember] { processes.withLock { $0 } }
    var ranOutOfMemory: Bool { false }
    var lastExit: ServiceExit? { .signalled(9) }
    func waitUntilEmpty(timeout: Duration) -> Bool {
        processes.wait(timeout: timeout) { $0.isEmpty ? true : nil } ?? false
    }
    func close(grace: Duration) -> [RoomMember] {
        die()
        return []
    }
    func die() { processes.change(wakingAll: true) { $0 = [] } }
}

/// A double of the installer's side: a set that a test changes by hand.
final class DoublePacks: ActivePacks {
    struct State {
        /// What was written down, in its order, and whether it was all there is.
        var kept: [(pack: ServiceRuntime, isAll: Bool)] = []
        /// How often writing down fails from now on.
        var keepFaults = 0
        /// What `renewed` lets rooms go without.
        var waivers: [SandboxLayer: String] = [:]
        var definitions: [ServiceDefinition] = []
        var recoveries = 0
        var isInterrupted = false
        /// How many recoveries find somebody else at work.
        var busyLooks = 0
    }

    let state = Monitor(State())

    init(_ definitions: [ServiceDefinition]) { state.withLock { $0.definitions = definitions } }

    func definitions() -> [ServiceDefinition] { state.withLock { $0.definitions } }

    func recover(through control: any PackControl) throws -> String? {
        var (wasInterrupted, isBusy) = (false, false)
        state.change(wakingAll: true) { state in
            isBusy = state.busyLooks > 0
            if isBusy {
                state.busyLooks -= 1
                return
            }
            state.recoveries += 1
            wasInterrupted = state.isInterrupted
            state.isInterrupted = false
        }
        if isBusy { throw Refusal(.conflict, code: "device_busy", "busy", rule: "", remedy: "") }
        return wasInterrupted ? "put back" : nil
    }

    func renewed(_ room: Confinement) -> Confinement {
        var room = room
        room.waivers = state.withLock { $0.waivers }
        return room
    }

    struct Fault: Error {}

    func keep(_ packs: [ServiceRuntime], isAll: Bool) throws {
        var isFaulty = false
        state.change(wakingAll: true) { state in
            isFaulty = state.keepFaults > 0
            if isFaulty { state.keepFaults -= 1 } else { state.kept += packs.map { ($0, isAll) } }
        }
        if isFaulty { throw Fault() }
    }

    static func service(_ id: String, needs: [String] = []) -> ServiceDefinition {
        let room = Confinement(id: id, identity: SandboxIdentity(uid: getuid(), gid: getgid()), code: "/store/\(id)")
        var definition = ServiceDefinition(
            id: id, version: "1.2.3", room: room, start: ["/start"], stop: ["/stop"], health: ["/health"])
        definition.needs = needs
        definition.settings.settleTime = .milliseconds(1)
        definition.settings.restart.base = .milliseconds(1)
        return definition
    }
}
