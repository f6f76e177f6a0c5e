import AuroraDatabase
import AuroraModel

/// All SQL about files that were read from the queues' folders.
enum DropFolderStore {
    static let migrations = [
        Migration(
            name: "drop-folders-1",
            statements: [
                """
                CREATE TABLE dropped_files (
                    domain TEXT NOT NULL, digest TEXT NOT NULL, name TEXT NOT NULL, suggestion TEXT, code TEXT,
                    seen BIGINT NOT NULL, PRIMARY KEY (domain, digest))
                """,
                "CREATE INDEX dropped_files_suggestion ON dropped_files (suggestion)",
            ])
    ]

    static func isKnown(_ digest: Digest, domain: Domain, in transaction: Transaction) throws -> Bool {
        try transaction.first(
            "SELECT 1 AS one FROM dropped_files WHERE domain = ? AND digest = ?",
            [.text(domain.name), .text(digest.hex)]) != nil
    }

    /// Remembers a file by its content: with its suggestion, or with the code of the refusal.
    static func remember(
        _ digest: Digest, domain: Domain, name: String, suggestion: SuggestionID?, code: String?, now: Int64,
        in transaction: Transaction
    ) throws {
        _ = try transaction.execute(
            """
            INSERT INTO dropped_files (domain, digest, name, suggestion, code, seen) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (domain, digest) DO NOTHING
            """,
            [
                .text(domain.name), .text(digest.hex), .text(name), SQLValue(suggestion?.text), SQLValue(code),
                .integer(now),
            ])
    }

    /// The file names of suggestions that came from a folder, by suggestion.
    static func names(in transaction: Transaction) throws -> [String: String] {
        var names: [String: String] = [:]
        for row in try transaction.query("SELECT suggestion, name FROM dropped_files WHERE suggestion IS NOT NULL") {
            names[try row.text("suggestion")] = try row.text("name")
        }
        return names
    }
}
