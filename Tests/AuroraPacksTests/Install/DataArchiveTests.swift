import AuroraArchive
import AuroraDatabase
import AuroraModel
import AuroraRuntime
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraPacks

/// Data of a pack as one archive: written, put in place, refused, and taken back.
@Suite struct DataArchiveTests {
    private func id() throws -> PackID { try #require(PackID("a")) }

    private func pack(_ id: String = "a", _ version: String = "1.0.0", schema: Int = 1) -> SamplePack {
        SamplePack(
            id: id, version: version, schema: schema,
            lines: ["data: {schema_version: \(schema), snapshot: always, exclude: [\"cache\"]}"])
    }

    /// A device with one active pack that keeps a few things.
    private func with(_ body: (TestBench) throws -> Void) throws {
        try withBench { bench in
            try bench.stage(pack())
            try bench.install("a")
            let data = "\(bench.places.data)/a/1"
            try write("one", to: "\(data)/state")
            try write("secret", to: "\(data)/deep/key", mode: 0o600)
            try write("#!/bin/sh", to: "\(data)/tool", mode: 0o750)
            try DurableFile.symlink("key", at: "\(data)/deep/link")
            try write("old cache", to: "\(data)/cache/big")
            try body(bench)
        }
    }

    @Test("what was exported is put in place as it was, what is left out of copies stays, and it is taken back once")
    func round() throws {
        try with { bench in
            bench.services.forget()
            let export = try bench.exportData()
            #expect(bench.services.log == ["stop a"])
            #expect(try FileStatus.of("\(bench.folder)/a.tar").mode == 0o600)
            #expect(try FileStatus.of("\(bench.folder)/a.tar").size == export.bytes)
            #expect(try DirectoryNames.read(in: "\(bench.places.snapshots)/exported").isEmpty)

            let data = "\(bench.places.data)/a/1"
            try write("two", to: "\(data)/state")
            try write("new cache", to: "\(data)/cache/big")
            try FileTree.remove("\(data)/deep")
            let placed = try bench.importData()
            #expect(placed.tree == export.snapshot.tree)
            #expect(
                try FileTree.walk(data).map(\.path)
                    == ["cache", "cache/big", "deep", "deep/key", "deep/link", "state", "tool"])
            #expect(try bench.data("a") == "one")
            #expect(try readText("\(data)/cache/big") == "new cache")
            #expect(try FileStatus.of("\(data)/deep/key").mode == 0o600)
            #expect(try FileStatus.of("\(data)/tool").mode == 0o750)
            #expect(try FileStatus.of(data).mode == 0o700)
            #expect(try FileTree.readLink("\(data)/deep/link") == "key")
            let kinds = try bench.use { try $0.data().map(\.kind) }
            #expect(kinds == [.used, .replaced])

            try bench.takeBackData()
            #expect(try bench.data("a") == "two")
            #expect(try readText("\(data)/cache/big") == "new cache")
            #expect(code { try bench.takeBackData() } == "nothing_to_take_back")
            let logged = try bench.logged()
            for act in ["export", "import", "restore"] { #expect(logged.contains("pack.data-\(act)")) }
        }
    }

    @Test("an export overwrites nothing, and says what could not be put in place again")
    func exports() throws {
        try with { bench in
            try bench.exportData()
            #expect(code { try bench.exportData() } == "file_exists")
            let nobody = try #require(PackID("nobody"))
            #expect(code { try bench.use { try $0.copyData(of: nobody, by: TestBench.ada) } } == "data_missing")
            #expect(
                code {
                    _ = try bench.use {
                        try $0.exportData(of: id(), before: 7, to: "\(bench.folder)/b.tar", by: TestBench.ada)
                    }
                } == "data_missing")
        }
    }

    @Test("two exports of one pack have a copy each, and a collection takes the copies of processes that are gone")
    func together() throws {
        try with { bench in
            let (own, dead) = (RunOwner.own(), RunOwner(text: "boot 1 2"))
            func copy(_ owner: RunOwner) throws {
                try bench.use { try $0.copyData(of: id(), by: TestBench.ada, as: owner) }
            }
            func write(_ name: String, _ owner: RunOwner) throws -> DataExport {
                try bench.use {
                    try $0.exportData(of: id(), to: "\(bench.folder)/\(name)", by: TestBench.ada, as: owner)
                }
            }
            try copy(own)
            try copy(dead)
            let (first, second) = (try write("1.tar", dead), try write("2.tar", own))
            #expect(first.snapshot.tree == second.snapshot.tree)

            try copy(own)
            try copy(dead)
            // Whatever the clock says.
            bench.now += 10 * 86_400_000
            try bench.use { _ = try $0.collect(by: TestBench.ada) }
            #expect(code { _ = try write("3.tar", dead) } == "data_missing")
            _ = try write("3.tar", own)
            #expect(try DirectoryNames.read(in: "\(bench.places.snapshots)/exported").isEmpty)
        }
    }

