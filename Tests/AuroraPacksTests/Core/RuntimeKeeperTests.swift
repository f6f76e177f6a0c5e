import AuroraRuntime
import AuroraSystem
import Testing

@testable import AuroraPacks

@Suite struct RuntimeKeeperTests {
    @Test("what could not be written is told once and written with the next change")
    func retrying() throws {
        let packs = DoublePacks([])
        packs.state.withLock { $0.keepFaults = 2 }
        let events = Monitor<[CoreEvent]>([])
        let keeper = RuntimeKeeper(packs, pause: .seconds(600)) { event in
            events.change(wakingAll: true) { $0.append(event) }
        }
        keeper.begin(Self.look)
        func write(_ id: String, faults: Int) {
            keeper.note(id)
            #expect(packs.state.wait(timeout: .seconds(20)) { $0.keepFaults == faults ? true : nil } == true)
        }
        write("a", faults: 1)
        write("b", faults: 0)
        keeper.note("c")
        keeper.end()
        #expect(packs.state.withLock { $0.kept.map { $0.pack.id } } == ["a", "b", "c"])
        #expect(events.withLock { $0 }.count == 1)
    }

    @Test("what could not be written is written by and by when nothing changes any more")
    func waiting() throws {
        let packs = DoublePacks([])
        packs.state.withLock { $0.keepFaults = 3 }
        let keeper = RuntimeKeeper(packs, pause: .milliseconds(1)) { _ in }
        keeper.begin(Self.look)
        keeper.note("a")
        #expect(packs.state.wait(timeout: .seconds(20)) { $0.kept.isEmpty ? nil : true } == true)
        keeper.end()
        #expect(packs.state.withLock { $0.kept.map { $0.pack.id } } == ["a"])
    }

    @Test("what could not be written is tried a few times more at the end, and not for ever")
    func ending() throws {
        for (faults, written) in [(3, ["a"]), (1000, [])] {
            let packs = DoublePacks([])
            packs.state.withLock { $0.keepFaults = faults }
            let keeper = RuntimeKeeper(packs, pause: .seconds(600)) { _ in }
            keeper.note("a")
            keeper.begin(Self.look)
            keeper.end()
            #expect(packs.state.withLock { $0.kept.map { $0.pack.id } } == written)
        }
    }

    private static func look(_ ids: Set<String>?) -> [ServiceRuntime] {
        (ids ?? []).sorted().map { ServiceRuntime(id: $0, state: .ready, definition: nil, cgroup: nil) }
    }
}
