extension HostileArchives {
    /// A small valid tar, for what is wrapped around it.
    package static func plain() -> [UInt8] {
        var tar = TarBuilder()
        tar.file("version", "1.2.3\n")
        tar.file("bin/run", "#!/bin/sh\n", mode: 0o755)
        tar.end()
        return tar.bytes
    }

    /// Damage to the archive's own structure.
    package static let container: [ArchiveCase] = [
        ArchiveCase("no bytes at all", "empty-archive", bytes: { [] }),
        ArchiveCase("an end marker and nothing else", "empty-archive") { _ in },
        ArchiveCase("nothing but the tree's own directory", "empty-archive") { $0.directory("./") },
        ArchiveCase("no end marker", "missing-end-marker", bytes: { Array(plain().dropLast(1024)) }),
        ArchiveCase("half an end marker", "missing-end-marker", bytes: { Array(plain().dropLast(512)) }),
        ArchiveCase("a block of zeros between two entries", "missing-end-marker") {
            $0.file("a", "1")
            $0.raw([UInt8](repeating: 0, count: 512))
            $0.file("b", "2")
        },
        ArchiveCase(
            "an end inside a file", "truncated",
            bytes: {
                var tar = TarBuilder()
                tar.file("big", String(repeating: "x", count: 4096))
                return Array(tar.bytes.prefix(2048))
            }),
        ArchiveCase("an end inside a header", "truncated", bytes: { Array(plain().prefix(1024 + 100)) }),
        ArchiveCase("an end inside a block of the end marker", "truncated", bytes: { plain() + [0, 0, 0] }),
        ArchiveCase(
            "a file longer than the archive", "truncated",
            bytes: {
                var tar = TarBuilder()
                tar.file("big") { $0.size = 1 << 20 }
                tar.end()
                return tar.bytes
            }),
        ArchiveCase("a wrong header checksum", "bad-checksum") { $0.file("f", "x") { $0.checksumError = 1 } },
        ArchiveCase("a wrong header checksum on the second entry", "bad-checksum") {
            $0.file("a", "x")
            $0.file("b", "x") { $0.checksumError = 8 }
        },
        ArchiveCase(
            "data after the end marker", "trailing-data",
            bytes: {
                plain() + [UInt8](repeating: 0x41, count: 512)
            }),
        ArchiveCase(
            "2 MiB of zeros after the end marker", "trailing-data",
            bytes: {
                plain() + [UInt8](repeating: 0, count: 2 << 20)
            }),
        ArchiveCase("a second archive", "second-archive", bytes: { plain() + plain() }),
        ArchiveCase("a negative size", "corrupt") {
            $0.file("f") { $0.rawSize = [UInt8](repeating: 0xff, count: 12) }
        },
        ArchiveCase("a size that is no number", "corrupt") {
            $0.file("f") { $0.rawSize = Array("0000000zz00\u{0}".utf8) }
        },
        ArchiveCase("a size of 2^63", "too-many-bytes") {
            $0.file("f") { $0.rawSize = [0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff] }
        },
        ArchiveCase("a version 7 header", "unknown-format") { $0.file("old", "x") { $0.magic = "" } },
        ArchiveCase("a second header of another dialect", "tar-dialect") {
            $0.file("new", "x")
            $0.file("old", "x") { $0.magic = "" }
        },
        ArchiveCase(
            "a zip file", "unknown-format", bytes: { Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: 600) }),
        ArchiveCase(
            "a cpio archive", "unknown-format", bytes: { Array(("070701" + String(repeating: "0", count: 600)).utf8) }),
        ArchiveCase("an mtree text", "unknown-format", bytes: { Array("#mtree\n./x type=file\n".utf8) }),
        ArchiveCase("plain text", "unknown-format", bytes: { Array("hello\n".utf8) }),
    ]
}
