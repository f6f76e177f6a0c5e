import AuroraArchive
import AuroraSystem
import AuroraTestSupport
import Foundation
import Glibc
import HostileArchives
import Testing

@Suite("Unpacking in this process")
struct UnpackerTests {
    @Test("the tree is exactly what the archive says")
    func tree() throws {
        try withTemporaryDirectory { folder in
            let summary = try unpack(HostileArchives.control("links that stay in the tree"), in: folder)
            #expect(summary == UnpackSummary(entries: 6, bytes: 1))
            let paths = try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/tree").sorted()
            #expect(paths == ["bin", "dangling", "lib", "lib/current", "lib/v1", "lib/v1/so", "lib/v1/up", "self"])
            #expect(
                try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/tree/lib/v1/up")
                    == "../../lib/./v1/so")
        }
    }

    @Test("modes are 0644, 0755 and 0755 whatever the archive and the umask say")
    func modes() throws {
        try withTemporaryDirectory { folder in
            _ = try unpack(HostileArchives.control("modes that are normalised"), in: folder)
            for (name, mode) in [("private", 0o100644), ("tool", 0o100755), ("open", 0o40755)] {
                var status = stat()
                #expect(lstat("\(folder)/tree/\(name)", &status) == 0)
                #expect(status.st_mode == mode_t(mode), "\(name)")
            }
        }
    }

    @Test("hard links share one file")
    func hardLinks() throws {
        try withTemporaryDirectory { folder in
            _ = try unpack(HostileArchives.control("hard links to earlier files"), in: folder)
            var status = stat()
            #expect(lstat("\(folder)/tree/d/c", &status) == 0)
            #expect(status.st_nlink == 3)
        }
    }

    @Test("a directory with something in it is refused")
    func notEmpty() throws {
        try withTemporaryDirectory { folder in
            try write("x", to: "\(folder)/tree/there")
            let refusal = #expect(throws: ArchiveRefusal.self) { try unpack(HostileArchives.plain(), in: folder) }
            #expect(refusal?.rule == .destination)
        }
    }

    @Test("the descriptor's own offset does not matter and is left alone")
    func offset() throws {
        try withTemporaryDirectory { folder in
            let artifact = try Descriptor.open("\(folder)/artifact", [.readWrite, .create])
            try artifact.write(all: HostileArchives.plain())
            try artifact.seek(to: 99)
            mkdir("\(folder)/tree", 0o755)
            let tree = try Descriptor.open("\(folder)/tree", [.readOnly, .directory])
            #expect(try ArchiveUnpacker.unpack(artifact: artifact.rawValue, into: tree.rawValue).entries == 2)
            #expect(lseek(artifact.rawValue, 0, SEEK_CUR) == 99)
        }
    }

    /// Deflate can spell the same bytes in two ways (lengths of codes that are not used); the check then still holds.
    @Test("one damaged byte anywhere behind the gzip header is refused or changes nothing")
    func damagedByte() throws {
        let bytes = try Compression.gzip(HostileArchives.plain())
        for position in 10..<bytes.count {
            var changed = bytes
            changed[position] ^= 0x40
            try withTemporaryDirectory { (folder: String) throws -> Void in
                guard (try? unpack(changed, in: folder)) != nil else { return }
                #expect(try readText("\(folder)/tree/version") == "1.2.3\n", "byte \(position)")
                #expect(try readText("\(folder)/tree/bin/run") == "#!/bin/sh\n", "byte \(position)")
            }
        }
    }

    @Test("the child's line is read back, and nothing else is")
    func line() {
        let refusal = ArchiveRefusal(.device, entry: "dev/\\x0a\"", "it is a character device")
        for outcome in [UnpackChildProtocol.Outcome.unpacked(UnpackSummary(entries: 2, bytes: 7)), .refused(refusal)] {
            #expect(UnpackChildProtocol.decode(UnpackChildProtocol.encode(outcome)) == outcome)
        }
        let good = UnpackChildProtocol.encode(.refused(refusal))
        let bad = [
            [], [0x0a], good + good, Array(good.dropLast()), Array("unpacked\t1\n".utf8),
            Array("unpacked\t-1\t1\n".utf8), Array("unpacked\t1\t1\t1\n".utf8), Array("refused\tluck\ta\tb\n".utf8),
            Array("refused\tdevice\ta\n".utf8), Array("refused\tdevice\ta\u{1b}[2J\tb\n".utf8),
            Array("refused\tdevice\t".utf8) + [0xff] + Array("\tb\n".utf8),
        ]
        for output in bad { #expect(UnpackChildProtocol.decode(output) == nil) }
        let hostile = UnpackChildProtocol.encode(.refused(ArchiveRefusal(.device, entry: "a\nunpacked\t1\t1", "b")))
        #expect(UnpackChildProtocol.decode(hostile) == .refused(ArchiveRefusal(.device, entry: "a?unpacked?1?1", "b")))
        #expect(UnpackChildProtocol.decode([UInt8](repeating: 0x20, count: 9000) + good) == nil)
    }

    @Test("limits travel as arguments")
    func arguments() {
        let limits = ArchiveLimits(unpackedBytes: 1, entries: 2, depth: 3, ratio: 4, metadataBytes: 5)
        #expect(UnpackChildProtocol.limits(UnpackChildProtocol.arguments(limits).dropFirst(2)) == limits)
        #expect(UnpackChildProtocol.limits(["1", "2", "3", "4"]) == nil)
        #expect(UnpackChildProtocol.limits(["1", "2", "3", "4", "x"]) == nil)
        #expect(UnpackChildProtocol.limits(["1", "2", "3", "4", "18446744073709551615"]) == nil)
    }

    private func unpack(_ bytes: [UInt8], in folder: String) throws -> UnpackSummary {
        let artifact = try Descriptor.open("\(folder)/artifact", [.readWrite, .create])
        try artifact.write(all: bytes)
        mkdir("\(folder)/tree", 0o755)
        let tree = try Descriptor.open("\(folder)/tree", [.readOnly, .directory])
        return try ArchiveUnpacker.unpack(artifact: artifact.rawValue, into: tree.rawValue)
    }
}
