import AuroraCrypto
package import AuroraModel

/// The content of a `.tlog-proof` file: one entry's place in a signed log, verifiable without the log (C2SP).
package struct TransparencyProof: Hashable, Sendable {
    private static let header = "c2sp.org/tlog-proof@v1"

    /// The number of the entry.
    package let index: Int64
    /// The hashes from leaf to root.
    package let hashes: [Digest]
    /// The signed checkpoint.
    package let checkpoint: SignedNote

    /// Puts a proof together.
    package init(index: Int64, hashes: [Digest], checkpoint: SignedNote) {
        self.index = index
        self.hashes = hashes
        self.checkpoint = checkpoint
    }

    /// The file's content.
    package var bytes: [UInt8] {
        let lines = [Self.header, "index \(index)"] + hashes.map { Base64.encode($0.bytes) }
        return Array((lines.joined(separator: "\n") + "\n\n").utf8) + checkpoint.bytes
    }

    /// Reads a file's content; checks its form only.
    /// - Throws: ``AuditError/malformed(what:reason:)``.
    package init(bytes: [UInt8]) throws(AuditError) {
        guard let end = bytes.indices.dropFirst().first(where: { bytes[$0] == 0x0A && bytes[$0 - 1] == 0x0A }) else {
            throw Self.malformed("it has no empty line before the checkpoint")
        }
        var lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\n").map(String.init)
        guard lines.first == Self.header else { throw Self.malformed("it does not begin with \(Self.header)") }
        lines.removeFirst()
        if lines.first?.hasPrefix("extra ") == true { lines.removeFirst() }
        guard let number = lines.first?.split(separator: " ", maxSplits: 1), number.first == "index",
            let index = number.last.flatMap({ Int64($0) }), "index \(index)" == lines.first, index >= 0
        else { throw Self.malformed("it has no line \"index N\"") }
        var hashes: [Digest] = []
        for line in lines.dropFirst() {
            guard let hash = Base64.decode(line).flatMap({ Digest(bytes: $0) }) else {
                throw Self.malformed("a hash is not 32 bytes in base64")
            }
            hashes.append(hash)
        }
        self.init(index: index, hashes: hashes, checkpoint: try SignedNote(bytes: Array(bytes[(end + 1)...])))
    }

    /// Tells whether the entry is in the log that the key's owner signed.
    package func proves(entry: [UInt8], under verifier: VerifierKey) -> Bool {
        guard checkpoint.standing(under: verifier) == .signed, let stated = try? Checkpoint(text: checkpoint.text),
            stated.origin == verifier.name
        else { return false }
        return MerkleTree.isIncluded(
            leaf: MerkleTree.leafHash(entry), index: index, size: stated.size, proof: hashes, root: stated.root)
    }

    private static func malformed(_ reason: String) -> AuditError {
        .malformed(what: "the proof", reason: reason)
    }
}
