import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Glibc
import Synchronization
import Testing

@testable import AuroraPacks

/// Data that a running pack is writing, and data that no copy can hold.
@Suite struct LiveDataTests {
    private func id() throws -> PackID { try #require(PackID("a")) }
    private func wish() throws -> PackRequest { .change([.version(try id(), nil)]) }

    /// A device on which `a 1.0.0` runs with a little data, and `next` is staged.
    private func with(_ next: SamplePack, _ body: (TestBench, _ data: String) throws -> Void) throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"))
            try bench.install("a")
            let data = "\(bench.places.data)/a/1"
            try write("one", to: "\(data)/state")
            try bench.stage(next)
            try body(bench, data)
        }
    }

    private func next(_ lines: String..., schema: Int = 1) -> SamplePack {
        SamplePack(
            id: "a", version: "1.1.0", schema: schema, lines: lines + ["safety: {dry_run_supported: true}"],
            files: ["install.sh": "test \"$1\" != --dry-run || test \"$(cat \"$TEST_DATA/state\")\" = one"])
    }

    /// Makes a file whose name is no text.
    private func makeBadName(in folder: String) throws {
        try FileTree.makeFolders(folder, mode: 0o700)
        let name: [CChar] = Array("\(folder)/bad".utf8CString.dropLast()) + [-1, 0]
        try #require(close(open(name, O_CREAT | O_WRONLY, 0o600)) == 0)
    }

    private static let deep = Array(repeating: "d", count: FileTree.depthLimit + 1).joined(separator: "/")

    @Test("a rehearsal ends well however often the running pack renames, replaces and removes meanwhile")
    func whileWriting() throws {
        try with(next("data: {schema_version: 2}", schema: 2)) { bench, data in
            let isOver = Monitor(false)
            let writer = Background { [data] in
                var count = 0
                while !isOver.withLock({ $0 }) {
                    count += 1
                    let (draft, place) = ("\(data)/t\(count)", "\(data)/s\(count % 7)")
                    try write("\(count)", to: draft)
                    try FileTree.remove(place)
                    try #require(rename(draft, place) == 0)
                    try write("x", to: "\(data)/f\(count % 5)/x")
                    try FileTree.remove("\(data)/f\((count + 2) % 5)")
                    try FileTree.remove("\(data)/f\((count + 3) % 5)")
                    symlink("state", "\(data)/f\((count + 3) % 5)")
                }
                return count
            }
            defer { isOver.change(wakingAll: true) { $0 = true } }
            for _ in 0..<40 {
                let results = try bench.use { try $0.dryRun(try wish(), by: TestBench.ada).rehearsals }
                #expect(results == [RehearsalResult(pack: try id(), onlyPlanned: nil)])
            }
            isOver.change(wakingAll: true) { $0 = true }
            #expect(try writer.value() > 0)
        }
    }

    @Test("a rehearsal copies names by their bytes, and says what it left out; the pack is replaced all the same")
    func rehearsedOddities() throws {
        try with(next()) { bench, data in
            try makeBadName(in: data)
            try #require(mkfifo("\(data)/pipe", 0o600) == 0)
            let result = try bench.use { try $0.dryRun(try wish(), by: TestBench.ada).rehearsals.first }
            #expect(result?.notes == ["the copy of its data has no pipe: it is a socket, a pipe or a device"])
            #expect(result?.json["ran"] == true && result?.json["notes"]?[0] != nil)
            try bench.install("a")
            #expect(try bench.active() == ["a 1.1.0"])
        }
    }

    @Test("of much that was left out the first five are named")
    func manyOddities() throws {
        try with(next()) { bench, data in
            for number in 1...7 { try #require(mkfifo("\(data)/pipe\(number)", 0o600) == 0) }
            let notes = try bench.use { try $0.dryRun(try wish(), by: TestBench.ada).rehearsals.first?.notes }
            #expect(notes?.count == 6)
            #expect(notes?.last == "the copy of its data lacks 2 more")
        }
    }

    /// A change that needs a copy, and what is refused.
    struct Copying: CustomTestStringConvertible {
        let line: String
        let schema: Int
        let isDeep: Bool
        var testDescription: String { "\(line), \(isDeep ? "too deep" : "no text")" }
    }

    static let copying = [("data: {snapshot: always}", 1), ("data: {schema_version: 2}", 2)].flatMap { line, schema in
        [true, false].map { Copying(line: line, schema: schema, isDeep: $0) }
    }

    @Test("a copy that is needed and cannot be made is refused before anything is stopped", arguments: copying)
    func refused(_ item: Copying) throws {
        try with(next(item.line, schema: item.schema)) { bench, data in
            if item.isDeep {
                try FileTree.makeFolders("\(data)/\(Self.deep)", mode: 0o700)
            } else {
                try makeBadName(in: "\(data)/sub")
            }
            let unreadable = (
                "data_unreadable", "The data of a cannot be copied: \(data)/sub/bad\\xff is a name that is not UTF-8.",
                "stop the pack (aurora pack stop a), then rename or remove what is named there; or install a "
                    + "version whose data.exclude names a folder above it, or, with the same schema, one that says "
                    + "data.snapshot: never; letting the pack go (aurora pack install --remove a) copies nothing"
            )
            // What cannot be counted could not be started either.
            let uncounted = (
                "storage_exceeded", "a keeps more than 256 folders inside each other in its data and logs.",
                "look: aurora pack files a --usage; remove what is not needed, or allow more"
            )
            let (code, message, remedy) = item.isDeep ? uncounted : unreadable
            bench.services.forget()
            for attempt in [{ try $0.dryRun(try wish(), by: TestBench.ada) }, install]
                as [(PackInstaller) throws -> Any]
            {
                let refusal = #expect(throws: Refusal.self) { try bench.use { _ = try attempt($0) } }
                #expect(refusal?.code == code)
                #expect(refusal?.message == message)
                #expect(refusal?.remedy == remedy)
            }
            #expect(bench.services.log.isEmpty)
            #expect(try bench.active() == ["a 1.0.0"])

            // What the remedy names helps.
            try bench.use {
                _ = try $0.install(.change([.removal(try id())]), approval: TestBench.typed, by: TestBench.ada)
            }
            #expect(try bench.active().isEmpty)
        }
    }

    private func install(_ installer: PackInstaller) throws -> Any {
        try installer.install(try wish(), approval: TestBench.typed, by: TestBench.ada)
    }

    @Test(
        "data that are left out, or of which no copy is taken, may have any names",
        arguments: [
            ("data: {snapshot: always, exclude: [sub]}", 1), ("data: {schema_version: 2, exclude: [sub]}", 2),
            ("data: {snapshot: never}", 1),
        ])
    func leftOut(line: String, schema: Int) throws {
        try with(next(line, schema: schema)) { bench, data in
            try makeBadName(in: "\(data)/sub")
            try bench.install("a")
            #expect(try bench.active() == ["a 1.1.0"])
            #expect(try bench.data("a") == "one")
        }
    }

    @Test("what came after the look is refused by the copy in the same words, and leaves no half of it")
    func lateName() throws {
        try withTemporaryDirectory { root in
            let places = DevicePlaces(root: root)
            let (snapshots, data) = (
                DataSnapshots(places: places, clock: .fixed(1)), places.data(of: try id(), schema: 1)
            )
            try write("old", to: "\(data)/state")
            try makeBadName(in: "\(data)/sub")
            func expectRefusal(_ body: () throws -> Void) throws {
                let refusal = #expect(throws: Refusal.self, performing: body)
                #expect(
                    refusal?.message
                        == "The data of a cannot be copied: \(data)/sub/bad\\xff is a name that is not UTF-8.")
                #expect(try DirectoryNames.read(in: "\(places.snapshots)/7/a").isEmpty)
            }
            try expectRefusal { try snapshots.take(try id(), schema: 1, before: 7, isMigrated: false) }
            try expectRefusal { try snapshots.carry(try id(), from: 1, to: 2, for: 7) }
            let folders = DataFolders(places: places)
            try #require(symlink("\u{fffd}", "\(data)/fine") == 0)
            #expect(throws: Refusal.self) { try folders.checkCopy(of: try id(), schema: 1, excluding: []) }
            try FileTree.remove("\(data)/sub")
            try folders.checkCopy(of: try id(), schema: 1, excluding: [])
        }
    }

    @Test("an export is refused before the pack is stopped, with what can be done about it")
    func export() throws {
        try with(next()) { bench, data in
            try makeBadName(in: data)
            bench.services.forget()
            let refusal = #expect(throws: Refusal.self) {
                try bench.use { try $0.copyData(of: try id(), by: TestBench.ada) }
            }
            #expect(refusal?.message == "The data of a cannot be copied: \(data)/bad\\xff is a name that is not UTF-8.")
            #expect(
                refusal?.remedy == "stop the pack (aurora pack stop a), then rename or remove what is named there")
            #expect(bench.services.log.isEmpty)
        }
    }
}