    /// What is put below the data, and what is said about it.
    private static let notPortable: [(place: String, link: String?, said: String)] = [
        ("out", "/etc/passwd", "data/out: it points to /etc/passwd"),
        ("deep/up", "../../../x", "data/deep/up: it points to ../../../x"),
        ("STATE", nil, "an earlier name differs from it only in case or normalisation"),
        ("a\nb", nil, "control"),
        (Array(repeating: "d", count: 64).joined(separator: "/"), nil, "65 levels, 64 allowed"),
    ]

    @Test("what could not be put in place again is refused before anything is stopped", arguments: notPortable.indices)
    func unportable(index: Int) throws {
        let (place, link, said) = Self.notPortable[index]
        try with { bench in
            let data = "\(bench.places.data)/a/1"
            func put(_ path: String) throws {
                guard let link else { return try write("x", to: path) }
                if path.contains("/cache/deep/") { try FileTree.makeFolders("\(data)/cache/deep", mode: 0o700) }
                try DurableFile.symlink(link, at: path)
            }
            try put("\(data)/\(place)")
            bench.services.forget()
            let refusal = #expect(throws: Refusal.self) { try bench.exportData("b.tar") }
            #expect(refusal?.code == "data_not_portable")
            #expect(refusal?.message.contains(said) == true, "\(refusal?.message ?? "")")
            #expect(bench.services.log.isEmpty)
            #expect(try FileStatus.ifExists("\(bench.places.snapshots)/exported") == nil)
            #expect(try DirectoryNames.read(in: bench.folder).map(\.display).filter { $0.contains("b.tar") } == [])

            // What no copy holds is in nobody's way.
            try FileTree.remove("\(data)/\(place.split(separator: "/").first.map(String.init) ?? "")")
            if place.hasPrefix("deep/") { try write("secret", to: "\(data)/deep/key") }
            try put("\(data)/cache/\(place)")
            try bench.exportData("b.tar")
        }
    }

    @Test("a pack that may keep more files than an archive of a release has can take its data along")
    func many() throws {
        #expect(DataArchive.limits(files: 10).entries == ArchiveLimits().entries)
        #expect(DataArchive.limits(files: 1_000_000).entries == 1_000_004)
        #expect(DataArchive.limits().entries == .max)
        #expect(DataArchive.limits().unpackedBytes > 8 << 30)
    }

    @Test("data of another pack, of another schema, for a pack that is not active, and without a reason are refused")
    func wrong() throws {
        try with { bench in
            try bench.exportData()
            let before = try FileTree.walk("\(bench.places.data)/a/1")
            try bench.stage(pack("b"))
            let b = try #require(PackID("b"))
            func bring(_ id: PackID, _ reason: String = "x") -> String? {
                code {
                    _ = try bench.use {
                        try $0.importData(of: id, from: "\(bench.folder)/a.tar", reason: reason, by: TestBench.ada)
                    }
                }
            }
            #expect(bring(b) == "pack_not_active")
            try bench.install("b")
            #expect(bring(b) == "data_of_other_pack")
            #expect(bring(try id(), " ") == "reason_required")
            try bench.stage(pack("a", "2.0.0", schema: 2))
            try bench.install("a")
            #expect(bring(try id()) == "data_schema_differs")
            try bench.exportData("newer.tar")
            try bench.use { _ = try $0.rollback(reason: "x", by: TestBench.ada) }
            #expect(code { try bench.importData("newer.tar") } == "data_schema_differs")
            #expect(try FileTree.walk("\(bench.places.data)/a/1") == before)
            #expect(try DirectoryNames.read(in: "\(bench.places.root)/staging").isEmpty)
        }
    }

    /// Archives that are well-formed and hold something else.
    private static let strange = [
        "pack": ["manifest.yaml", "start.sh"], "more": ["data", "manifest", "modes.json", "other", "snapshot.json"],
        "empty": ["data", "manifest", "modes.json", "snapshot.json"],
    ]

