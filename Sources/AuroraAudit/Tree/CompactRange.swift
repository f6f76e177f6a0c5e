import AuroraModel

/// All that must be remembered of a log to append to it and to know its root: at most 63 hashes.
///
/// The hashes are the roots of the complete subtrees that the log splits into, largest first; one for each bit set in
/// its size.
struct CompactRange: Hashable, Sendable {
    /// A subtree that an append completed.
    struct Subtree: Hashable, Sendable {
        /// Its height: it holds 2^height entries.
        let height: Int
        /// Its place among the subtrees of its height.
        let index: Int64
        let hash: Digest
    }

    private(set) var size: Int64 = 0
    private(set) var hashes: [Digest] = []

    /// The range of the empty log.
    init() {}

    /// Reads the range from its stored bytes; nil when they do not fit the size.
    init?(size: Int64, bytes: [UInt8]) {
        guard size >= 0, bytes.count == size.nonzeroBitCount * 32 else { return nil }
        self.size = size
        hashes = stride(from: 0, to: bytes.count, by: 32).compactMap { Digest(bytes: Array(bytes[$0..<$0 + 32])) }
    }

    /// The hashes one after the other.
    var bytes: [UInt8] { hashes.flatMap(\.bytes) }

    /// The root of the log.
    var root: Digest {
        guard var root = hashes.last else { return MerkleTree.emptyRoot }
        for hash in hashes.dropLast().reversed() { root = MerkleTree.nodeHash(hash, root) }
        return root
    }

    /// Adds the next leaf; returns the subtrees of height 8, 16, 24 … that it completes (the entries of hash tiles).
    mutating func append(_ leaf: Digest) -> [Subtree] {
        var completed: [Subtree] = []
        var (hash, height, index) = (leaf, 0, size)
        while index & 1 == 1 {
            hash = MerkleTree.nodeHash(hashes.removeLast(), hash)
            height += 1
            index >>= 1
            if height % TileLayout.height == 0 {
                completed.append(Subtree(height: height, index: index, hash: hash))
            }
        }
        hashes.append(hash)
        size += 1
        return completed
    }
}
