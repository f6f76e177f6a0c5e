/// How large an archive may be; the defaults are the hub's.
package struct ArchiveLimits: Hashable, Sendable {
    /// Bytes of file content and metadata records together, default 8 GiB.
    package var unpackedBytes: UInt64
    /// Entries, default 200,000.
    package var entries: Int
    /// Levels of a name (`a/b/c` has three), default 64.
    package var depth: Int
    /// Decoded bytes per compressed byte once more than ``ratioFloor`` bytes came out, default 250.
    package var ratio: UInt64
    /// Bytes of one metadata record (pax header or GNU long name), default 1 MiB.
    package var metadataBytes: Int

    /// Decoded bytes below which the ratio is not judged: 1 MiB does no harm whatever it was made from.
    package static let ratioFloor: UInt64 = 1 << 20
    /// Zero bytes tolerated after the end marker: the largest record size tar programs are used with.
    package static let paddingBytes: UInt64 = 1 << 20
    /// Memory a decoder may take: enough for `xz -9` (65 MiB) and `zstd --ultra -22` (128 MiB window).
    package static let decoderBytes: UInt64 = 160 << 20

    /// Makes limits; every one left out has its default.
    package init(
        unpackedBytes: UInt64 = 8 << 30, entries: Int = 200_000, depth: Int = 64, ratio: UInt64 = 250,
        metadataBytes: Int = 1 << 20
    ) {
        self.unpackedBytes = unpackedBytes
        self.entries = entries
        self.depth = depth
        self.ratio = ratio
        self.metadataBytes = metadataBytes
    }
}