    @Test("an archive that is damaged or made by a stranger is refused, and nothing is stopped")
    func damaged() throws {
        try with { bench in
            try bench.exportData()
            let whole = try DurableFile.read("\(bench.folder)/a.tar")
            bench.services.forget()
            func refused(_ bytes: [UInt8]) throws -> String? {
                try DurableFile.replace("\(bench.folder)/bad.tar", contents: bytes)
                return code { try bench.importData("bad.tar") }
            }
            #expect(try refused(Array(whole.prefix(whole.count / 2))) == "archive_refused")
            #expect(try refused(Array("no archive".utf8)) == "archive_refused")
            // One byte of a file's content: the archive is well-formed, its manifest says otherwise.
            let place = try #require(whole.firstRange(of: Array("secret".utf8)))
            var changed = whole
            changed[place.lowerBound] = UInt8(ascii: "S")
            #expect(try refused(changed) == "data_archive_damaged")
            // A digit of the facts.
            let facts = try #require(whole.firstRange(of: Array("\"tree\":\"".utf8)))
            changed = whole
            changed[facts.upperBound] = changed[facts.upperBound] == 0x30 ? 0x31 : 0x30
            #expect(try refused(changed) == "data_archive_damaged")
            #expect(code { try bench.importData("nothing.tar") } == "data_archive_damaged")
            for (name, entries) in Self.strange {
                let file = try Descriptor.open("\(bench.folder)/\(name).tar", [.writeOnly, .create])
                try TarWriter.write(to: file.rawValue) { (tar) throws(ArchiveRefusal) in
                    for entry in entries { try tar.add(file: entry, []) }
                }
                #expect(code { try bench.importData("\(name).tar") } == "data_archive_damaged", "\(name)")
            }
            #expect(bench.services.log.isEmpty)
            #expect(try bench.data("a") == "one")
        }
    }

    /// Writes an archive of one file with this list of modes, and facts of which one may be false.
    private func forge(_ bench: TestBench, modes: [UInt8], manifest: [UInt8]? = nil, bytes: Int64? = nil) throws {
        let tree = "\(bench.folder)/made"
        try FileTree.remove(tree)
        try write("one", to: "\(tree)/state")
        let found = try DataSnapshots.manifest(of: tree)
        let manifest = manifest ?? found.canonicalBytes
        let facts = DataSnapshot(
            pack: try id(), schema: 1, generation: 1, taken: Timestamp(milliseconds: 1),
            tree: Digest(hashing: manifest),
            bytes: bytes ?? found.byteCount, isMigrated: false)
        try DurableFile.remove("\(bench.folder)/made.tar")
        let file = try Descriptor.open("\(bench.folder)/made.tar", [.writeOnly, .create])
        try TarWriter.write(to: file.rawValue) { (tar) throws(ArchiveRefusal) in
            try tar.add(file: "snapshot.json", facts.json.documentBytes)
            try tar.add(file: "manifest", manifest)
            try tar.add(file: "modes.json", modes)
            try tar.add(folder: "data")
            try tar.add(file: "data/state", Array("one".utf8))
        }
    }

