import AuroraDatabase
import AuroraModel

/// All SQL about users, keys, tokens, login codes and sessions.
enum AccountStore {
    static let migrations = [
        Migration(
            name: "accounts-1",
            statements: [
                """
                CREATE TABLE users (
                    name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT, active BIGINT NOT NULL,
                    created BIGINT NOT NULL, revision BIGINT NOT NULL)
                """,
                """
                CREATE TABLE operator_keys (
                    id TEXT PRIMARY KEY, user_name TEXT NOT NULL, key_text TEXT NOT NULL, state TEXT NOT NULL,
                    proposed BIGINT NOT NULL, admitted_by TEXT, admitted BIGINT)
                """,
                "CREATE INDEX operator_keys_user ON operator_keys (user_name)",
                """
                CREATE TABLE api_tokens (
                    id TEXT PRIMARY KEY, name TEXT NOT NULL, user_name TEXT NOT NULL, role TEXT NOT NULL,
                    hash BYTEA NOT NULL UNIQUE, created BIGINT NOT NULL, expires BIGINT NOT NULL, last_used BIGINT)
                """,
                """
                CREATE TABLE login_codes (
                    hash BYTEA PRIMARY KEY, user_name TEXT, created BIGINT NOT NULL, expires BIGINT NOT NULL)
                """,
                """
                CREATE TABLE sessions (
                    hash BYTEA PRIMARY KEY, user_name TEXT NOT NULL, created BIGINT NOT NULL, seen BIGINT NOT NULL,
                    expires BIGINT NOT NULL)
                """,
            ])
    ]

    // MARK: Users

    static func user(_ name: UserName, in transaction: Transaction) throws -> User? {
        try transaction.first("SELECT * FROM users WHERE name = ?", [.text(name.text)]).map(user)
    }

    static func users(after name: String, limit: Int, in transaction: Transaction) throws -> [User] {
        try transaction.query(
            "SELECT * FROM users WHERE name > ? ORDER BY name LIMIT ?", [.text(name), .integer(Int64(limit))]
        ).map(user)
    }

    static func userCount(in transaction: Transaction) throws -> Int64 {
        try transaction.first("SELECT COUNT(*) AS n FROM users WHERE active = 1")?.integer("n") ?? 0
    }

    /// Counts the active admins but one, who may be nobody's name.
    static func activeAdmins(besides name: UserName?, in transaction: Transaction) throws -> Int64 {
        try transaction.first(
            "SELECT COUNT(*) AS n FROM users WHERE active = 1 AND role = ? AND name <> ?",
            [.text(Role.admin.rawValue), .text(name?.text ?? "")]
        )?.integer("n") ?? 0
    }

    /// Whether an admin besides these has a way in: a password, a session, a link, or a token that can make a link.
    static func hasAdminWithLogin(
        besides names: [UserName], now: Timestamp, idleSince: Timestamp, in transaction: Transaction
    ) throws -> Bool {
        let admin = SQLValue.text(Role.admin.rawValue)
        let moment = SQLValue.integer(now.milliseconds)
        return try transaction.query(
            """
            SELECT name FROM users WHERE active = 1 AND role = ? AND (password IS NOT NULL
                OR name IN (SELECT user_name FROM sessions WHERE expires > ? AND seen > ?)
                OR name IN (SELECT user_name FROM login_codes WHERE user_name IS NOT NULL AND expires > ?)
                OR name IN (SELECT user_name FROM api_tokens WHERE role = ? AND expires > ?))
            """,
            [admin, moment, .integer(idleSince.milliseconds), moment, admin, moment]
        ).contains { row in try !names.contains { try $0.text == row.text("name") } }
    }

    static func password(of name: UserName, in transaction: Transaction) throws -> String? {
        try transaction.first(
            "SELECT password FROM users WHERE name = ? AND active = 1", [.text(name.text)]
        )?.optionalText("password")
    }

