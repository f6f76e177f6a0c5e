import AuroraDatabase
import AuroraModel

/// Every SQL text of rollback rights: one row per approved change, the newest of a target is in force.
///
/// The older rows are kept so that a change that never switched anything can be undone together with its right.
enum RollbackStore {
    static let migration = Migration(
        name: "rollback-rights-1",
        statements: [
            """
            CREATE TABLE rollback_rights (
                number BIGINT PRIMARY KEY, target TEXT NOT NULL, suggestion_id TEXT NOT NULL, change_id TEXT NOT NULL,
                from_generation BIGINT, to_generation BIGINT, to_tree TEXT, granted BIGINT NOT NULL,
                used BIGINT NOT NULL)
            """,
            "CREATE INDEX rollback_rights_by_target ON rollback_rights (target, number)",
        ])

    static func right(of target: TargetName, in transaction: Transaction) throws -> RollbackRights.Right? {
        let newest = try transaction.first(
            "SELECT * FROM rollback_rights WHERE target = ? ORDER BY number DESC LIMIT 1", [.text(target.text)])
        guard let row = newest else { return nil }
        guard let suggestion = SuggestionID(try row.text("suggestion_id")),
            let change = ChangeID(try row.text("change_id"))
        else { throw DatabaseError.column(name: "rollback_rights", reason: "a row holds what was never written") }
        return RollbackRights.Right(
            target: target, suggestion: suggestion, change: change, from: try row.optionalInteger("from_generation"),
            to: try row.optionalInteger("to_generation"),
            toTree: try row.optionalText("to_tree").flatMap { Digest(hex: $0) }, isUsed: try row.bool("used"))
    }

    static func insert(_ right: RollbackRights.Right, at moment: Timestamp, in transaction: Transaction) throws {
        _ = try transaction.execute(
            """
            INSERT INTO rollback_rights (number, target, suggestion_id, change_id, from_generation, to_generation,
                to_tree, granted, used)
            SELECT COALESCE(MAX(number), 0) + 1, ?, ?, ?, ?, ?, ?, ?, 0 FROM rollback_rights
            """,
            [
                .text(right.target.text), .text(right.suggestion.text), .text(right.change.text),
                SQLValue(right.from), SQLValue(right.to), SQLValue(right.toTree?.hex), .integer(moment.milliseconds),
            ])
    }

    /// Marks the right as used; false when it was before.
    static func use(_ right: RollbackRights.Right, in transaction: Transaction) throws -> Bool {
        try transaction.execute(
            "UPDATE rollback_rights SET used = 1 WHERE change_id = ? AND used = 0", [.text(right.change.text)]) == 1
    }

    /// Marks the right as unused again.
    static func giveBack(_ right: RollbackRights.Right, in transaction: Transaction) throws {
        _ = try transaction.execute(
            "UPDATE rollback_rights SET used = 0 WHERE change_id = ?", [.text(right.change.text)])
    }

    static func remove(change: ChangeID, in transaction: Transaction) throws {
        _ = try transaction.execute("DELETE FROM rollback_rights WHERE change_id = ?", [.text(change.text)])
    }
}
