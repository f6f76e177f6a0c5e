import AuroraActivation
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraPacks

/// What a collection removes of packs' data, and what it leaves for the way back.
@Suite struct DataCollectionTests {
    private static let migrate = "hooks: {migrate: \"migrate.sh\"}"

    /// A pack whose data have this schema, with a hook that leaves them as they are.
    private func pack(_ version: String, schema: Int) -> SamplePack {
        SamplePack(
            id: "a", version: version, schema: schema, lines: [Self.migrate, "data: {schema_version: \(schema)}"],
            files: ["migrate.sh": "exit 0"])
    }

    private func install(_ version: String, schema: Int, state: String, _ bench: TestBench) throws {
        try bench.stage(pack(version, schema: schema))
        try bench.install("a")
        try write(state, to: "\(bench.places.live)/a/data/state")
    }

    private func schemas(_ bench: TestBench) throws -> [Int] {
        try DataFolders(places: bench.places).schemas(of: try #require(PackID("a")))
    }

    private func collect(_ bench: TestBench) throws -> PackCollection {
        try bench.use { try $0.collect(by: TestBench.ada) }
    }

    private func takeBack(_ bench: TestBench) throws {
        try bench.use { _ = try $0.rollback(reason: "x", by: TestBench.ada) }
    }

    @Test("after a change old copies go, and the one that takes it back stays although it is above the bound")
    func afterChange() throws {
        try withBench { bench in
            bench.configuration.snapshots.bytes = 4
            for minor in 0...3 {
                try bench.stage(SamplePack(id: "a", version: "1.\(minor).0", lines: ["data: {snapshot: always}"]))
                let outcome = try bench.install("a")
                // Its manifest and facts count too, so that every copy alone is above the bound.
                #expect((outcome.snapshotExcess > 0) == (minor > 0))
                try write("state \(minor)", to: "\(bench.places.live)/a/data/state")
                let left = try bench.use { try $0.parts.snapshots.all().map(\.generation) }
                #expect(left == (minor > 0 ? [minor + 1] : []))
            }
            #expect(try DirectoryNames.read(in: bench.places.snapshots).map(\.display) == ["4"])
            #expect(try collect(bench).snapshots.excess > 0)
            try takeBack(bench)
            // Nothing can be taken back any more, so nothing is spared.
            #expect(try collect(bench).snapshots == SnapshotCollection(removed: [], excess: 0))
            #expect(try DirectoryNames.read(in: bench.places.snapshots).isEmpty)
            #expect(try bench.logged().filter { $0 == "pack.collect" }.count == 5)
        }
    }

    @Test("a copy that a rollback brings back is there after the collection, whatever the bounds")
    func neverBlocksRollback() throws {
        try withBench { bench in
            (bench.configuration.snapshots.keep, bench.configuration.snapshots.bytes) = (0, 0)
            bench.configuration.store.keep = 1
            try install("1.0.0", schema: 1, state: "one", bench)
            try install("1.1.0", schema: 1, state: "two", bench)
            #expect(try collect(bench).snapshots.removed.isEmpty)
            try takeBack(bench)
            #expect(try bench.data("a") == "one")
        }
    }

    @Test("data of a schema go when no kept generation uses them, and a rollback still finds its own")
    func oldSchemas() throws {
        try withBench { bench in
            bench.configuration.store.keep = 1
            try install("1.0.0", schema: 1, state: "one", bench)
            try install("2.0.0", schema: 2, state: "two", bench)
            // Both generations are kept: one is active, the other takes it back.
            #expect(try collect(bench).data.isEmpty)
            try install("3.0.0", schema: 3, state: "three", bench)
            let a = try #require(PackID("a"))
            #expect(try collect(bench).data == [SchemaFolder(pack: a, schema: 1)])
            #expect(try schemas(bench) == [2, 3])
            #expect(try DirectoryNames.read(in: "\(bench.places.root)/staging").isEmpty)
            try takeBack(bench)
            #expect(try bench.data("a") == "two")
            // The failed generation is kept until the next collection finds nothing that needs it.
            #expect(try collect(bench).generations.contains(2) == false)
            #expect(try bench.data("a") == "two")
        }
    }

    @Test("a pack that no kept generation has keeps its newest data")
    func removedPack() throws {
        try withBench { bench in
            bench.configuration.store.keep = 1
            try bench.stage(SamplePack(id: "b"))
            try install("1.0.0", schema: 1, state: "one", bench)
            try install("2.0.0", schema: 2, state: "two", bench)
            let a = try #require(PackID("a"))
            try bench.use {
                _ = try $0.install(.change([.removal(a)]), approval: TestBench.typed, by: TestBench.ada)
            }
            try bench.install("b")
            try bench.stage(SamplePack(id: "b", version: "2.0.0"))
            try bench.install("b")
            #expect(try collect(bench).data == [SchemaFolder(pack: a, schema: 1)])
            #expect(try collect(bench).data.isEmpty)
            #expect(try DirectoryNames.read(in: "\(bench.places.data)/a").map(\.display) == ["2", "2.form"])
            #expect(try readText("\(bench.places.data)/a/2/state") == "two")
        }
    }

    @Test("what is no schema's folder is left alone, and one that was being removed is finished at the next start")
    func strangers() throws {
        try withBench { bench in
            try install("2.0.0", schema: 2, state: "two", bench)
            for name in ["01", "notes", "-1"] { try write("x", to: "\(bench.places.data)/a/\(name)/file") }
            try write("x", to: "\(bench.places.data)/No Pack/1/file")
            try write("x", to: "\(bench.places.root)/staging/stage-1/data-a-1/file")
            #expect(try collect(bench).data.isEmpty)
            #expect(
                try DirectoryNames.read(in: "\(bench.places.data)/a").map(\.display) == [
                    "-1", "01", "2", "2.form", "notes",
                ])
            #expect(try DirectoryNames.read(in: "\(bench.places.root)/staging").isEmpty)
        }
    }
}
