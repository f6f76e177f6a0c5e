import AuroraActivation
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraPacks

/// Under which versions data are put in place whose form a `migrate` hook has changed within their schema.
@Suite struct DataFormTests {
    private func id() throws -> PackID { try #require(PackID("a")) }

    /// 1.2.0 has a hook, every version has a copy put aside.
    private func pack(_ version: String) -> SamplePack {
        let hook = version == "1.2.0" ? ["hooks: {migrate: \"migrate.sh\"}"] : []
        return SamplePack(
            id: "a", version: version, lines: ["data: {snapshot: always}"] + hook,
            files: ["migrate.sh": "echo \"$(cat data/state) and migrated\" > data/state"])
    }

    /// A device with these versions, one after the other; each has left its number in the data.
    private func with(_ versions: [String], _ body: (TestBench) throws -> Void) throws {
        try withBench { bench in
            bench.configuration.snapshots.keep = 9
            for version in versions { try update(bench, to: version) }
            try body(bench)
        }
    }

    private func update(_ bench: TestBench, to version: String) throws {
        try bench.stage(pack(version))
        try bench.install("a")
        if version != "1.2.0" { try write("of \(version)", to: "\(bench.places.live)/a/data/state") }
    }

    private func restore(_ bench: TestBench, _ generation: Int) -> String? {
        code { _ = try bench.use { try $0.restoreData(of: id(), before: generation, reason: "x", by: TestBench.ada) } }
    }

    /// Writes what is in use, or the copy from before a generation, into an archive.
    private func export(_ bench: TestBench, before generation: Int? = nil, to path: String) throws {
        try bench.use { installer in
            if generation == nil { try installer.copyData(of: id(), by: TestBench.ada) }
            _ = try installer.exportData(of: id(), before: generation, to: path, by: TestBench.ada)
        }
    }

    private func bring(_ bench: TestBench, _ path: String) -> String? {
        code { _ = try bench.use { try $0.importData(of: id(), from: path, reason: "x", by: TestBench.ada) } }
    }

    private func goBack(_ bench: TestBench, to generation: Int) throws {
        _ = try bench.use {
            try $0.install(.generation(generation), approval: TestBench.typed, by: TestBench.ada)
        }
    }

    @Test("no copy from before a migrate hook is put under the version that ran it, however much earlier it was made")
    func before() throws {
        try with(["1.0.0", "1.1.0"]) { bench in
            try export(bench, to: "\(bench.folder)/used.tar")
            try update(bench, to: "1.2.0")
            #expect(restore(bench, 3) == "data_migrated")
            let refusal = #expect(throws: Refusal.self) {
                try bench.use { _ = try $0.restoreData(of: id(), before: 2, reason: "x", by: TestBench.ada) }
            }
            #expect(refusal?.code == "data_migrated")
            #expect(
                refusal?.remedy
                    == "make version 1.0.0 active: aurora pack rollback --to N (see aurora pack generations) or "
                    + "aurora pack install a@1.0.0; put them in place under it, and install a later version only after the "
                    + "one whose hook carries them over")
            for generation in [2, 3] {
                let path = "\(bench.folder)/\(generation).tar"
                try export(bench, before: generation, to: path)
                #expect(bring(bench, path) == "data_migrated")
            }
            #expect(bring(bench, "\(bench.folder)/used.tar") == "data_migrated")
            #expect(try bench.data("a") == "of 1.1.0 and migrated\n")
        }
    }

    @Test("under the version that worked on them such data are put in place, and a newer one carries them over")
    func under() throws {
        try with(["1.0.0", "1.1.0"]) { bench in
            try export(bench, to: "\(bench.folder)/used.tar")
            try update(bench, to: "1.2.0")
            try export(bench, to: "\(bench.folder)/new.tar")
            let plan = try bench.use { try $0.plan(.generation(2)).plan }
            #expect(
                plan.resolution == [
                    "The packs of generation 2 are taken.",
                    "a 1.1.0 finds its data as the migrate hook of 1.2.0 left them; to put a copy from before in place: "
                        + "aurora pack data a, then aurora pack restore-data a --generation N",
                ])
            try goBack(bench, to: 2)
            #expect(try bench.data("a") == "of 1.1.0 and migrated\n")
            #expect(restore(bench, 3) == nil)
            #expect(try bench.data("a") == "of 1.1.0")
            #expect(bring(bench, "\(bench.folder)/new.tar") == "data_migrated")
            #expect(restore(bench, 2) == nil)
            #expect(try bench.data("a") == "of 1.0.0")
            #expect(bring(bench, "\(bench.folder)/used.tar") == nil)
            #expect(try bench.data("a") == "of 1.1.0")
            try bench.install("a")
            #expect(try bench.active() == ["a 1.2.0"])
            #expect(try bench.data("a") == "of 1.1.0 and migrated\n")
            #expect(restore(bench, 3) == "data_migrated")
        }
    }

    @Test("a version without a hook reads what the version before could, and nothing from before an earlier hook")
    func later() throws {
        try with(["1.0.0", "1.1.0", "1.2.0", "1.3.0"]) { bench in
            #expect(restore(bench, 2) == "data_migrated")
            #expect(restore(bench, 3) == "data_migrated")
            #expect(restore(bench, 4) == nil)
            let found = try bench.data("a")
            #expect(found == "of 1.1.0 and migrated\n")
        }
    }

    @Test("taking the change back brings the old form back, and with it the copies of that form")
    func takenBack() throws {
        try with(["1.0.0", "1.1.0", "1.2.0"]) { bench in
            _ = try bench.use { try $0.rollback(reason: "x", by: TestBench.ada) }
            #expect(try bench.data("a") == "of 1.1.0")
            #expect(restore(bench, 2) == nil)
            #expect(try bench.data("a") == "of 1.0.0")
        }
    }

    @Test(
        "on another device the same version takes the data, however they came to their form; an earlier one's it refuses"
    )
    func elsewhere() throws {
        try with(["1.0.0", "1.1.0"]) { bench in
            let (old, new) = ("\(bench.folder)/old.tar", "\(bench.folder)/new.tar")
            try export(bench, to: old)
            try update(bench, to: "1.2.0")
            try export(bench, to: new)
            try with(["1.2.0"]) { other in
                #expect(bring(other, old) == "data_migrated")
                #expect(bring(other, new) == nil)
                let found = try other.data("a")
                #expect(found == "of 1.1.0 and migrated\n")
            }
            try with(["1.1.0"]) { other in
                #expect(bring(other, new) == "data_migrated")
                #expect(bring(other, old) == nil)
            }
        }
    }

    /// What is written down about the data in use: the version, and whether its hook changed them.
    private func form(_ bench: TestBench, schema: Int = 1) throws -> String? {
        try DataForms(places: bench.places).form(of: id(), schema: schema).map {
            "\($0.version)\($0.isMigrated ? " migrated" : "")"
        }
    }

    @Test("the form goes with the data: through a change that falls back, one that is taken back, and to a new schema")
    func follows() throws {
        try with(["1.0.0", "1.1.0"]) { bench in
            #expect(try form(bench) == "1.0.0")
            try bench.stage(pack("1.2.0"))
            bench.services.makeIll("a 1.2.0", "no")
            #expect(try bench.install("a").activation.result == .rolledBack)
            #expect(try form(bench) == "1.0.0")
            #expect(restore(bench, 2) == nil)

            var failing = pack("1.2.0")
            failing.version = "1.3.0"
            failing.files["install.sh"] = "exit 2"
            try bench.stage(failing)
            #expect(throws: PackScripts.Failure.self) { try bench.install("a") }
            #expect(try form(bench) == "1.0.0")
            failing.version = "1.4.0"
            failing.files["install.sh"] = "exit 0"
            try bench.stage(failing)
            try bench.install("a")
            #expect(try form(bench) == "1.4.0 migrated")
            _ = try bench.use { try $0.rollback(reason: "x", by: TestBench.ada) }
            #expect(try form(bench) == "1.0.0")

            failing.version = "2.0.0"
            failing.lines[0] = "data: {schema_version: 2, snapshot: never}"
            try bench.stage(failing)
            try bench.install("a")
            #expect(try form(bench) == "1.0.0")
            #expect(try form(bench, schema: 2) == "2.0.0")
            // Nothing brings data back that were never put aside.
            failing.version = "2.1.0"
            failing.files["install.sh"] = "exit 2"
            try bench.stage(failing)
            #expect(throws: PackScripts.Failure.self) { try bench.install("a") }
            #expect(try form(bench, schema: 2) == "2.1.0 migrated")
        }
    }

    @Test("data put in place bring their form with them, and give it back when they are taken back")
    func placed() throws {
        try with(["1.0.0", "1.1.0"]) { bench in
            try update(bench, to: "1.2.0")
            try goBack(bench, to: 2)
            #expect(try form(bench) == "1.2.0 migrated")
            #expect(restore(bench, 3) == nil)
            #expect(try form(bench) == "1.0.0")
            _ = try bench.use { try $0.takeBackData(of: id(), reason: "x", by: TestBench.ada) }
            #expect(try form(bench) == "1.2.0 migrated")
        }
    }

    @Test("a copy that an older Aurora made is judged by its own word alone")
    func older() throws {
        try with(["1.0.0", "1.1.0"]) { bench in
            try update(bench, to: "1.2.0")
            for generation in [2, 3] {
                let path = "\(bench.places.snapshots)/\(generation)/a/snapshot.json"
                let facts = try DataSnapshot(bytes: DurableFile.read(path))
                let old = DataSnapshot(
                    pack: facts.pack, schema: facts.schema, generation: facts.generation, taken: facts.taken,
                    tree: facts.tree, bytes: facts.bytes, isMigrated: facts.isMigrated)
                #expect(facts.json != old.json)
                try DurableFile.replace(path, contents: old.json.documentBytes)
            }
            #expect(restore(bench, 3) == "data_migrated")
            #expect(restore(bench, 2) == nil)
            #expect(try form(bench) == nil)
        }
    }
}
