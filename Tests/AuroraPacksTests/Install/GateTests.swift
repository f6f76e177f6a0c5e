import AuroraActivation
import AuroraModel
import AuroraRuntime
import AuroraSandbox
import Synchronization
import Testing

@testable import AuroraPacks

/// How a pack is judged during a change, with a core and without one.
@Suite struct GateTests {
    /// Why a pack is not healthy, and after how many looks that was known.
    private struct Verdict: Equatable {
        let reason: String?
        let looks: Int

        init(_ reason: String?, _ looks: Int) {
            self.reason = reason
            self.looks = looks
        }
    }

    // MARK: The gate itself

    @Test("a pack is healthy when it was good twice in a row, and not before")
    func passes() throws {
        func judge(_ looks: [HealthGate.Look], within timeout: Duration = .seconds(60)) -> Verdict {
            var count = 0
            let reason = HealthGate.judge(within: timeout) { _ in
                defer { count += 1 }
                return looks[min(count, looks.count - 1)]
            }
            return Verdict(reason, count)
        }
        #expect(judge([.good]) == Verdict(nil, 2))
        #expect(judge([.good, .bad("ill"), .good, .good]) == Verdict(nil, 4))
        #expect(judge([.good, .over("dead")]) == Verdict("dead", 2))
        #expect(judge([.bad("ill")], within: .zero) == Verdict("ill", 1))
        #expect(judge([.good], within: .zero) == Verdict("it was good only once within 0 seconds", 1))
    }

    // MARK: With a core

    /// A core that answers what a test has written down, one look after the other.
    private final class ScriptedCore: PackControl {
        struct Look {
            var health = true
            var state = ServiceState.ready
            var attempt: Int64 = 1
        }

        private let looks: Mutex<[Look]>
        let asked = Mutex(0)

        init(_ looks: [Look]) { self.looks = Mutex(looks) }

        private var now: Look { looks.withLock { $0.first ?? Look() } }

        func health(_ id: PackID) throws -> PackHealth {
            asked.withLock { $0 += 1 }
            return PackHealth(passed: now.health, detail: "it is ill", output: "", milliseconds: 1)
        }

        /// Asked after the health: the end of a look.
        func status() throws -> [PackStatus] {
            let row = row
            looks.withLock { if $0.count > 1 { $0.removeFirst() } }
            return [row]
        }

        func start(_ ids: [PackID], wait: Duration) -> [PackStatus] { [row] }
        func stop(_ ids: [PackID], withDependants: Bool, wait: Duration) -> [PackStatus] { [row] }

        private var row: PackStatus {
            let now = now
            return PackStatus(
                id: "a", version: "1.0.0", state: now.state, cause: "c", detail: "for some reason", ageMilliseconds: 0,
                attempt: now.attempt, failures: 0, retryMilliseconds: nil, waitsFor: [], processes: [], droppedBytes: 0,
                logTrouble: nil, isDone: false, waived: [:])
        }
    }

