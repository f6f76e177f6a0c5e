import AuroraDatabase
import AuroraModel

/// The rows of the log, and all SQL of this module.
///
/// - `audit_entries`: the entries, numbered from 0 without gaps, with their leaf hashes.
/// - `audit_nodes`: the hashes of tile levels 1 and up, one for each full tile below.
/// - `audit_state` (at most one row): the compact range, from which root and next append follow.
/// - `audit_signed` (at most one row): the last signed checkpoint; written before it is published.
/// - `audit_origin` (at most one row): the name of the log.
/// - `audit_refusals`: counts of refusals that are not an entry yet.
struct AuditStore {
    static let migrations = [
        Migration(
            name: "audit-1",
            statements: [
                """
                CREATE TABLE audit_entries (
                    number BIGINT NOT NULL PRIMARY KEY, entry BYTEA NOT NULL, leaf BYTEA NOT NULL)
                """,
                """
                CREATE TABLE audit_nodes (
                    level BIGINT NOT NULL, number BIGINT NOT NULL, hash BYTEA NOT NULL, PRIMARY KEY (level, number))
                """,
                "CREATE TABLE audit_state (id BIGINT NOT NULL PRIMARY KEY, size BIGINT NOT NULL, hashes BYTEA NOT NULL)",
                """
                CREATE TABLE audit_signed (
                    id BIGINT NOT NULL PRIMARY KEY, size BIGINT NOT NULL, root BYTEA NOT NULL, note BYTEA NOT NULL)
                """,
                """
                CREATE TABLE audit_refusals (
                    source TEXT NOT NULL, minute BIGINT NOT NULL, code TEXT NOT NULL, count BIGINT NOT NULL,
                    PRIMARY KEY (source, minute, code))
                """,
            ]),
        // Logs from before keep the name that all of them had: it is part of what was signed.
        Migration(
            name: originMigration,
            statements: [
                "CREATE TABLE audit_origin (id BIGINT NOT NULL PRIMARY KEY, origin TEXT NOT NULL)",
                "INSERT INTO audit_origin (id, origin) SELECT 1, 'aurora-hub/audit' FROM audit_state WHERE id = 1",
            ]),
    ]

    private static let originMigration = "audit-2"

    /// The last signed checkpoint as it is stored.
    struct Signed: Sendable {
        let size: Int64
        let root: Digest
        let note: [UInt8]
    }

    /// One count of refusals: of one source in one minute (since 1970) with one code.
    struct RefusalCount: Hashable, Sendable {
        let source: String
        let minute: Int64
        let code: String
        let count: Int64
    }

    let transaction: Transaction

    init(_ transaction: Transaction) {
        self.transaction = transaction
    }

    // MARK: Entries and tree

    func range() throws -> CompactRange {
        guard let row = try transaction.first("SELECT size, hashes FROM audit_state WHERE id = 1") else {
            return CompactRange()
        }
        guard let range = CompactRange(size: try row.integer("size"), bytes: try row.bytes("hashes")) else {
            throw AuditError.damagedRows(what: "the compact range does not fit its size")
        }
        return range
    }

    /// Adds an entry and everything that follows from it; returns its number.
    func append(_ entry: [UInt8]) throws -> Int64 {
        var range = try range()
        let number = range.size
        let leaf = MerkleTree.leafHash(entry)
        try transaction.execute(
            "INSERT INTO audit_entries (number, entry, leaf) VALUES (?, ?, ?)",
            [.integer(number), .bytes(entry), .bytes(leaf.bytes)])
        for node in range.append(leaf) {
            try transaction.execute(
                "INSERT INTO audit_nodes (level, number, hash) VALUES (?, ?, ?)",
                [.integer(Int64(node.height / TileLayout.height)), .integer(node.index), .bytes(node.hash.bytes)])
        }
        try transaction.execute(
            """
            INSERT INTO audit_state (id, size, hashes) VALUES (1, ?, ?)
            ON CONFLICT (id) DO UPDATE SET size = excluded.size, hashes = excluded.hashes
            """,
            [.integer(range.size), .bytes(range.bytes)])
        return number
    }

    func entries(from number: Int64, limit: Int) throws -> [LoggedEntry] {
        let rows = try transaction.query(
            "SELECT number, entry FROM audit_entries WHERE number >= ? ORDER BY number LIMIT ?",
            [.integer(number), .integer(Int64(limit))])
        return try rows.map { LoggedEntry(number: try $0.integer("number"), bytes: try $0.bytes("entry")) }
    }

