import AuroraDatabase
import AuroraModel

extension AccountStore {
    // MARK: Tokens

    static func insert(_ token: APIToken, hash: [UInt8], in transaction: Transaction) throws {
        _ = try transaction.execute(
            "INSERT INTO api_tokens (id, name, user_name, role, hash, created, expires) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                .text(token.id.text), .text(token.name), .text(token.user.text), .text(token.role.rawValue),
                .bytes(hash), .integer(token.created.milliseconds), .integer(token.expires.milliseconds),
            ])
    }

    static func token(hash: [UInt8], in transaction: Transaction) throws -> APIToken? {
        try transaction.first("SELECT * FROM api_tokens WHERE hash = ?", [.bytes(hash)]).map(token)
    }

    static func token(id: TokenID, in transaction: Transaction) throws -> APIToken? {
        try transaction.first("SELECT * FROM api_tokens WHERE id = ?", [.text(id.text)]).map(token)
    }

    static func tokens(of user: UserName?, after id: String, limit: Int, in transaction: Transaction) throws
        -> [APIToken]
    {
        if let user {
            return try transaction.query(
                "SELECT * FROM api_tokens WHERE user_name = ? AND id > ? ORDER BY id LIMIT ?",
                [.text(user.text), .text(id), .integer(Int64(limit))]
            ).map(token)
        }
        return try transaction.query(
            "SELECT * FROM api_tokens WHERE id > ? ORDER BY id LIMIT ?", [.text(id), .integer(Int64(limit))]
        ).map(token)
    }

    static func tokenCount(of user: UserName, in transaction: Transaction) throws -> Int64 {
        try transaction.first(
            "SELECT COUNT(*) AS n FROM api_tokens WHERE user_name = ?", [.text(user.text)]
        )?.integer("n") ?? 0
    }

    static func deleteToken(id: TokenID, in transaction: Transaction) throws {
        _ = try transaction.execute("DELETE FROM api_tokens WHERE id = ?", [.text(id.text)])
    }

    static func setLastUsed(_ time: Timestamp, ofToken id: TokenID, in transaction: Transaction) throws {
        _ = try transaction.execute(
            "UPDATE api_tokens SET last_used = ? WHERE id = ?", [.integer(time.milliseconds), .text(id.text)])
    }

    private static func token(_ row: Row) throws -> APIToken {
        APIToken(
            id: try stored(TokenID(row.text("id")), "api_tokens.id"), name: try row.text("name"),
            user: try stored(UserName(row.text("user_name")), "api_tokens.user_name"),
            role: try stored(Role(rawValue: row.text("role")), "api_tokens.role"),
            created: Timestamp(milliseconds: try row.integer("created")),
            expires: Timestamp(milliseconds: try row.integer("expires")),
            lastUsed: try row.optionalInteger("last_used").map { Timestamp(milliseconds: $0) })
    }

    // MARK: Login codes

    /// What a login code leads to: a user, or the making of the first admin when there is none yet.
    struct LoginCode: Sendable {
        let user: UserName?
        let expires: Timestamp
    }

    static func insertLoginCode(
        hash: [UInt8], user: UserName?, created: Timestamp, expires: Timestamp, in transaction: Transaction
    ) throws {
        _ = try transaction.execute(
            "INSERT INTO login_codes (hash, user_name, created, expires) VALUES (?, ?, ?, ?)",
            [.bytes(hash), .optional(user?.text), .integer(created.milliseconds), .integer(expires.milliseconds)])
    }

    /// Looks a code up without using it.
    static func loginCode(hash: [UInt8], in transaction: Transaction) throws -> LoginCode? {
        try transaction.first("SELECT user_name, expires FROM login_codes WHERE hash = ?", [.bytes(hash)]).map(code)
    }

    /// Takes the code out of the table: whoever gets it back is the only one.
    static func takeLoginCode(hash: [UInt8], in transaction: Transaction) throws -> LoginCode? {
        try transaction.query(
            "DELETE FROM login_codes WHERE hash = ? RETURNING user_name, expires", [.bytes(hash)]
        ).first.map(code)
    }

    private static func code(_ row: Row) throws -> LoginCode {
        LoginCode(
            user: try row.optionalText("user_name").flatMap { UserName($0) },
            expires: Timestamp(milliseconds: try row.integer("expires")))
    }

    /// Removes codes without a user (bootstrap), or the codes of `user`.
    static func deleteLoginCodes(of user: UserName?, in transaction: Transaction) throws {
        if let user {
            _ = try transaction.execute("DELETE FROM login_codes WHERE user_name = ?", [.text(user.text)])
        } else {
            _ = try transaction.execute("DELETE FROM login_codes WHERE user_name IS NULL")
        }
    }

    // MARK: Sessions

    /// A browser's login.
    struct Session: Sendable {
        let user: UserName
        let created: Timestamp
        let seen: Timestamp
        let expires: Timestamp
    }

    static func insertSession(
        hash: [UInt8], user: UserName, created: Timestamp, expires: Timestamp, in transaction: Transaction
    ) throws {
        _ = try transaction.execute(
            "INSERT INTO sessions (hash, user_name, created, seen, expires) VALUES (?, ?, ?, ?, ?)",
            [
                .bytes(hash), .text(user.text), .integer(created.milliseconds), .integer(created.milliseconds),
                .integer(expires.milliseconds),
            ])
    }

    static func session(hash: [UInt8], in transaction: Transaction) throws -> Session? {
        try transaction.first("SELECT * FROM sessions WHERE hash = ?", [.bytes(hash)]).map { row in
            Session(
                user: try stored(UserName(row.text("user_name")), "sessions.user_name"),
                created: Timestamp(milliseconds: try row.integer("created")),
                seen: Timestamp(milliseconds: try row.integer("seen")),
                expires: Timestamp(milliseconds: try row.integer("expires")))
        }
    }

    static func touchSession(hash: [UInt8], seen: Timestamp, in transaction: Transaction) throws {
        _ = try transaction.execute(
            "UPDATE sessions SET seen = ? WHERE hash = ?", [.integer(seen.milliseconds), .bytes(hash)])
    }

    static func deleteSession(hash: [UInt8], in transaction: Transaction) throws {
        _ = try transaction.execute("DELETE FROM sessions WHERE hash = ?", [.bytes(hash)])
    }

    static func deleteSecrets(of user: UserName, in transaction: Transaction) throws {
        _ = try transaction.execute("DELETE FROM api_tokens WHERE user_name = ?", [.text(user.text)])
        _ = try transaction.execute("DELETE FROM login_codes WHERE user_name = ?", [.text(user.text)])
        try deleteSessions(of: user, in: transaction)
    }

    static func deleteSessions(of user: UserName, in transaction: Transaction) throws {
        _ = try transaction.execute("DELETE FROM sessions WHERE user_name = ?", [.text(user.text)])
    }

    /// Forgets what ended on its own; expired tokens stay listed for 30 days.
    static func deleteExpired(now: Timestamp, idleSince: Timestamp, in transaction: Transaction) throws {
        let month: Int64 = 30 * 24 * 3600 * 1000
        let moment = SQLValue.integer(now.milliseconds)
        _ = try transaction.execute("DELETE FROM login_codes WHERE expires < ?", [moment])
        _ = try transaction.execute(
            "DELETE FROM sessions WHERE expires < ? OR seen < ?", [moment, .integer(idleSince.milliseconds)])
        _ = try transaction.execute(
            "DELETE FROM api_tokens WHERE expires < ?", [.integer(now.milliseconds - month)])
    }
}
