import AuroraArchive
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

@Suite("Writing a tar archive")
struct TarWriterTests {
    private func writing(
        _ folder: String, _ body: (TarWriter) throws(ArchiveRefusal) -> Void
    ) throws -> String {
        let path = "\(folder)/archive"
        let file = try Descriptor.open(path, [.writeOnly, .create, .exclusive])
        try TarWriter.write(to: file.rawValue, body)
        return path
    }

    @Test("what was written is unpacked as it was: names of any length and script, links, modes, empty files")
    func round() throws {
        try withTemporaryDirectory { folder in
            let long = (0..<10).map { "\($0)" + String(repeating: "n", count: 100) }.joined(separator: "/")
            let content = [UInt8](repeating: 7, count: 700_000)
            try write(String(decoding: content, as: UTF8.self), to: "\(folder)/content")
            let source = try Descriptor.open("\(folder)/content", .readOnly)
            let path = try writing(folder) { (tar) throws(ArchiveRefusal) in
                try tar.add(folder: "d")
                try tar.add(file: "d/ünïcode ", [1, 2])
                try tar.add(file: "d/empty", [])
                try tar.add(file: long, [3])
                try tar.add(link: "d/link", to: "../" + long)
                try tar.add(file: "tool", from: source.rawValue, size: 700_000, isExecutable: true)
            }
            let archive = try Descriptor.open(path, .readOnly)
            try FileTree.makeFolders("\(folder)/tree", mode: 0o755)
            let tree = try FileTree.open("\(folder)/tree")
            let summary = try ArchiveUnpacker.unpack(artifact: archive.rawValue, into: tree.rawValue)
            #expect(summary == UnpackSummary(entries: 6, bytes: 700_003))
            #expect(try DurableFile.read("\(folder)/tree/d/ünïcode ") == [1, 2])
            #expect(try DurableFile.read("\(folder)/tree/\(long)") == [3])
            #expect(try FileTree.readLink("\(folder)/tree/d/link") == "../" + long)
            #expect(try DurableFile.read("\(folder)/tree/tool") == content)
            #expect(try FileStatus.of("\(folder)/tree/tool").mode == 0o755)
        }
    }

    @Test(
        "what could not be unpacked again is not written",
        arguments: [
            ("../up", "x", ArchiveRule.parentComponent), ("a", "/etc/passwd", .linkLeavesTree),
            ("a\nb", "x", .controlCharacter),
        ])
    func refused(name: String, target: String, rule: ArchiveRule) throws {
        try withTemporaryDirectory { folder in
            let refusal = #expect(throws: ArchiveRefusal.self) {
                _ = try writing(folder) { (tar) throws(ArchiveRefusal) in try tar.add(link: name, to: target) }
            }
            #expect(refusal?.rule == rule)
            var check = ArchiveCheck()
            let before = #expect(throws: ArchiveRefusal.self) { try check.add(link: name, to: target) }
            #expect(before == refusal)
        }
    }

    @Test("what may be written passes the check before, and the limits are those of the archive")
    func check() throws {
        var check = ArchiveCheck(limits: ArchiveLimits(unpackedBytes: 10, entries: 3))
        try check.add(folder: "d")
        try check.add(file: "d/a", size: 10)
        let bytes = #expect(throws: ArchiveRefusal.self) { try check.add(file: "d/b", size: 1) }
        #expect(bytes?.rule == .tooManyBytes)
        let entries = #expect(throws: ArchiveRefusal.self) { try check.add(folder: "e") }
        #expect(entries?.rule == .tooManyEntries)
    }

    @Test("a file that is longer or shorter than it was said to be, and a full disk, are failures", arguments: [2, 4])
    func sizes(size: UInt64) throws {
        try withTemporaryDirectory { folder in
            try write("123", to: "\(folder)/content")
            let source = try Descriptor.open("\(folder)/content", .readOnly)
            let refusal = #expect(throws: ArchiveRefusal.self) {
                _ = try writing(folder) { (tar) throws(ArchiveRefusal) in
                    try tar.add(file: "a", from: source.rawValue, size: size, isExecutable: false)
                }
            }
            #expect(refusal?.rule == .cannotRead)
            let full = try Descriptor.open("/dev/full", .writeOnly)
            let other = #expect(throws: ArchiveRefusal.self) {
                try TarWriter.write(to: full.rawValue) { (tar) throws(ArchiveRefusal) in
                    try tar.add(file: "a", [UInt8](repeating: 1, count: 100_000))
                }
            }
            #expect(other?.rule == .diskFull)
        }
    }
}