    static func insert(_ user: User, password: String?, in transaction: Transaction) throws {
        _ = try transaction.execute(
            "INSERT INTO users (name, role, password, active, created, revision) VALUES (?, ?, ?, ?, ?, ?)",
            [
                .text(user.name.text), .text(user.role.rawValue), .optional(password), .integer(user.isActive ? 1 : 0),
                .integer(user.created.milliseconds), .integer(user.revision),
            ])
    }

    static func update(_ user: User, in transaction: Transaction) throws {
        _ = try transaction.execute(
            "UPDATE users SET role = ?, active = ?, revision = revision + 1 WHERE name = ?",
            [.text(user.role.rawValue), .integer(user.isActive ? 1 : 0), .text(user.name.text)])
    }

    static func setPassword(_ password: String?, of name: UserName, in transaction: Transaction) throws {
        _ = try transaction.execute(
            "UPDATE users SET password = ?, revision = revision + 1 WHERE name = ?",
            [.optional(password), .text(name.text)])
    }

    private static func user(_ row: Row) throws -> User {
        User(
            name: try stored(UserName(row.text("name")), "users.name"),
            role: try stored(Role(rawValue: row.text("role")), "users.role"),
            isActive: try row.integer("active") == 1, hasPassword: try row.optionalText("password") != nil,
            created: Timestamp(milliseconds: try row.integer("created")), revision: try row.integer("revision"))
    }

    // MARK: Operators' keys

    static func keys(of name: UserName, in transaction: Transaction) throws -> [DirectoryKey] {
        try transaction.query(
            "SELECT * FROM operator_keys WHERE user_name = ? ORDER BY proposed, id", [.text(name.text)]
        ).map(key)
    }

    static func key(_ id: KeyID, in transaction: Transaction) throws -> DirectoryKey? {
        try transaction.first("SELECT * FROM operator_keys WHERE id = ?", [.text(id.text)]).map(key)
    }

    static func insert(_ key: DirectoryKey, in transaction: Transaction) throws {
        _ = try transaction.execute(
            "INSERT INTO operator_keys (id, user_name, key_text, state, proposed) VALUES (?, ?, ?, ?, ?)",
            [
                .text(key.id.text), .text(key.user.text), .text(key.text), .text(key.state.rawValue),
                .integer(key.proposedAt.milliseconds),
            ])
    }

    static func update(_ key: DirectoryKey, in transaction: Transaction) throws {
        _ = try transaction.execute(
            "UPDATE operator_keys SET state = ?, admitted_by = ?, admitted = ? WHERE id = ?",
            [
                .text(key.state.rawValue), .optional(key.admittedBy?.text),
                key.admittedAt.map { .integer($0.milliseconds) } ?? .null, .text(key.id.text),
            ])
    }

    private static func key(_ row: Row) throws -> DirectoryKey {
        DirectoryKey(
            id: try stored(KeyID(row.text("id")), "operator_keys.id"),
            user: try stored(UserName(row.text("user_name")), "operator_keys.user_name"),
            text: try row.text("key_text"),
            state: try stored(DirectoryKey.State(rawValue: row.text("state")), "operator_keys.state"),
            proposedAt: Timestamp(milliseconds: try row.integer("proposed")),
            admittedBy: try row.optionalText("admitted_by").flatMap { UserName($0) },
            admittedAt: try row.optionalInteger("admitted").map { Timestamp(milliseconds: $0) })
    }
}

/// A value in our own database that no version of the hub writes: the file was edited or damaged.
struct StoredValueError: Error, CustomStringConvertible {
    let place: String
    var description: String { "the database holds an unreadable value in \(place); restore a backup" }
}

/// Unwraps what was parsed from the database.
func stored<T>(_ value: T?, _ place: String) throws -> T {
    guard let value else { throw StoredValueError(place: place) }
    return value
}

extension SQLValue {
    /// Text, or null.
    static func optional(_ text: String?) -> SQLValue { text.map { .text($0) } ?? .null }
}
