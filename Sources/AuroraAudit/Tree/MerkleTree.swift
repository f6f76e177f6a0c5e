private import AuroraCrypto
package import AuroraModel

/// The hash tree of the log (RFC 6962 §2.1): how leaves, nodes and roots are hashed, and how proofs are checked.
package enum MerkleTree {
    /// The root of a log without entries: the SHA-256 of nothing.
    package static let emptyRoot = Digest(hashing: [])

    /// Returns the hash of an entry's bytes: SHA-256 of 0x00 and the entry.
    package static func leafHash(_ entry: [UInt8]) -> Digest {
        Digest(hashing: [0] + entry)
    }

    /// Returns the hash of two nodes side by side: SHA-256 of 0x01, left, right.
    package static func nodeHash(_ left: Digest, _ right: Digest) -> Digest {
        Digest(hashing: [1] + left.bytes + right.bytes)
    }

    /// Tells whether `proof` shows that entry `index` with this leaf hash is in the log of `size` with `root`.
    ///
    /// Source: RFC 9162 §2.1.3.2.
    package static func isIncluded(
        leaf: Digest, index: Int64, size: Int64, proof: [Digest], root: Digest
    ) -> Bool {
        guard index >= 0, index < size else { return false }
        var (node, last, hash) = (index, size - 1, leaf)
        for step in proof {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                hash = nodeHash(step, hash)
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                hash = nodeHash(hash, step)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }

    /// Tells whether `proof` shows that the log of `newSize` with `newRoot` continues that of `oldSize`.
    ///
    /// Source: RFC 9162 §2.1.4.2; the empty log is continued by every log.
    package static func isConsistent(
        oldSize: Int64, oldRoot: Digest, newSize: Int64, newRoot: Digest, proof: [Digest]
    ) -> Bool {
        guard oldSize >= 0, oldSize <= newSize else { return false }
        if oldSize == newSize { return proof.isEmpty && oldRoot == newRoot }
        if oldSize == 0 { return proof.isEmpty && oldRoot == emptyRoot }
        let steps = oldSize & (oldSize - 1) == 0 ? [oldRoot] + proof : proof
        guard let first = steps.first else { return false }
        var (node, last) = (oldSize - 1, newSize - 1)
        while node & 1 == 1 {
            node >>= 1
            last >>= 1
        }
        var (old, new) = (first, first)
        for step in steps.dropFirst() {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                old = nodeHash(step, old)
                new = nodeHash(step, new)
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                new = nodeHash(new, step)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && old == oldRoot && new == newRoot
    }
}