    /// Gives `body` the packs `a` and `b` of a store, and where their rooms are made.
    private func withPacks(_ body: ([RunnablePack], PackRoom) throws -> Void) throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"), SamplePack(id: "b"))
            try bench.use { installer in
                let packs = try installer.list().sorted { $0.id < $1.id }
                try body(packs.map { RunnablePack(pack: $0, set: .empty) }, PackRoom(device: installer.device))
            }
        }
    }

    @Test("the core's pack must be good and ready twice within one start of it")
    func coreChecks() throws {
        try withPacks { packs, _ in
            let pack = packs[0]
            func check(_ looks: ScriptedCore.Look...) throws -> Verdict {
                let core = ScriptedCore(looks)
                let reason = try CoreServices(core).check(pack, within: .seconds(60))
                return Verdict(reason, core.asked.withLock { $0 })
            }
            #expect(try check(.init()) == Verdict(nil, 2))
            #expect(try check(.init(), .init(health: false), .init()) == Verdict(nil, 4))
            #expect(try check(.init(state: .degraded), .init()) == Verdict(nil, 3))
            #expect(try check(.init(), .init(attempt: 2)) == Verdict("it ended and was started again", 2))
            #expect(try check(.init(), .init(state: .backoff)) == Verdict("it ended: for some reason", 2))
            let ill = try CoreServices(ScriptedCore([.init(health: false)])).check(pack, within: .zero)
            #expect(ill == "it is ill")
            let slow = try CoreServices(ScriptedCore([.init(state: .starting)])).check(pack, within: .zero)
            #expect(slow == "it is not ready")
        }
    }

    @Test("a pack that the core cannot stop or start is a refusal")
    func coreRefusals() throws {
        try withPacks { packs, _ in
            let pack = packs[0]
            let core = CoreServices(ScriptedCore([.init(state: .stopping)]))
            #expect(code { try core.stop([pack.id]) } == "pack_survives")
            #expect(throws: NoVerdict.self, "the core stopped it") { try core.start(pack) }
            let failing = CoreServices(ScriptedCore([.init(state: .quarantined)]))
            #expect(code { try failing.start(pack) } == "pack_not_ready")
            let good = CoreServices(ScriptedCore([.init(state: .stopped)]))
            #expect(code { try good.stop([pack.id]) } == nil)
        }
    }

    // MARK: Without a core

    /// A room that some of its processes outlive as often as a test says.
    private final class StubbornRoom: OpenRoom {
        let closings = Mutex(0)
        private let survives: Int

        init(survives: Int) { self.survives = survives }

        func run(_ command: [String], _ options: ConfinedRun) -> ConfinedResult {
            ConfinedResult(cause: .exited(0), output: [], errorOutput: [], truncated: false, duration: .zero)
        }
        func members() -> [RoomMember] { [] }
        var ranOutOfMemory: Bool { false }
        func waitUntilEmpty(timeout: Duration) -> Bool { true }
        func close(grace: Duration) -> [RoomMember] {
            let count = closings.withLock { closings in
                closings += 1
                return closings
            }
            return count > survives ? [] : [RoomMember(pid: 7, command: "held")]
        }
    }

    /// Opens rooms that a test has made, in their order.
    private final class RoomGiver: ConfinedRunner {
        private let rooms: Mutex<[StubbornRoom]>

        init(_ rooms: [StubbornRoom]) { self.rooms = Mutex(rooms) }

        func run(
            _ command: [String], in room: Confinement, _ options: ConfinedRun
        ) throws(SandboxRefusal) -> ConfinedResult { throw SandboxRefusal(.program, "nothing is run here") }

        func open(_ room: Confinement, output: any OutputSink) throws(SandboxRefusal) -> any OpenRoom {
            guard let next = rooms.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else {
                throw SandboxRefusal(.keeper, "no more rooms")
            }
            return next
        }
    }

    @Test("a room that could not be closed is not forgotten, and one that cannot be leaves no other open")
    func stubbornRooms() throws {
        try withPacks { packs, rooms in
            let pack = packs[0]
            let (first, second) = (StubbornRoom(survives: 1), StubbornRoom(survives: .max))
            let services = TemporaryServices(runner: RoomGiver([first]), rooms: rooms)
            try services.start(pack)
            #expect(code { try services.stop([pack.id]) } == "pack_survives")
            #expect(try services.check(pack, within: .seconds(60)) == nil, "its room is known still")
            try services.stop([pack.id])
            #expect(first.closings.withLock { $0 } == 2)
            #expect(try services.check(pack, within: .zero) == "it was not started")

            let other = StubbornRoom(survives: 0)
            let both = TemporaryServices(runner: RoomGiver([other, second]), rooms: rooms)
            try both.start(pack)
            try both.start(packs[1])
            both.finish()
            #expect(second.closings.withLock { $0 } == 1 && other.closings.withLock { $0 } == 1)
        }
    }
}
