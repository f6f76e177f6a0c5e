import AuroraDatabase
package import AuroraModel
import AuroraSystem
import Synchronization

extension AuditLog {
    /// The number of entries, published or not.
    package var size: Int64 {
        get throws { try database.read { try AuditStore($0).range().size } }
    }

    /// Returns entries in order, from `number` on.
    ///
    /// - Parameters:
    ///   - number: The first one, counted from 0; below that, 0 is meant.
    ///   - limit: At most so many, 1 to 1,000; values outside are moved to the nearest bound.
    package func entries(from number: Int64, limit: Int) throws -> [LoggedEntry] {
        try database.read { try AuditStore($0).entries(from: max(0, number), limit: min(max(1, limit), 1_000)) }
    }

    /// Returns the last `count` entries as the prototype's lines, oldest first; at most 10,000.
    /// - Throws: A refusal with code `bad_count` for a negative number.
    package func last(_ count: Int) throws -> [String] {
        guard count >= 0 else {
            throw Refusal(
                .badRequest, code: "bad_count", "the number of audit lines is \(count)", subject: "n",
                rule: "n is 0 or more", remedy: "ask for n=200")
        }
        guard count > 0 else { return [] }
        let limit = min(count, 10_000)
        return try database.read { transaction in
            let store = AuditStore(transaction)
            let start = max(0, try store.range().size - Int64(limit))
            return try store.entries(from: start, limit: limit).map(\.legacyLine)
        }
    }

    /// Shows that an entry is in the signed log, for someone who has only the key: the content of a `.tlog-proof`.
    ///
    /// Publishes first when the entry is newer than the last checkpoint.
    /// - Throws: `AuditError.noSuchEntry`.
    package func proof(of number: Int64) throws -> TransparencyProof {
        let checkpoint = try publish()
        let hashes = try inclusionProof(of: number, size: checkpoint.size)
        let note = SignedNote(text: checkpoint.text, signedBy: key, as: verifierKey)
        return TransparencyProof(index: number, hashes: hashes, checkpoint: note)
    }

    /// The hashes that show entry `number` to be among the first `size` (RFC 6962 §2.1.1).
    package func inclusionProof(of number: Int64, size: Int64) throws -> [Digest] {
        try database.read { transaction in
            let range = try AuditStore(transaction).range()
            guard size <= range.size else { throw AuditError.noSuchEntry(number: size - 1, size: range.size) }
            return try RowHashes(transaction: transaction).inclusionProof(of: number, size: size)
        }
    }

    /// The hashes that show the log of `newSize` to continue that of `oldSize` (RFC 6962 §2.1.2).
    package func consistencyProof(from oldSize: Int64, to newSize: Int64) throws -> [Digest] {
        try database.read { transaction in
            let range = try AuditStore(transaction).range()
            guard newSize <= range.size else { throw AuditError.noSuchEntry(number: newSize - 1, size: range.size) }
            return try RowHashes(transaction: transaction).consistencyProof(from: oldSize, to: newSize)
        }
    }

    /// How the log stands: for the dashboard and `/api/v1/audit/state`.
    package func verificationState() throws -> AuditState {
        let (range, signed) = try database.read { transaction in
            let store = AuditStore(transaction)
            return (try store.range(), try store.signed())
        }
        let last = lastReport.withLock { $0 }
        return AuditState(
            verifierKey: "\(verifierKey)", size: range.size, root: range.root, signedSize: signed?.size ?? 0,
            checkedAt: last?.time, report: last?.report)
    }

    /// Verifies rows and published folder completely and remembers the result for ``verificationState()``.
    ///
    /// Reads everything: about a second for 200,000 entries.
    @discardableResult
    package func verifyNow() throws -> AuditReport {
        let published = FolderVerifier(folder: folder, key: verifierKey).run()
        let rows = try Self.verify(database, verifierKey: verifierKey, published: folder.path)
        let report = rows.merged(with: published)
        let time = Timestamp(milliseconds: clock.now())
        lastReport.withLock { $0 = (time, report) }
        return report
    }
}

/// How the log stands.
package struct AuditState: Hashable, Sendable {
    /// The text of the key that verifies it.
    package let verifierKey: String
    /// The number of entries.
    package let size: Int64
    /// The root over them.
    package let root: Digest
    /// How many of them the last checkpoint covers.
    package let signedSize: Int64
    /// When everything was last verified; nil when not since the start.
    package let checkedAt: Timestamp?
    /// What that found.
    package let report: AuditReport?
}
