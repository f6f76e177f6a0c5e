package import AuroraApprovals
package import AuroraDatabase
package import AuroraModel

/// Reads what artifacts the hub has.
///
/// Thread-safe.
package struct ArtifactQueries: Sendable {
    private let database: Database

    package init(database: Database) {
        self.database = database
    }

    /// Artifacts and sidecars, newest first.
    ///
    /// - Throws: `Refusal` with code `bad_cursor`.
    package func artifacts(after cursor: String? = nil, limit: Int = 100) throws -> Page<ArtifactRecord> {
        let start = try cursor.map(Cursor.parse)
        let items = try database.read { try ArtifactStore.artifacts(before: start, limit: limit + 1, in: $0) }
        return Page(items, limit: limit) { Cursor.text($0.uploaded, $0.digest) }
    }

    /// The digests of everything the hub has, in order.
    package func digests() throws -> [Digest] {
        try database.read { try ArtifactStore.digests(in: $0) }
    }

    /// One artifact; nil when the hub does not have it.
    package func artifact(_ digest: Digest) throws -> ArtifactRecord? {
        try database.read { try ArtifactStore.artifact(digest, in: $0) }
    }
}
