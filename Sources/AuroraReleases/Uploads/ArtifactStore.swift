import AuroraDatabase
package import AuroraModel

/// One unfinished or just finished upload, as its row tells it.
struct UploadRecord: Hashable, Sendable {
    let id: UploadID
    let account: String
    let fileName: String
    let length: Int64?
    let declared: Digest?
    let created: Int64
    let touched: Int64
    /// Set once the upload is complete.
    let digest: Digest?
    /// Size of the complete upload in bytes; 0 before.
    let storedSize: Int64
    /// Who sends; known only to the writer that made the record.
    let requester: Actor
}

extension UploadRecord {
    init(id: UploadID, request: UploadRequest, created: Int64) {
        self.init(
            id: id, account: request.account.name, fileName: request.fileName, length: request.length,
            declared: request.declared, created: created, touched: created, digest: nil, storedSize: 0,
            requester: request.account)
    }
}

/// An artifact's row.
package struct ArtifactRecord: Hashable, Sendable {
    package let digest: Digest
    /// Bytes.
    package let size: Int64
    /// The accounts' labels that name it now.
    package let labels: [ArtifactLabel]
    package let uploadedBy: String
    package let uploaded: Timestamp
    package let isStaged: Bool
}

/// A file name as one account's name for its last upload of that name.
package struct ArtifactLabel: Hashable, Sendable {
    package let account: String
    package let name: String
    package let digest: Digest
}

/// The SQL of artifacts, labels and uploads.
enum ArtifactStore {
    static let migrations = [
        Migration(
            name: "releases-artifacts-1",
            statements: [
                """
                CREATE TABLE artifacts (
                    digest TEXT PRIMARY KEY, size BIGINT NOT NULL, account TEXT NOT NULL, created BIGINT NOT NULL)
                """,
                "CREATE INDEX artifacts_created ON artifacts (created, digest)",
                """
                CREATE TABLE artifact_labels (
                    account TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL, created BIGINT NOT NULL,
                    PRIMARY KEY (account, name))
                """,
                "CREATE INDEX artifact_labels_digest ON artifact_labels (digest)",
                "CREATE INDEX artifact_labels_name ON artifact_labels (name)",
                """
                CREATE TABLE uploads (
                    id TEXT PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL, length BIGINT, declared TEXT,
                    via TEXT NOT NULL, source TEXT NOT NULL, created BIGINT NOT NULL, touched BIGINT NOT NULL,
                    digest TEXT, size BIGINT NOT NULL)
                """,
                "CREATE INDEX uploads_touched ON uploads (touched)",
            ])
    ]

    // MARK: Uploads

