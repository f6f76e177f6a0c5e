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
        let keeper = RuntimeKeeper(packs) { event in events.change(wakingAll: true) { $0.append(event) } }
        keeper.begin { ids in
            (ids ?? []).sorted().map { ServiceRuntime(id: $0, state: .ready, definition: nil, cgroup: nil) }
        }
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
}
