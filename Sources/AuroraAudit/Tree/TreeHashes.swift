import AuroraModel

/// Where the hashes of a log are kept: rows of the database, tiles in a folder, memory in tests.
protocol TreeHashes {
    /// Returns `count` neighbouring hashes of a tile level, from number `first` on.
    ///
    /// Level 0 holds leaf hashes; a hash of level L is the root of 256^L entries.
    func hashes(level: Int, from first: Int64, count: Int) throws -> [Digest]
}

extension TreeHashes {
    /// The root of the first `size` entries.
    func root(size: Int64) throws -> Digest {
        size == 0 ? MerkleTree.emptyRoot : try subtree(from: 0, to: size)
    }

    /// The hashes that show entry `index` to be among the first `size`, leaf to root (RFC 6962 §2.1.1).
    func inclusionProof(of index: Int64, size: Int64) throws -> [Digest] {
        guard index >= 0, index < size else { throw AuditError.noSuchEntry(number: index, size: size) }
        return try path(to: index, from: 0, to: size)
    }

    /// The hashes that show the log of `newSize` to continue that of `oldSize` (RFC 6962 §2.1.2).
    func consistencyProof(from oldSize: Int64, to newSize: Int64) throws -> [Digest] {
        guard oldSize >= 0, oldSize <= newSize else { throw AuditError.noSuchEntry(number: oldSize, size: newSize) }
        if oldSize == 0 || oldSize == newSize { return [] }
        return try consistency(of: oldSize, from: 0, to: newSize, isComplete: true)
    }

    private func path(to index: Int64, from start: Int64, to end: Int64) throws -> [Digest] {
        guard end - start > 1 else { return [] }
        let middle = start + largestPowerOfTwo(below: end - start)
        return index < middle
            ? try path(to: index, from: start, to: middle) + [subtree(from: middle, to: end)]
            : try path(to: index, from: middle, to: end) + [subtree(from: start, to: middle)]
    }

    private func consistency(
        of oldEnd: Int64, from start: Int64, to end: Int64, isComplete: Bool
    ) throws -> [Digest] {
        if oldEnd == end { return isComplete ? [] : [try subtree(from: start, to: end)] }
        let middle = start + largestPowerOfTwo(below: end - start)
        return oldEnd <= middle
            ? try consistency(of: oldEnd, from: start, to: middle, isComplete: isComplete)
                + [subtree(from: middle, to: end)]
            : try consistency(of: oldEnd, from: middle, to: end, isComplete: false)
                + [subtree(from: start, to: middle)]
    }

    /// The root of the entries from `start` to before `end`, which must split as the log does.
    private func subtree(from start: Int64, to end: Int64) throws -> Digest {
        let count = end - start
        guard count & (count - 1) != 0 else {
            return try node(height: count.trailingZeroBitCount, index: start / count)
        }
        let middle = start + largestPowerOfTwo(below: count)
        return MerkleTree.nodeHash(try subtree(from: start, to: middle), try subtree(from: middle, to: end))
    }

    /// The root of a complete subtree, from the tile level at or below its height.
    private func node(height: Int, index: Int64) throws -> Digest {
        let (level, inside) = height.quotientAndRemainder(dividingBy: TileLayout.height)
        var hashes = try hashes(level: level, from: index << Int64(inside), count: 1 << inside)
        guard hashes.count == 1 << inside else { throw AuditError.missingHash(level: level, number: index) }
        while hashes.count > 1 {
            hashes = stride(from: 0, to: hashes.count, by: 2).map { MerkleTree.nodeHash(hashes[$0], hashes[$0 + 1]) }
        }
        return hashes[0]
    }

    private func largestPowerOfTwo(below count: Int64) -> Int64 {
        1 << Int64(63 - (count - 1).leadingZeroBitCount)
    }
}
