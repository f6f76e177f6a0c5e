import AuroraActivation
import AuroraModel
import AuroraRuntime
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraPacks

/// What becomes of a pack's data when its version changes.
@Suite struct DataChangeTests {
    /// A pack whose migrate hook writes the new state over the old one, as packs do.
    private func pack(_ version: String, schema: Int = 1, lines: [String] = [], install: String = "exit 0")
        -> SamplePack
    {
        SamplePack(
            id: "a", version: version, schema: schema,
            lines: ["hooks: {migrate: \"migrate.sh\"}"]
                + (lines.isEmpty ? ["data: {schema_version: \(schema)}"] : lines),
            files: ["migrate.sh": "echo \"$1 to $2 for \(version)\" > data/state", "install.sh": install])
    }

    private func withVersionOne(_ body: (TestBench) throws -> Void) throws {
        try withBench { bench in
            try bench.stage(pack("1.0.0"))
            try bench.install("a")
            try write("one", to: "\(bench.places.live)/a/data/state")
            try body(bench)
        }
    }

    @Test("defect 45: every pack has data of its own, in its own folder, and no other pack's script sees them")
    func ownData() throws {
        try withBench { bench in
            try bench.stage(
                SamplePack(id: "a", files: ["install.sh": "echo a > data/state"]),
                SamplePack(id: "b", files: ["install.sh": "echo b > data/state"]))
            try bench.install("a", "b")
            #expect(try bench.data("a") == "a\n")
            #expect(try bench.data("b") == "b\n")
            #expect(try DirectoryNames.read(in: "\(bench.places.data)/a/1").map(\.display) == ["state"])
            for room in bench.runner.rooms {
                let writable = room.mounts.filter(\.isWritable).map(\.host)
                #expect(writable.allSatisfy { $0.contains("/\(room.id)") })
            }
        }
    }

