import AuroraDatabase
import AuroraModel

/// The SQL of trials: the last result for each tree and target.
enum TrialStore {
    static let migrations = [
        Migration(
            name: "releases-trials-1",
            statements: [
                """
                CREATE TABLE trials (
                    tree TEXT NOT NULL, target TEXT NOT NULL, result TEXT NOT NULL, actor TEXT NOT NULL,
                    finished BIGINT NOT NULL, PRIMARY KEY (tree, target))
                """
            ])
    ]

    static func put(
        _ trial: PlanTrial, of tree: Digest, on target: TargetName, by actor: String, at time: Int64,
        in transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO trials (tree, target, result, actor, finished) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (tree, target) DO UPDATE SET result = excluded.result, actor = excluded.actor,
                finished = excluded.finished
            """,
            [
                .text(tree.hex), .text(target.text),
                .text(String(decoding: trial.json.documentBytes, as: UTF8.self)), .text(actor), .integer(time),
            ])
    }

    static func trial(of tree: Digest, on target: TargetName, in transaction: Transaction) throws -> PlanTrial? {
        try transaction.first(
            "SELECT result FROM trials WHERE tree = ? AND target = ?", [.text(tree.hex), .text(target.text)]
        ).map { try PlanTrial(try JSONReader(try JSONParser.parse(try $0.text("result")))) }
    }
}
