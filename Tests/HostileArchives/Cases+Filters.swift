extension HostileArchives {
    /// Damage to the compression around a valid tar.
    static let filters: [ArchiveCase] = [
        ArchiveCase(
            "a gzip member with a wrong CRC", "bad-checksum",
            bytes: {
                try flipped(Compression.gzip(plain()), fromEnd: 8)
            }),
        ArchiveCase(
            "a gzip member with a wrong length", "bad-checksum",
            bytes: {
                try flipped(Compression.gzip(plain()), fromEnd: 1)
            }),
        ArchiveCase(
            "a gzip member that ends early", "truncated", bytes: { Array(try Compression.gzip(plain()).dropLast(20)) }),
        ArchiveCase(
            "a gzip member without its check", "truncated", bytes: { Array(try Compression.gzip(plain()).dropLast(8)) }),
        ArchiveCase(
            "a second gzip member", "second-member",
            bytes: {
                let whole = plain()
                return try Compression.gzip(Array(whole.prefix(1024))) + Compression.gzip(Array(whole.dropFirst(1024)))
            }),
        ArchiveCase(
            "an empty second gzip member", "second-member",
            bytes: {
                try Compression.gzip(plain()) + Compression.gzip([])
            }),
        ArchiveCase(
            "data after a gzip member", "trailing-data", bytes: { try Compression.gzip(plain()) + Array("tail".utf8) }),
        ArchiveCase(
            "zeros after a gzip member", "trailing-data",
            bytes: {
                try Compression.gzip(plain()) + [UInt8](repeating: 0, count: 512)
            }),
        ArchiveCase("gzip in gzip", "tar-dialect", bytes: { try Compression.gzip(Compression.gzip(padded())) }),
        ArchiveCase("gzip of nothing", "empty-archive", bytes: { try Compression.gzip([]) }),
        ArchiveCase(
            "gzip of an archive without an end", "missing-end-marker",
            bytes: {
                try Compression.gzip(Array(plain().dropLast(1024)))
            }),
        ArchiveCase(
            "damaged deflate data", "corrupt",
            bytes: {
                [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3] + [UInt8](repeating: 0xff, count: 64)
            }),
        ArchiveCase(
            "a zstd frame with a wrong checksum", "bad-checksum",
            bytes: {
                try flipped(Compression.zstd(plain()), fromEnd: 1)
            }),
        ArchiveCase(
            "a zstd frame that ends early", "truncated", bytes: { Array(try Compression.zstd(plain()).dropLast(5)) }),
        ArchiveCase(
            "a second zstd frame", "second-member",
            bytes: {
                try Compression.zstd(plain()) + Compression.zstd(Array("more".utf8))
            }),
        ArchiveCase(
            "a skippable zstd frame after the first", "second-member",
            bytes: {
                try Compression.zstd(plain()) + [0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]
            }),
        ArchiveCase(
            "a skippable zstd frame before the first", "unknown-format",
            bytes: {
                try [0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4] + Compression.zstd(plain())
            }),
        ArchiveCase(
            "data after a zstd frame", "trailing-data", bytes: { try Compression.zstd(plain()) + [0, 1, 2, 3] }),
        ArchiveCase(
            "an xz stream with a wrong check", "bad-checksum",
            bytes: {
                let whole = try Compression.xz(plain())
                return flipped(whole, fromEnd: whole.count / 2)
            }),
        ArchiveCase(
            "an xz stream that ends early", "truncated", bytes: { Array(try Compression.xz(plain()).dropLast(30)) }),
        ArchiveCase(
            "a second xz stream", "second-member", bytes: { try Compression.xz(plain()) + Compression.xz(plain()) }),
        ArchiveCase(
            "padding after an xz stream", "trailing-data",
            bytes: {
                try Compression.xz(plain()) + [UInt8](repeating: 0, count: 4)
            }),
        ArchiveCase(
            "hostile content behind zstd", "parent-component",
            bytes: {
                var tar = TarBuilder()
                tar.file("../outside", "x")
                tar.end()
                return try Compression.zstd(tar.bytes)
            }),
        ArchiveCase(
            "hostile content behind xz", "device",
            bytes: {
                var tar = TarBuilder()
                tar.header(.init("null", type: "3"))
                tar.end()
                return try Compression.xz(tar.bytes)
            }),
    ]

    /// Little that becomes much.
    static let bombs: [ArchiveCase] = [
        ArchiveCase(
            "300 MiB of zeros behind gzip", "compression-ratio",
            bytes: {
                try Compression.zeros(300 << 20, through: "gzip -9")
            }),
        ArchiveCase(
            "1 GiB of zeros behind zstd", "compression-ratio",
            bytes: {
                try Compression.zeros(1 << 30, through: "zstd -qc")
            }),
        ArchiveCase(
            "10 MiB of zeros behind xz", "compression-ratio",
            bytes: {
                try Compression.zeros(10 << 20, through: "xz -1c")
            }),
        ArchiveCase("a sparse 100 GiB in a header", "too-many-bytes") {
            $0.file("huge") { $0.rawSize = base256(100 << 30) }
        },
        ArchiveCase("a pax size of 100 GiB", "too-many-bytes") {
            $0.pax([("size", String(100 << 30))])
            $0.file("huge")
        },
        ArchiveCase("files that are too large together", "too-many-bytes", limits: (4096, 1000)) {
            for index in 0..<5 { $0.file("f\(index)", String(repeating: "x", count: 1024)) }
        },
        ArchiveCase("metadata that is too large together", "too-many-bytes", limits: (1 << 20, 1000)) {
            for index in 0..<20 {
                $0.pax([("comment", String(repeating: "c", count: 100_000))], type: "g")
                $0.file("f\(index)")
            }
        },
        ArchiveCase("too many entries", "too-many-entries", limits: (1 << 20, 100)) {
            for index in 0...100 { $0.file("f\(index)") }
        },
        ArchiveCase("too many links", "too-many-entries", limits: (1 << 20, 100)) {
            $0.file("f", "x")
            for index in 0...100 { $0.hardLink("h\(index)", to: "f") }
        },
        ArchiveCase(
            "a zstd window of 2 GiB", "decoder-memory",
            bytes: {
                // A frame header that asks for a window of 2 GiB: descriptor 0, window 21 << 3 (RFC 8878 §3.1.1.1.2).
                [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8] + [UInt8](repeating: 0, count: 64)
            }),
    ]

    private static func flipped(_ bytes: [UInt8], fromEnd offset: Int) -> [UInt8] {
        var changed = bytes
        changed[changed.count - offset] ^= 0x10
        return changed
    }

    /// The plain tar with content that does not compress, so that its gzip has more than one block.
    private static func padded() -> [UInt8] {
        var state: UInt64 = 42
        var tar = TarBuilder()
        let noise = (0..<4096).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Character(UnicodeScalar(UInt8(33 + (state >> 33) % 90)))
        }
        tar.file("noise", String(noise))
        tar.end()
        return tar.bytes
    }

    private static func base256(_ value: UInt64) -> [UInt8] {
        [0x80, 0, 0, 0] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }
}
