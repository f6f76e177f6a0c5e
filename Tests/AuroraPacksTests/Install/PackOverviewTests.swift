import AuroraActivation
import AuroraDatabase
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraPacks

/// Looking at the packs of a device, which waits for nobody.
@Suite("packs looked at")
struct PackOverviewTests {
    @Test("what is there is shown while somebody else holds the device")
    func beside() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"), SamplePack(id: "b"))
            try bench.install("a")
            try bench.use { _ throws in
                #expect(try bench.looking { try $0.list().map { "\($0.id) \($0.version)" } } == ["a 1.0.0", "b 1.0.0"])
                #expect(try bench.looking { try $0.active().members.map(\.id.text) } == ["a"])
                #expect(try bench.looking { try $0.openChange() } == nil)
                #expect(try bench.info("a").active != nil && bench.info("b").active == nil)
                #expect(code { _ = try bench.info("c") } == "pack_unknown")
            }
        }
    }

    @Test("a change that is open is left alone and said, and what the link leads to counts as active")
    func openChange() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"))
            bench.services.vanish()
            #expect(throws: NoVerdict.self) { try bench.install("a") }
            #expect(
                try bench.looking { try $0.openChange() }
                    == "a change from generation 0 to generation 1 has begun and has not ended")
            let kept = try bench.looking { try $0.generations() }
            #expect(kept.map(\.number) == [1, 0] && kept.map(\.isActive) == [true, false])
            #expect(kept.allSatisfy { !$0.isWayBack }, "nothing is settled before the end")
            #expect(try bench.info("a").active?.version == SemanticVersion("1.0.0"))
            bench.services.vanish(false)
            try bench.open { _, recovery in #expect(recovery.report.outcome?.result == .committed) }
            #expect(try bench.looking { try $0.openChange() } == nil)
        }
    }

    @Test("generations are shown with their packs, the active one, the way back, what is pinned and what failed")
    func generations() throws {
        try withBench { bench in
            #expect(try bench.looking { try $0.generations() }.isEmpty, "a device that nobody used yet")
            for version in ["1.0.0", "2.0.0", "3.0.0"] {
                try bench.stage(SamplePack(id: "a", version: version))
                try bench.install("a")
            }
            try bench.use { try $0.engine.pin(1) }
            func shown() throws -> [String] {
                try bench.looking { try $0.generations() }.map { item in
                    let packs = item.packs?.members.map { "\($0.id) \($0.version)" } ?? ["damaged"]
                    let marks = [(item.isActive, "active"), (item.isWayBack, "way back"), (item.isPinned, "pinned")]
                    return (["\(item.number)"] + packs + marks.filter(\.0).map(\.1) + [item.failure ?? ""])
                        .joined(separator: " ")
                }
            }
            #expect(try shown() == ["3 a 3.0.0 active ", "2 a 2.0.0 way back ", "1 a 1.0.0 pinned ", "0 "])
            try bench.use { _ = try $0.rollback(reason: "too slow", by: TestBench.ada) }
            #expect(try shown() == ["3 a 3.0.0 too slow", "2 a 2.0.0 active ", "1 a 1.0.0 pinned ", "0 "])
        }
    }

    @Test("a row without its tree is not shown, and an active pack without a row is, as one that nobody knows")
    func rows() throws {
        try withBench { bench in
            let trees = try bench.stage(SamplePack(id: "a"), SamplePack(id: "b")).map(\.tree)
            try bench.install("a")
            try bench.use { installer in
                try installer.device.database.write { _ = try PackStore.forget(trees[0], in: $0) }
                try FileTree.remove(bench.places.stored(trees[1]))
            }
            let list = try bench.looking { try $0.list() }
            #expect(list.map(\.id.text) == ["a"] && list.first?.staged.origin == .unknown)
            #expect((list.first?.staged.bytes ?? 0) > 0)
        }
    }
}