    @Test("defect 49: packs that both call their folder core are active side by side, and importing one writes nothing")
    func sameNamesInside() throws {
        try withBench { bench in
            try bench.stage(
                SamplePack(id: "a", files: ["core/loader.py": "a", "install.sh": "touch core/made 2>/dev/null; true"]),
                SamplePack(id: "b", files: ["core/loader.py": "b"]))
            try bench.install("a", "b")
            #expect(try readText("\(bench.places.live)/a/core/loader.py") == "a")
            #expect(try readText("\(bench.places.live)/b/core/loader.py") == "b")
            for room in bench.runner.rooms { #expect(!room.mounts.contains { $0.host == room.code && $0.isWritable }) }
        }
    }

    @Test("a new schema gets a folder of its own, made from a copy: the old version finds its data as it left them")
    func schemaChange() throws {
        try withVersionOne { bench in
            try bench.stage(pack("2.0.0", schema: 2))
            try bench.install("a")
            #expect(try bench.data("a") == "1 to 2 for 2.0.0\n")
            #expect(try readText("\(bench.places.data)/a/1/state") == "one")
            try bench.use { _ = try $0.rollback(reason: "x", by: TestBench.ada) }
            #expect(try bench.data("a") == "one")
        }
    }

    @Test("no schema change and no hook: nothing is copied")
    func patch() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"))
            try bench.install("a")
            try write("one", to: "\(bench.places.live)/a/data/state")
            try bench.stage(SamplePack(id: "a", version: "1.0.1"))
            let plan = try bench.install("a").plan
            #expect(plan.changes.first?.data.action == .keep)
            #expect(try bench.data("a") == "one")
            #expect(try FileStatus.ifExists(bench.places.snapshots) == nil)
        }
    }

    @Test("a hook that changes data in place is taken back with them: unhealthy, failed, or by a person")
    func inPlace() throws {
        try withVersionOne { bench in
            try bench.stage(pack("1.1.0"))
            bench.services.makeIll("a 1.1.0", "no")
            #expect(try bench.install("a").activation.result == .rolledBack)
            #expect(try bench.data("a") == "one")

            try bench.stage(pack("1.2.0", install: "exit 2"))
            do {
                try bench.install("a")
                Issue.record("failing tests were ignored")
            } catch let failure as PackScripts.Failure {
                #expect(failure.reason == "found its tests failing (exit status 2)")
            }
            #expect(try bench.data("a") == "one")
            #expect(bench.services.running == ["a 1.0.0"])

            try bench.stage(pack("1.3.0"))
            try bench.install("a")
            #expect(try bench.data("a") == "1 to 1 for 1.3.0\n")
            let plan = try bench.use { try $0.rollback(reason: "x", by: TestBench.ada).plan }
            #expect(plan.changes.first?.data.action == .restore)
            #expect(try bench.data("a") == "one")
        }
    }

    @Test(
        "data.snapshot decides whether a copy is taken",
        arguments: [("always", true), ("on_schema_change", false), ("never", false)])
    func snapshotField(word: String, isTaken: Bool) throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"))
            try bench.install("a")
            try write("one", to: "\(bench.places.live)/a/data/state")
            try write("big", to: "\(bench.places.live)/a/data/cache/x")
            try bench.stage(
                SamplePack(id: "a", version: "1.1.0", lines: ["data: {snapshot: \(word), exclude: [\"cache\"]}"]))
            try bench.install("a")
            let info = try bench.info("a")
            #expect(info.snapshots.isEmpty == !isTaken)
            guard isTaken else { return }
            #expect(try readText("\(bench.places.snapshots)/2/a/content/state") == "one")
            #expect(try FileStatus.ifExists("\(bench.places.snapshots)/2/a/content/cache") == nil)
            #expect(try readText("\(bench.places.live)/a/data/cache/x") == "big")
        }
    }

    @Test("never: a hook changes the data where they are, and nothing is put aside")
    func never() throws {
        try withVersionOne { bench in
            try bench.stage(pack("1.1.0", lines: ["data: {snapshot: never}"]))
            try bench.install("a")
            #expect(try bench.data("a") == "1 to 1 for 1.1.0\n")
            #expect(try FileStatus.ifExists(bench.places.snapshots) == nil)
        }
    }

    @Test("a dry run works on copies, without network, and leaves the device as it was")
    func dryRun() throws {
        try withVersionOne { bench in
            var pack = pack("2.0.0", lines: ["data: {schema_version: 1}", "safety: {dry_run_supported: true}"])
            pack.files["install.sh"] = "test \"$1\" = --dry-run && echo rehearsed > \"$TEST_DATA/state\""
            pack.files["migrate.sh"] = "exit 0"
            try bench.stage(pack, SamplePack(id: "b"))
            let ids = ["a", "b"].compactMap(PackID.init)
            let results = try bench.use {
                try $0.dryRun(.change(ids.map { .version($0, nil) }), by: TestBench.ada).rehearsals
            }
            #expect(results.map(\.onlyPlanned) == [nil, "its manifest does not support a dry run: static plan only"])
            #expect(try bench.data("a") == "one")
            #expect(try bench.active() == ["a 1.0.0"])
            #expect(bench.services.running == ["a 1.0.0"])
            #expect(bench.runner.rooms.last?.network == Confinement.Network.none)
            #expect(try DirectoryNames.read(in: "\(bench.places.root)/staging").isEmpty)
        }
    }

    @Test("a rehearsal copies no data that are left out, and is refused where they do not fit")
    func rehearsedData() throws {
        try withVersionOne { bench in
            var pack = pack(
                "2.0.0",
                lines: [
                    "data: {exclude: [\"cache\"]}", "safety: {dry_run_supported: true}",
                    "resources: {storage_mb: 1073741824}",
                ])
            pack.files["install.sh"] = "test ! -e \"$TEST_DATA/cache\" && test -e \"$TEST_DATA/state\""
            try bench.stage(pack)
            let data = "\(bench.places.live)/a/data"
            try write("x", to: "\(data)/cache/x")
            func rehearse() -> String? {
                code {
                    try bench.use {
                        _ = try $0.dryRun(.change(PackID("a").map { [.version($0, nil)] } ?? []), by: TestBench.ada)
                    }
                }
            }
            #expect(rehearse() == nil)
            let huge = try Descriptor.open("\(data)/huge", [.writeOnly, .create])
            try #require(ftruncate(huge.rawValue, 8 << 40) == 0)
            #expect(rehearse() == "insufficient_storage")
            #expect(try DirectoryNames.read(in: "\(bench.places.root)/staging").isEmpty)
        }
    }

    @Test("of every pack the last two snapshots are kept, and their bytes can be checked")
    func keepTwo() throws {
        try withBench { bench in
            bench.configuration.store.keep = 1
            for minor in 0...4 {
                try bench.stage(SamplePack(id: "a", version: "1.\(minor).0", lines: ["data: {snapshot: always}"]))
                try bench.install("a")
                try write("\(minor)", to: "\(bench.places.live)/a/data/state")
            }
            try bench.use { installer in
                try installer.collect(by: TestBench.ada)
                let snapshots = try installer.parts.snapshots.all()
                #expect(snapshots.map(\.generation) == [4, 5])
                let last = try #require(snapshots.last)
                #expect(try installer.parts.snapshots.verify(last)?.isEmpty == true)
                try write("x", to: "\(bench.places.snapshots)/5/a/content/state")
                #expect(try installer.parts.snapshots.verify(last)?.changed.count == 1)
            }
        }
    }
}
