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
    /// The packs for which a command ran in a room of its own.
    let asked = Monitor<[String]>([])

    func run(_ command: [String], in room: Confinement, _ options: ConfinedRun) throws(SandboxRefusal) -> ConfinedResult
    {
        asked.change { $0.append(room.id) }
        return DoubleRoom(room.id, nil).run(command, options)
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
        /// The rooms that `renewed` was asked about.
        var judged: [Confinement] = []
        /// What `renewed` refuses, by the room.
        var refusals: [String: any Error] = [:]
        var definitions: [ServiceDefinition] = []
        var recoveries = 0
        var isInterrupted = false
        /// How many recoveries find somebody else at work.
        var busyLooks = 0
        /// How often what the operator decides was read, and whether it cannot be.
        var (configurationReads, isConfigurationBad) = (0, false)
        /// Whether whoever reads the set waits, and how many do.
        var (isHeld, readers) = (false, 0)
        /// What a recovery does with the hands of the core.
        var judge: (@Sendable (any PackControl) throws -> Void)?
    }

    let state = Monitor(State())

    init(_ definitions: [ServiceDefinition]) { state.withLock { $0.definitions = definitions } }

    func definitions() -> [ServiceDefinition] {
        state.change(wakingAll: true) { $0.readers += 1 }
        _ = state.wait(timeout: .seconds(20)) { $0.isHeld ? nil : true }
        return state.withLock { state in
            state.readers -= 1
            return state.definitions
        }
    }

    /// From now on whoever reads the set waits.
    func holdReading() { state.change { $0.isHeld = true } }
    func waitForReader() { _ = state.wait(timeout: .seconds(20)) { $0.readers > 0 ? true : nil } }
    func letRead() { state.change(wakingAll: true) { $0.isHeld = false } }

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
        try state.withLock { $0.judge }?(control)
        return wasInterrupted ? "put back" : nil
    }

    func renewed(_ room: Confinement) throws -> Confinement {
        state.change(wakingAll: true) { $0.judged.append(room) }
        if let refusal = state.withLock({ $0.refusals[room.id] }) { throw refusal }
        var room = room
        room.waivers = state.withLock { $0.waivers }
        return room
    }

    func readConfiguration() throws {
        guard state.withLock({ !$0.isConfigurationBad }) else { throw Fault() }
        state.withLock { $0.configurationReads += 1 }
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

/// Something that goes on beside a test.
final class Background<Value: Sendable>: Sendable {
    private let result = Monitor<Result<Value, any Error>?>(nil)

    init(_ body: @escaping @Sendable () throws -> Value) {
        let thread = ServiceThread(name: "beside", stackSize: 512 << 10) { [result] in
            let end = Result(catching: body)
            result.change(wakingAll: true) { $0 = end }
        }
        thread?.leave()
    }

    var isOver: Bool { result.withLock { $0 != nil } }

    /// What came of it; waits for that.
    func value() throws -> Value {
        guard let end = result.wait(timeout: .seconds(60), { $0 }) else { throw DoublePacks.Fault() }
        return try end.get()
    }
}
