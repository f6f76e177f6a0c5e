import AuroraActivation
package import AuroraDatabase
import AuroraModel

/// The rows of packs in the device's database, and all SQL of this module.
///
/// - `packs_staged`: what is in the store. The bytes are the truth: a row that is missing is made again from the tree, as
///   one of which nobody knows who brought it.
/// - `packs_approvals`: approvals that were used, so that none is used twice.
/// - `packs_plans`: the plans of generations, for those who ask later.
/// - `packs_open`: the change that was begun and whose end is not in the log; one at most.
/// - `packs_data_open`: data that are being put in place of a pack's; the log has it already.
package enum PackStore {
    package static let migrations = [
        Migration(
            name: "packs-1",
            statements: [
                """
                CREATE TABLE packs_staged (
                    tree TEXT NOT NULL PRIMARY KEY, id TEXT NOT NULL, staged BIGINT NOT NULL, document TEXT NOT NULL)
                """,
                """
                CREATE TABLE packs_approvals (
                    statement TEXT NOT NULL PRIMARY KEY, plan TEXT NOT NULL, used BIGINT NOT NULL)
                """,
                "CREATE TABLE packs_plans (plan TEXT NOT NULL PRIMARY KEY, made BIGINT NOT NULL, document TEXT NOT NULL)",
                """
                CREATE TABLE packs_open (
                    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1), action TEXT NOT NULL, plan TEXT NOT NULL,
                    from_generation BIGINT NOT NULL, to_generation BIGINT NOT NULL)
                """,
            ]),
        Migration(
            name: "packs-2",
            statements: [
                "CREATE TABLE packs_data_open (id TEXT NOT NULL PRIMARY KEY, is_way_back BIGINT NOT NULL)"
            ]),
    ]

    // MARK: Staged packs

    static func put(_ pack: StagedPack, in transaction: Transaction) throws {
        try forget(pack.tree, in: transaction)
        try transaction.execute(
            "INSERT INTO packs_staged (tree, id, staged, document) VALUES (?, ?, ?, ?)",
            [
                .text(pack.tree.hex), .text(pack.id.text), .integer(pack.staged.milliseconds),
                .text("\(pack.json)"),
            ])
    }

    @discardableResult
    static func forget(_ tree: Digest, in transaction: Transaction) throws -> Bool {
        try transaction.execute("DELETE FROM packs_staged WHERE tree = ?", [.text(tree.hex)]) == 1
    }

    /// All of them: by id, of one id the newest first.
    static func staged(in transaction: Transaction) throws -> [StagedPack] {
        try transaction.query("SELECT document FROM packs_staged ORDER BY id, staged DESC, tree")
            .map { try StagedPack(json: JSONParser.parse(try $0.text("document"))) }
    }

    // MARK: Approvals

    /// Marks an approval as used.
    ///
    /// - Returns: whether it was unused until now.
    static func use(_ statement: Digest, for plan: Digest, at time: Int64, in transaction: Transaction) throws -> Bool {
        if try transaction.first("SELECT plan FROM packs_approvals WHERE statement = ?", [.text(statement.hex)]) != nil
        {
            return false
        }
        try transaction.execute(
            "INSERT INTO packs_approvals (statement, plan, used) VALUES (?, ?, ?)",
            [.text(statement.hex), .text(plan.hex), .integer(time)])
        return true
    }

    /// Gives the approvals of a plan back that switched nothing.
    static func release(_ plan: Digest, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM packs_approvals WHERE plan = ?", [.text(plan.hex)])
    }

    // MARK: The open change

    static func open(_ change: OpenPackChange, in transaction: Transaction) throws {
        try transaction.execute(
            "INSERT INTO packs_open (one, action, plan, from_generation, to_generation) VALUES (1, ?, ?, ?, ?)",
            [
                .text(change.action.rawValue), .text(change.plan.hex), .integer(Int64(change.from)),
                .integer(Int64(change.to)),
            ])
    }

    static func openChange(in transaction: Transaction) throws -> OpenPackChange? {
        try transaction.first("SELECT action, plan, from_generation, to_generation FROM packs_open").flatMap { row in
            guard let action = Operation.Action(rawValue: try row.text("action")),
                let plan = Digest(hex: try row.text("plan"))
            else { return nil }
            return OpenPackChange(
                action: action, plan: plan, from: Int(try row.integer("from_generation")),
                to: Int(try row.integer("to_generation")))
        }
    }

    static func close(in transaction: Transaction) throws { try transaction.execute("DELETE FROM packs_open") }

    // MARK: Data that are being put in place

    static func open(_ change: OpenDataChange, in transaction: Transaction) throws {
        try close(change, in: transaction)
        try transaction.execute(
            "INSERT INTO packs_data_open (id, is_way_back) VALUES (?, ?)",
            [.text(change.pack.text), .integer(change.isWayBack ? 1 : 0)])
    }

    static func openDataChanges(in transaction: Transaction) throws -> [OpenDataChange] {
        try transaction.query("SELECT id, is_way_back FROM packs_data_open ORDER BY id").compactMap { row in
            try PackID(row.text("id")).map {
                OpenDataChange(pack: $0, isWayBack: try row.integer("is_way_back") == 1)
            }
        }
    }

    static func close(_ change: OpenDataChange, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM packs_data_open WHERE id = ?", [.text(change.pack.text)])
    }

    // MARK: Plans

    static func keep(_ plan: PackPlan, at time: Int64, in transaction: Transaction) throws {
        let known = try transaction.first("SELECT made FROM packs_plans WHERE plan = ?", [.text(plan.digest.hex)])
        if known != nil { return }
        try transaction.execute(
            "INSERT INTO packs_plans (plan, made, document) VALUES (?, ?, ?)",
            [.text(plan.digest.hex), .integer(time), .text("\(plan.json)")])
    }

    /// Forgets plans made before `time` that no kept generation came from.
    static func forgetPlans(before time: Int64, except kept: Set<Digest>, in transaction: Transaction) throws {
        for row in try transaction.query("SELECT plan FROM packs_plans WHERE made < ?", [.integer(time)]) {
            let plan = try row.text("plan")
            if let digest = Digest(hex: plan), kept.contains(digest) { continue }
            try transaction.execute("DELETE FROM packs_plans WHERE plan = ?", [.text(plan)])
        }
    }

    static func plan(_ digest: Digest, in transaction: Transaction) throws -> JSONValue? {
        try transaction.first("SELECT document FROM packs_plans WHERE plan = ?", [.text(digest.hex)])
            .map { try JSONParser.parse(try $0.text("document")) }
    }
}
