import AuroraDatabase
import AuroraModel

/// One change of a target as the hub's database remembers it: enough to finish the story after a crash.
struct Promotion: Hashable, Sendable {
    /// How a change of a target ended.
    enum Outcome: String, Sendable, CaseIterable {
        case running
        case done
        case rolledBack = "rolled-back"
        case failed
        case degraded
        case interrupted
        case aborted
    }

    /// What the engine is asked to do.
    enum Kind: String, Sendable, CaseIterable {
        /// A staged tree becomes a new generation.
        case promote
        /// A kept generation becomes active again, with an approval of its own.
        case revert
        /// The last promote is taken back, by the right it carried.
        case takeBack = "take-back"
    }

    let change: ChangeID
    let target: TargetName
    let kind: Kind
    /// Nil for a take-back, which uses up the right of the promote instead.
    let suggestion: SuggestionID?
    let plan: Digest
    let tree: Digest?
    let artifact: Digest?
    let fromGeneration: Int64
    /// The number the plan gives the new generation, or of the kept one.
    var toGeneration: Int64?
    let actor: Actor
    let reason: String
    let created: Int64
    var outcome: Outcome
}

/// The SQL of promotions.
enum PromotionStore {
    static let migrations = [
        Migration(
            name: "releases-promotions-1",
            statements: [
                """
                CREATE TABLE promotions (
                    change_id TEXT PRIMARY KEY, number BIGINT NOT NULL, target TEXT NOT NULL, kind TEXT NOT NULL,
                    suggestion TEXT, plan TEXT NOT NULL, tree TEXT, artifact TEXT, from_generation BIGINT NOT NULL,
                    to_generation BIGINT, actor TEXT NOT NULL, via TEXT NOT NULL, address TEXT NOT NULL,
                    reason TEXT NOT NULL, created BIGINT NOT NULL, outcome TEXT NOT NULL, finished BIGINT)
                """,
                "CREATE INDEX promotions_target ON promotions (target, number)",
                "CREATE INDEX promotions_outcome ON promotions (outcome)",
            ])
    ]

    static func insert(_ promotion: Promotion, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO promotions (change_id, number, target, kind, suggestion, plan, tree, artifact, from_generation,
                to_generation, actor, via, address, reason, created, outcome)
            VALUES (?, (SELECT COALESCE(MAX(number), 0) + 1 FROM promotions), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(promotion.change.text), .text(promotion.target.text), .text(promotion.kind.rawValue),
                SQLValue(promotion.suggestion?.text), .text(promotion.plan.hex), SQLValue(promotion.tree?.hex),
                SQLValue(promotion.artifact?.hex), .integer(promotion.fromGeneration),
                SQLValue(promotion.toGeneration), .text(promotion.actor.name),
                .text(promotion.actor.via.description), .text(promotion.actor.address), .text(promotion.reason),
                .integer(promotion.created), .text(promotion.outcome.rawValue),
            ])
    }

    static func finish(
        _ change: ChangeID, as outcome: Promotion.Outcome, at time: Int64, in transaction: Transaction
    ) throws {
        try transaction.execute(
            "UPDATE promotions SET outcome = ?, finished = ? WHERE change_id = ?",
            [.text(outcome.rawValue), .integer(time), .text(change.text)])
    }

    static func promotion(_ change: ChangeID, in transaction: Transaction) throws -> Promotion? {
        try transaction.first("SELECT * FROM promotions WHERE change_id = ?", [.text(change.text)]).map(promotion)
    }

    /// What was under way when the hub ended.
    static func running(in transaction: Transaction) throws -> [Promotion] {
        try transaction.query("SELECT * FROM promotions WHERE outcome = 'running' ORDER BY number").map(promotion)
    }

    /// The suggestion whose change made a generation active; nil when it was not one.
    static func promoted(
        _ generation: Int64, on target: TargetName, in transaction: Transaction
    ) throws -> SuggestionID? {
        try transaction.first(
            """
            SELECT suggestion FROM promotions WHERE target = ? AND to_generation = ? AND outcome = 'done'
                AND suggestion IS NOT NULL ORDER BY number DESC LIMIT 1
            """, [.text(target.text), .integer(generation)]
        ).flatMap { SuggestionID(try $0.text("suggestion")) }
    }

    /// How many changes of a suggestion the hub's end cut off before anything was switched.
    static func interruptions(of suggestion: SuggestionID, in transaction: Transaction) throws -> Int64 {
        try transaction.first(
            "SELECT COUNT(*) AS count FROM promotions WHERE suggestion = ? AND outcome = 'interrupted'",
            [.text(suggestion.text)]
        )?.integer("count") ?? 0
    }

    private static func promotion(_ row: Row) throws -> Promotion {
        guard let kind = Promotion.Kind(rawValue: try row.text("kind")),
            let outcome = Promotion.Outcome(rawValue: try row.text("outcome"))
        else { throw StoreDamage(table: "promotions", column: "kind", key: try row.text("change_id")) }
        return Promotion(
            change: try StoreDamage.identifier(row, "change_id", of: "promotions"),
            target: try StoreDamage.identifier(row, "target", of: "promotions"), kind: kind,
            suggestion: try row.optionalText("suggestion").flatMap { SuggestionID($0) },
            plan: try StoreDamage.digest(row, "plan", of: "promotions"),
            tree: try row.optionalText("tree").flatMap { Digest(hex: $0) },
            artifact: try row.optionalText("artifact").flatMap { Digest(hex: $0) },
            fromGeneration: try row.integer("from_generation"),
            toGeneration: try row.optionalInteger("to_generation"),
            actor: Actor(
                name: try row.text("actor"), via: ActorVia(try row.text("via")) ?? .system,
                address: try row.text("address")),
            reason: try row.text("reason"), created: try row.integer("created"), outcome: outcome)
    }
}
