import AuroraDatabase
import AuroraModel

/// All SQL about answers that are kept for repeated idempotency keys.
enum IdempotencyStore {
    static let migrations = [
        Migration(
            name: "idempotency-1",
            statements: [
                """
                CREATE TABLE idempotency (
                    user_name TEXT NOT NULL, request_key TEXT NOT NULL, fingerprint BYTEA NOT NULL,
                    created BIGINT NOT NULL, status BIGINT, content_type TEXT, location TEXT, body BYTEA,
                    PRIMARY KEY (user_name, request_key))
                """,
                "CREATE INDEX idempotency_created ON idempotency (created)",
            ])
    ]

    /// What is known about a key.
    struct Record: Sendable {
        let fingerprint: [UInt8]
        /// Nil while the first request has not ended, also when the hub died in the middle of it.
        let answer: Answer?
    }

    struct Answer: Sendable {
        let status: Int
        let contentType: String?
        let location: String?
        /// Nil when the answer held a secret.
        let body: [UInt8]?
    }

    static func record(user: UserName, key: String, in transaction: Transaction) throws -> Record? {
        try transaction.first(
            "SELECT * FROM idempotency WHERE user_name = ? AND request_key = ?", [.text(user.text), .text(key)]
        ).map { row in
            let answer = try row.optionalInteger("status").map { status in
                Answer(
                    status: Int(status), contentType: try row.optionalText("content_type"),
                    location: try row.optionalText("location"), body: try row.optionalBytes("body"))
            }
            return Record(fingerprint: try row.bytes("fingerprint"), answer: answer)
        }
    }

    static func begin(user: UserName, key: String, fingerprint: [UInt8], now: Int64, in transaction: Transaction) throws
    {
        _ = try transaction.execute(
            "INSERT INTO idempotency (user_name, request_key, fingerprint, created) VALUES (?, ?, ?, ?)",
            [.text(user.text), .text(key), .bytes(fingerprint), .integer(now)])
    }

    static func finish(user: UserName, key: String, answer: Answer, in transaction: Transaction) throws {
        _ = try transaction.execute(
            """
            UPDATE idempotency SET status = ?, content_type = ?, location = ?, body = ?
            WHERE user_name = ? AND request_key = ?
            """,
            [
                .integer(Int64(answer.status)), SQLValue(answer.contentType), SQLValue(answer.location),
                SQLValue(answer.body), .text(user.text), .text(key),
            ])
    }

    static func forget(user: UserName, key: String, in transaction: Transaction) throws {
        _ = try transaction.execute(
            "DELETE FROM idempotency WHERE user_name = ? AND request_key = ?", [.text(user.text), .text(key)])
    }

    static func deleteBefore(_ moment: Int64, in transaction: Transaction) throws {
        _ = try transaction.execute("DELETE FROM idempotency WHERE created < ?", [.integer(moment)])
    }
}
