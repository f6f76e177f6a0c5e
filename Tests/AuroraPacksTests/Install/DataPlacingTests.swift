import AuroraActivation
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraPacks

/// What data are not put in place of, and what becomes of the way back when something else happens meanwhile.
@Suite struct DataPlacingTests {
    private func id() throws -> PackID { try #require(PackID("a")) }

    private func with(_ pack: SamplePack = SamplePack(id: "a"), _ body: (TestBench) throws -> Void) throws {
        try withBench { bench in
            try bench.stage(pack)
            try bench.install("a")
            try write("one", to: "\(bench.places.data)/a/1/state")
            try write("more", to: "\(bench.places.data)/a/1/other")
            try bench.use { installer in
                try installer.copyData(of: id(), by: TestBench.ada)
                _ = try installer.exportData(of: id(), to: "\(bench.folder)/a.tar", by: TestBench.ada)
            }
            try write("two", to: "\(bench.places.data)/a/1/state")
            try body(bench)
        }
    }

    @Test("data come back also where somebody has removed those that took their place, and the device stays usable")
    func removedMeanwhile() throws {
        try with { bench in
            try bench.importData()
            try FileTree.remove("\(bench.places.data)/a/1")
            try bench.takeBackData()
            #expect(try bench.data("a") == "two")
            try bench.open { _, recovery in #expect(recovery.isClean) }
        }
    }

    @Test("changes of other packs do not end the way back, however many generations are collected")
    func otherPacks() throws {
        try with { bench in
            bench.configuration.store.keep = 1
            try bench.importData()
            for version in ["1.0.0", "1.1.0", "1.2.0", "1.3.0"] {
                try bench.stage(SamplePack(id: "b", version: version))
                try bench.install("b")
                try bench.use { _ = try $0.collect(by: TestBench.ada) }
            }
            try bench.takeBackData()
            #expect(try bench.data("a") == "two")
        }
    }

    @Test("a second import that does not begin leaves the way back of the first, and nothing else")
    func secondImport() throws {
        try with { bench in
            try bench.importData()
            // What a kill leaves between the copy that came in and the entry that begins the change.
            try bench.use { installer in
                let snapshots = installer.parts.snapshots
                let placed = try #require(try snapshots.replacement(of: id()))
                try write("three", to: "\(bench.places.root)/staging/come/state")
                try snapshots.keep(
                    "\(bench.places.root)/staging/come", placed, manifest: [], in: snapshots.slot(id(), .incoming))
            }
            try bench.use { _ = try $0.collect(by: TestBench.ada) }
            #expect(try DirectoryNames.read(in: "\(bench.places.snapshots)/incoming").isEmpty)
            #expect(try bench.data("a") == "one")
            try bench.takeBackData()
            #expect(try bench.data("a") == "two")
        }
    }

    @Test("data from before a migrate hook are not put under the version that ran it, but under the one before")
    func migrated() throws {
        func pack(_ version: String) -> SamplePack {
            SamplePack(
                id: "a", version: version, lines: ["hooks: {migrate: \"migrate.sh\"}"],
                files: ["migrate.sh": "exit 0"])
        }
        try with(pack("1.0.0")) { bench in
            try bench.stage(pack("1.1.0"))
            try bench.install("a")
            func restore() throws {
                _ = try bench.use { try $0.restoreData(of: id(), before: 2, reason: "x", by: TestBench.ada) }
            }
            #expect(code { try restore() } == "data_migrated")
            _ = try bench.use {
                try $0.exportData(of: id(), before: 2, to: "\(bench.folder)/old.tar", by: TestBench.ada)
            }
            try FileTree.remove("\(bench.folder)/a.tar")
            try DurableFile.rename("\(bench.folder)/old.tar", to: "\(bench.folder)/a.tar")
            #expect(code { try bench.importData() } == "data_migrated")
            #expect(try bench.data("a") == "two")

            _ = try bench.use { try $0.install(.generation(1), approval: TestBench.typed, by: TestBench.ada) }
            try write("three", to: "\(bench.places.data)/a/1/state")
            for place in [restore, { try bench.importData() }] {
                try place()
                #expect(try bench.data("a") == "two")
                try bench.takeBackData()
                #expect(try bench.data("a") == "three")
            }
        }
    }

    @Test("data that the pack may not keep are refused before anything is stopped")
    func tooLarge() throws {
        try with { bench in
            bench.configuration.resources.storageFiles = 1
            bench.services.forget()
            #expect(code { try bench.importData() } == "storage_exceeded")
            #expect(bench.services.log.isEmpty)
            let found = try bench.data("a")
            #expect(found == "two")
        }
    }

    @Test("a pack that keeps too much refuses a change that would start it, and nobody's bytes are blamed")
    func storageBeforeChange() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "lib"), SamplePack(id: "app", needs: ["lib": "^1.0.0"]))
            try bench.install("app")
            for name in ["x", "y", "z"] { try write("x", to: "\(bench.places.data)/app/1/\(name)") }
            bench.configuration.resources.storageFiles = 2
            try bench.stage(SamplePack(id: "lib", version: "1.1.0"))
            bench.services.forget()
            #expect(code { try bench.install("lib") } == "storage_exceeded")
            #expect(bench.services.log.isEmpty)
            #expect(try bench.active() == ["app 1.0.0", "lib 1.0.0"])
            let blocked = try bench.use { $0.engine.blocked() }
            #expect(blocked.isEmpty)
        }
    }
}