    /// Gives all entries with their stored leaf hashes to `body`, in order of their numbers.
    func forEachEntry(_ body: (_ number: Int64, _ entry: [UInt8], _ leaf: Digest?) throws -> Void) throws {
        try transaction.forEach("SELECT number, entry, leaf FROM audit_entries ORDER BY number") { row in
            try body(try row.integer("number"), try row.bytes("entry"), Digest(bytes: try row.bytes("leaf")))
        }
    }

    /// The stored hash of a full tile, or nil when there is none.
    func node(level: Int, number: Int64) throws -> Digest? {
        try transaction.first(
            "SELECT hash FROM audit_nodes WHERE level = ? AND number = ?", [.integer(Int64(level)), .integer(number)]
        ).flatMap { Digest(bytes: try $0.bytes("hash")) }
    }

    // MARK: Origin

    /// The name of the log; nil when it has none yet.
    ///
    /// A database that was never opened since logs have names of their own holds the name that all of them had.
    func origin() throws -> String? {
        let names = try transaction.query(
            "SELECT name FROM aurora_migrations WHERE name = ?", [.text(Self.originMigration)])
        guard !names.isEmpty else { return AuditLog.sharedOrigin }
        return try transaction.first("SELECT origin FROM audit_origin WHERE id = 1")?.text("origin")
    }

    func setOrigin(_ origin: String) throws {
        try transaction.execute("INSERT INTO audit_origin (id, origin) VALUES (1, ?)", [.text(origin)])
    }

    // MARK: Signed checkpoint

    func signed() throws -> Signed? {
        guard let row = try transaction.first("SELECT size, root, note FROM audit_signed WHERE id = 1") else {
            return nil
        }
        guard let root = Digest(bytes: try row.bytes("root")) else {
            throw AuditError.damagedRows(what: "the signed root is not 32 bytes")
        }
        return Signed(size: try row.integer("size"), root: root, note: try row.bytes("note"))
    }

    /// Remembers what is about to be published; never a smaller size than before.
    func setSigned(_ signed: Signed) throws {
        let changed = try transaction.execute(
            """
            INSERT INTO audit_signed (id, size, root, note) VALUES (1, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note
            WHERE audit_signed.size <= excluded.size
            """,
            [.integer(signed.size), .bytes(signed.root.bytes), .bytes(signed.note)])
        guard changed == 1 else { throw AuditError.damagedRows(what: "a larger log was signed meanwhile") }
    }

    // MARK: Counted refusals

    func addRefusals(_ counts: [RefusalCount]) throws {
        for count in counts {
            try transaction.execute(
                """
                INSERT INTO audit_refusals (source, minute, code, count) VALUES (?, ?, ?, ?)
                ON CONFLICT (source, minute, code) DO UPDATE SET count = audit_refusals.count + excluded.count
                """,
                [.text(count.source), .integer(count.minute), .text(count.code), .integer(count.count)])
        }
    }

    /// Takes out all counts of minutes before `minute`, ordered by minute, source, code.
    func takeRefusals(before minute: Int64) throws -> [RefusalCount] {
        let rows = try transaction.query(
            """
            SELECT source, minute, code, count FROM audit_refusals WHERE minute < ? ORDER BY minute, source, code
            """,
            [.integer(minute)])
        try transaction.execute("DELETE FROM audit_refusals WHERE minute < ?", [.integer(minute)])
        return try rows.map { row in
            RefusalCount(
                source: try row.text("source"), minute: try row.integer("minute"), code: try row.text("code"),
                count: try row.integer("count"))
        }
    }
}

/// The hashes of the log as its rows give them.
struct RowHashes: TreeHashes {
    let transaction: Transaction

    func hashes(level: Int, from first: Int64, count: Int) throws -> [Digest] {
        let rows =
            level == 0
            ? try transaction.query(
                "SELECT leaf AS hash FROM audit_entries WHERE number >= ? AND number < ? ORDER BY number",
                [.integer(first), .integer(first + Int64(count))])
            : try transaction.query(
                "SELECT hash FROM audit_nodes WHERE level = ? AND number >= ? AND number < ? ORDER BY number",
                [.integer(Int64(level)), .integer(first), .integer(first + Int64(count))])
        let hashes = try rows.compactMap { Digest(bytes: try $0.bytes("hash")) }
        guard hashes.count == count else { throw AuditError.missingHash(level: level, number: first) }
        return hashes
    }
}
