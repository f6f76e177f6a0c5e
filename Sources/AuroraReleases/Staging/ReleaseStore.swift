import AuroraDatabase
import AuroraModel

/// The SQL of staged releases.
enum ReleaseStore {
    static let migrations = [
        Migration(
            name: "releases-staged-1",
            statements: [
                """
                CREATE TABLE releases (
                    artifact TEXT PRIMARY KEY, tree TEXT NOT NULL, name TEXT, version TEXT, hardware TEXT NOT NULL,
                    verdict TEXT NOT NULL, entries BIGINT NOT NULL, bytes BIGINT NOT NULL, label TEXT,
                    staged_by TEXT NOT NULL, staged BIGINT NOT NULL, evidence TEXT NOT NULL)
                """,
                "CREATE INDEX releases_staged ON releases (staged, artifact)",
                "CREATE INDEX releases_tree ON releases (tree)",
            ])
    ]

    /// Inserts a release, or replaces what is known about it when better evidence came.
    static func put(_ release: StagedRelease, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO releases (artifact, tree, name, version, hardware, verdict, entries, bytes, label, staged_by,
                staged, evidence)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (artifact) DO UPDATE SET name = excluded.name, version = excluded.version,
                hardware = excluded.hardware, verdict = excluded.verdict, label = excluded.label,
                staged_by = excluded.staged_by, evidence = excluded.evidence
            """,
            [
                .text(release.artifact.hex), .text(release.tree.hex), release.name.map { .text($0.text) } ?? .null,
                release.version.map { .text($0.description) } ?? .null, json(release.hardwareIDs),
                .text(String(decoding: release.verdict.json.documentBytes, as: UTF8.self)),
                .integer(release.entries), .integer(release.bytes), release.fileName.map { .text($0) } ?? .null,
                .text(release.stagedBy), .integer(release.staged.milliseconds), json(release.evidence),
            ])
    }

    static func release(_ artifact: Digest, in transaction: Transaction) throws -> StagedRelease? {
        try transaction.first("SELECT * FROM releases WHERE artifact = ?", [.text(artifact.hex)]).map(release)
    }

    /// The newest release that unpacks to this tree.
    static func release(tree: Digest, in transaction: Transaction) throws -> StagedRelease? {
        try transaction.first(
            "SELECT * FROM releases WHERE tree = ? ORDER BY staged DESC, artifact LIMIT 1", [.text(tree.hex)]
        ).map(release)
    }

    /// Newest first; the cursor is the last item's time and digest.
    static func releases(
        before cursor: (Int64, String)?, limit: Int, in transaction: Transaction
    ) throws -> [StagedRelease] {
        let order = " ORDER BY staged DESC, artifact DESC LIMIT ?"
        guard let (time, digest) = cursor else {
            return try transaction.query("SELECT * FROM releases" + order, [.integer(Int64(limit))]).map(release)
        }
        return try transaction.query(
            "SELECT * FROM releases WHERE staged < ? OR (staged = ? AND artifact < ?)" + order,
            [.integer(time), .integer(time), .text(digest), .integer(Int64(limit))]
        ).map(release)
    }

    static func remove(_ artifact: Digest, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM releases WHERE artifact = ?", [.text(artifact.hex)])
    }

    /// A release whose verdict rests on this file: a signature, a checksum or a release file.
    static func release(restingOn file: Digest, in transaction: Transaction) throws -> Digest? {
        try transaction.first(
            "SELECT artifact FROM releases WHERE evidence LIKE ? ORDER BY artifact LIMIT 1", [.text("%\(file.hex)%")]
        ).flatMap { Digest(hex: try $0.text("artifact")) }
    }

    /// Every staged artifact, oldest first, without its facts: the prototype's list.
    static func digests(in transaction: Transaction) throws -> [String] {
        try transaction.query("SELECT artifact FROM releases ORDER BY staged, artifact").map { try $0.text("artifact") }
    }

    private static func json(_ strings: [String]) -> SQLValue {
        .text(String(decoding: JSONValue(strings).documentBytes, as: UTF8.self))
    }

    private static func strings(_ row: Row, _ column: String) throws -> [String] {
        try JSONParser.parse(try row.text(column)).array?.compactMap(\.string) ?? []
    }

    private static func release(_ row: Row) throws -> StagedRelease {
        StagedRelease(
            artifact: try StoreDamage.digest(row, "artifact", of: "releases"),
            tree: try StoreDamage.digest(row, "tree", of: "releases"),
            name: try row.optionalText("name").flatMap { ReleaseName($0) },
            version: try row.optionalText("version").flatMap { SemanticVersion($0) },
            hardwareIDs: try strings(row, "hardware"),
            verdict: try SignatureVerdict(try JSONReader(try JSONParser.parse(try row.text("verdict")))),
            entries: try row.integer("entries"), bytes: try row.integer("bytes"),
            fileName: try row.optionalText("label"), stagedBy: try row.text("staged_by"),
            staged: Timestamp(milliseconds: try row.integer("staged")), evidence: try strings(row, "evidence"))
    }
}