    @Test("modes of strangers, manifests and lists larger than the data need, and false facts are refused")
    func bounded() throws {
        try with { bench in
            func refused(
                _ modes: String, manifest: [UInt8]? = nil, bytes: Int64? = nil
            ) throws -> (code: String?, said: String) {
                try forge(bench, modes: Array(modes.utf8), manifest: manifest, bytes: bytes)
                do {
                    try bench.importData("made.tar")
                    return (nil, "")
                } catch let refusal as Refusal {
                    return (refusal.code, refusal.message)
                }
            }
            func list(_ items: String) -> String { #"{"format":"aurora-modes-v1","modes":[\#(items)]}"# }
            let own = #"{"mode":"600","path":"state"}"#
            bench.services.forget()

            let stranger = try refused(list(#"{"mode":"600","path":"other"}"#))
            #expect(stranger.code == "data_archive_damaged" && stranger.said.contains("modes of what it does not hold"))
            let twice = try refused(list(own + "," + own))
            #expect(twice.code == "data_archive_damaged" && twice.said.contains("too large"))
            let many = try refused(
                list((0..<100_000).map { #"{"mode":"600","path":"\#($0)"}"# }.joined(separator: ",")))
            #expect(many.code == "data_archive_damaged" && many.said.contains("too large"))

            let entries = (0..<100_000).map { TreeManifestEntry.directory("\($0)") }
            let names = TreeManifest(entries: entries).canonicalBytes
            let named = try refused(list(own), manifest: names)
            #expect(named.code == "data_archive_damaged" && named.said.contains("a manifest of more than it holds"))
            let counted = try refused(list(own), bytes: 4)
            #expect(counted.code == "data_archive_damaged" && counted.said.contains("holds 3 bytes and says 4"))
            #expect(bench.services.log.isEmpty)

            #expect(try refused(list(own)).code == nil)
            #expect(try FileStatus.of("\(bench.places.data)/a/1/state").mode == 0o600)
        }
    }

    @Test("what does not fit is refused before anything is stopped, and a pack that does not stop keeps its data")
    func refusals() throws {
        try with { bench in
            try bench.exportData()
            bench.services.forget()
            let huge = try Descriptor.open("\(bench.folder)/huge.tar", [.writeOnly, .create])
            try #require(ftruncate(huge.rawValue, 8 << 40) == 0)
            #expect(code { try bench.importData("huge.tar") } == "insufficient_storage")
            #expect(bench.services.log.isEmpty)
            try write("two", to: "\(bench.places.data)/a/1/state")
            bench.services.refuseStops()
            #expect(code { try bench.importData() } == "process 7 is still there")
            #expect(try bench.data("a") == "two")
            #expect(code { try bench.takeBackData() } == "nothing_to_take_back")
        }
    }

    @Test("a kill anywhere between the log's entry and the last rename is finished by the next start", arguments: 0...3)
    func killed(steps: Int) throws {
        try with { bench in
            let (data, slot) = ("\(bench.places.data)/a/1", "\(bench.places.snapshots)/replaced/a")
            try bench.exportData()
            try write("two", to: "\(data)/state")
            try bench.importData()
            // Back to how it was when the entry had been written, and on to where the kill came.
            try bench.use { installer in
                let slot = installer.parts.snapshots.slot(try id(), .replaced)
                try installer.parts.snapshots.putForward(slot)
                try installer.device.database.write {
                    try PackStore.open(OpenDataChange(pack: try id(), isWayBack: false), in: $0)
                }
            }
            #expect(try bench.data("a") == "two")
            if steps > 0 { try DurableFile.rename(data, to: "\(slot)/discarded") }
            if steps > 1 { try DurableFile.rename("\(slot)/content", to: data) }
            if steps > 2 { try DurableFile.rename("\(slot)/discarded/cache", to: "\(data)/cache") }
            let found = try bench.open { _, recovery in recovery }
            #expect(found.data.map(\.text) == ["a"] && found.dataWords?.contains("data of a") == true)
            let open = try bench.use { installer in
                try installer.device.database.read { try PackStore.openDataChanges(in: $0) }
            }
            #expect(open.isEmpty)
            #expect(try bench.data("a") == "one")
            #expect(try readText("\(data)/cache/big") == "old cache")
            try bench.takeBackData()
            #expect(try bench.data("a") == "two")
        }
    }

    @Test("a kill before the log's entry leaves the old data, and a way back that was killed is finished")
    func killedElsewhere() throws {
        try with { bench in
            let data = "\(bench.places.data)/a/1"
            try bench.exportData()
            try write("two", to: "\(data)/state")
            try bench.importData()
            try bench.use { installer in
                let slot = installer.parts.snapshots.slot(try id(), .replaced)
                // Everything is there but the entry and the mark.
                try installer.parts.snapshots.putForward(slot)
            }
            #expect(try bench.data("a") == "two")
            #expect(code { try bench.takeBackData() } == "nothing_to_take_back")

            try bench.importData()
            try bench.use {
                try $0.device.database.write {
                    try PackStore.open(OpenDataChange(pack: try id(), isWayBack: true), in: $0)
                }
            }
            #expect(try bench.use { try $0.data(of: try id()).map(\.kind) } == [.used])
            #expect(try bench.data("a") == "two")
        }
    }

    @Test("a snapshot is put in place and stays; one that is damaged is refused, and an update ends the way back")
    func snapshots() throws {
        try with { bench in
            try bench.stage(pack("a", "1.1.0"))
            try bench.install("a")
            try write("two", to: "\(bench.places.data)/a/1/state")
            func restore() throws {
                _ = try bench.use { try $0.restoreData(of: id(), before: 2, reason: "x", by: TestBench.ada) }
            }
            try restore()
            #expect(try bench.data("a") == "one")
            #expect(try readText("\(bench.places.snapshots)/2/a/content/state") == "one")
            try bench.takeBackData()
            #expect(try bench.data("a") == "two")
            let export = try bench.use {
                try $0.exportData(of: id(), before: 2, to: "\(bench.folder)/two.tar", by: TestBench.ada)
            }
            #expect(export.snapshot.generation == 2)

            try restore()
            try bench.stage(pack("a", "1.2.0"))
            try bench.install("a")
            #expect(code { try bench.takeBackData() } == "nothing_to_take_back")
            let a = try id()
            #expect(try bench.use { try $0.collect(by: TestBench.ada).replaced } == [a])
            #expect(try DirectoryNames.read(in: "\(bench.places.snapshots)/replaced").isEmpty)

            try write("x", to: "\(bench.places.snapshots)/2/a/content/state")
            #expect(code { try restore() } == "snapshot_damaged")
        }
    }
}