    static func insert(_ record: UploadRecord, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO uploads (id, account, name, length, declared, via, source, created, touched, digest, size)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, 0)
            """,
            [
                .text(record.id.text), .text(record.account), .text(record.fileName),
                record.length.map { .integer($0) } ?? .null, record.declared.map { .text($0.hex) } ?? .null,
                .text(record.requester.via.description), .text(record.requester.address), .integer(record.created),
                .integer(record.touched),
            ])
    }

    static func upload(_ id: UploadID, in transaction: Transaction) throws -> UploadRecord? {
        try transaction.first("SELECT * FROM uploads WHERE id = ?", [.text(id.text)]).map(record)
    }

    static func openUploads(in transaction: Transaction) throws -> [UploadRecord] {
        try transaction.query("SELECT * FROM uploads WHERE digest IS NULL").map(record)
    }

    static func uploads(untouchedSince limit: Int64, in transaction: Transaction) throws -> [UploadRecord] {
        try transaction.query("SELECT * FROM uploads WHERE touched < ? ORDER BY touched", [.integer(limit)]).map(record)
    }

    static func touchUpload(_ id: UploadID, at time: Int64, in transaction: Transaction) throws {
        try transaction.execute("UPDATE uploads SET touched = ? WHERE id = ?", [.integer(time), .text(id.text)])
    }

    static func completeUpload(_ id: UploadID, digest: Digest, at time: Int64, in transaction: Transaction) throws {
        try transaction.execute(
            """
            UPDATE uploads SET digest = ?, touched = ?, size = (SELECT size FROM artifacts WHERE digest = ?)
            WHERE id = ?
            """, [.text(digest.hex), .integer(time), .text(digest.hex), .text(id.text)])
    }

    static func removeUpload(_ id: UploadID, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM uploads WHERE id = ?", [.text(id.text)])
    }

    private static func record(_ row: Row) throws -> UploadRecord {
        let account = try row.text("account")
        return UploadRecord(
            id: try StoreDamage.identifier(row, "id", of: "uploads"), account: account, fileName: try row.text("name"),
            length: try row.optionalInteger("length"),
            declared: try row.optionalText("declared").flatMap(Digest.init(hex:)), created: try row.integer("created"),
            touched: try row.integer("touched"), digest: try row.optionalText("digest").flatMap(Digest.init(hex:)),
            storedSize: try row.integer("size"),
            requester: Actor(
                name: account, via: ActorVia(try row.text("via")) ?? .system, address: try row.text("source")))
    }

    // MARK: Artifacts and labels

    static func insertArtifact(
        _ digest: Digest, size: Int64, account: String, at time: Int64, in transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO artifacts (digest, size, account, created) VALUES (?, ?, ?, ?)
            ON CONFLICT (digest) DO NOTHING
            """,
            [.text(digest.hex), .integer(size), .text(account), .integer(time)])
    }

    static func artifact(_ digest: Digest, in transaction: Transaction) throws -> ArtifactRecord? {
        try transaction.first(select + " WHERE artifacts.digest = ?", [.text(digest.hex)])
            .map { try artifact($0, in: transaction) }
    }

    /// Newest first; the cursor is the last item's time and digest.
    static func artifacts(
        before cursor: (Int64, String)?, limit: Int, in transaction: Transaction
    ) throws -> [ArtifactRecord] {
        let order = " ORDER BY artifacts.created DESC, artifacts.digest DESC LIMIT ?"
        guard let cursor else {
            return try transaction.query(select + order, [.integer(Int64(limit))])
                .map { try artifact($0, in: transaction) }
        }
        let bound = " WHERE artifacts.created < ? OR (artifacts.created = ? AND artifacts.digest < ?)"
        return try transaction.query(
            select + bound + order,
            [.integer(cursor.0), .integer(cursor.0), .text(cursor.1), .integer(Int64(limit))]
        ).map { try artifact($0, in: transaction) }
    }

    static func digests(in transaction: Transaction) throws -> [Digest] {
        try transaction.query("SELECT digest FROM artifacts ORDER BY digest").map {
            try StoreDamage.digest($0, "digest", of: "artifacts")
        }
    }

    /// Forgets an artifact and its labels.
    static func remove(_ digest: Digest, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM artifact_labels WHERE digest = ?", [.text(digest.hex)])
        try transaction.execute("DELETE FROM artifacts WHERE digest = ?", [.text(digest.hex)])
    }

    static func setLabel(
        _ name: String, of account: String, to digest: Digest, at time: Int64, in transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO artifact_labels (account, name, digest, created) VALUES (?, ?, ?, ?)
            ON CONFLICT (account, name) DO UPDATE SET digest = excluded.digest, created = excluded.created
            """, [.text(account), .text(name), .text(digest.hex), .integer(time)])
    }

    static func label(_ name: String, of account: String, in transaction: Transaction) throws -> Digest? {
        try transaction.first(
            "SELECT digest FROM artifact_labels WHERE account = ? AND name = ?", [.text(account), .text(name)]
        ).flatMap { Digest(hex: try $0.text("digest")) }
    }

    static func labels(named name: String, in transaction: Transaction) throws -> [ArtifactLabel] {
        try transaction.query(
            "SELECT account, name, digest FROM artifact_labels WHERE name = ? ORDER BY created DESC, account",
            [.text(name)]
        ).compactMap(label)
    }

    static func labels(of digest: Digest, in transaction: Transaction) throws -> [ArtifactLabel] {
        try transaction.query(
            "SELECT account, name, digest FROM artifact_labels WHERE digest = ? ORDER BY created DESC, account, name",
            [.text(digest.hex)]
        ).compactMap(label)
    }

    private static let select = """
        SELECT artifacts.digest AS digest, artifacts.size AS size, artifacts.account AS account,
            artifacts.created AS created, releases.artifact AS staged
        FROM artifacts LEFT JOIN releases ON releases.artifact = artifacts.digest
        """

    private static func artifact(_ row: Row, in transaction: Transaction) throws -> ArtifactRecord {
        let digest = try StoreDamage.digest(row, "digest", of: "artifacts")
        return ArtifactRecord(
            digest: digest, size: try row.integer("size"), labels: try labels(of: digest, in: transaction),
            uploadedBy: try row.text("account"), uploaded: Timestamp(milliseconds: try row.integer("created")),
            isStaged: try row.optionalText("staged") != nil)
    }

    private static func label(_ row: Row) throws -> ArtifactLabel? {
        guard let digest = Digest(hex: try row.text("digest")) else { return nil }
        return ArtifactLabel(account: try row.text("account"), name: try row.text("name"), digest: digest)
    }
}

/// A row of the hub's database that does not mean anything.
package struct StoreDamage: Error, Hashable, Sendable, CustomStringConvertible {
    let table: String
    let column: String
    let key: String

    /// Reads a column that holds an identifier.
    static func identifier<Kind>(_ row: Row, _ column: String, of table: String) throws -> Identifier<Kind> {
        let text = try row.text(column)
        guard let identifier = Identifier<Kind>(text) else {
            throw StoreDamage(table: table, column: column, key: text)
        }
        return identifier
    }

    /// Reads a column that holds a digest.
    static func digest(_ row: Row, _ column: String, of table: String) throws -> Digest {
        let hex = try row.text(column)
        guard let digest = Digest(hex: hex) else { throw StoreDamage(table: table, column: column, key: hex) }
        return digest
    }

    package var description: String {
        "the hub's database is damaged: table \(table), column \(column), row \(key); "
            + "stop the hub and restore it from a backup (aurora hub restore)"
    }
}
