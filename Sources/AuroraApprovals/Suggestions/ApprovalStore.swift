package import AuroraDatabase
import AuroraModel
import AuroraTrust

/// Every SQL text of suggestions and votes.
package enum ApprovalStore {
    package static let migrations: [Migration] = [
        Migration(
            name: "approvals-1",
            statements: [
                """
                CREATE TABLE suggestions (
                    id TEXT PRIMARY KEY, domain TEXT NOT NULL, target TEXT NOT NULL, plan_digest TEXT NOT NULL,
                    plan BYTEA NOT NULL, requested_by TEXT NOT NULL, reason TEXT NOT NULL, source TEXT NOT NULL,
                    created BIGINT NOT NULL, expires BIGINT NOT NULL, state TEXT NOT NULL,
                    state_reason TEXT NOT NULL, change_id TEXT)
                """,
                "CREATE INDEX suggestions_by_time ON suggestions (created, id)",
                "CREATE INDEX suggestions_by_state ON suggestions (state, created, id)",
                "CREATE INDEX suggestions_by_domain ON suggestions (domain, created, id)",
                "CREATE INDEX suggestions_by_plan ON suggestions (plan_digest)",
                """
                CREATE TABLE votes (
                    number BIGINT NOT NULL, payload_digest TEXT PRIMARY KEY, suggestion_id TEXT NOT NULL,
                    user_name TEXT NOT NULL, person TEXT NOT NULL, decision TEXT NOT NULL, reason TEXT NOT NULL, cast_at BIGINT NOT NULL,
                    not_before BIGINT NOT NULL, not_after BIGINT NOT NULL, signature TEXT NOT NULL,
                    envelope BYTEA NOT NULL, replaced BIGINT NOT NULL)
                """,
                "CREATE INDEX votes_by_suggestion ON votes (suggestion_id, number)",
                "CREATE INDEX votes_by_number ON votes (number)",
            ]),
        RollbackStore.migration,
        ChangeRowStore.migration,
    ]

    // MARK: Suggestions

    static func insert(_ suggestion: Suggestion, in transaction: Transaction) throws {
        _ = try transaction.execute(
            """
            INSERT INTO suggestions (id, domain, target, plan_digest, plan, requested_by, reason, source, created,
                expires, state, state_reason, change_id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)
            """,
            [
                .text(suggestion.id.text), .text(suggestion.domain.name), .text(suggestion.target.text),
                .text(suggestion.planDigest.hex), .bytes(suggestion.plan.bytes), .text(suggestion.requestedBy.text),
                .text(suggestion.reason), .text(suggestion.source.rawValue),
                .integer(suggestion.created.milliseconds), .integer(suggestion.expires.milliseconds),
                .text(suggestion.state.rawValue), .text(suggestion.stateReason),
            ])
    }

    static func suggestion(_ id: SuggestionID, in transaction: Transaction) throws -> Suggestion? {
        try transaction.first("SELECT * FROM suggestions WHERE id = ?", [.text(id.text)]).map(suggestion)
    }

    /// The newest suggestion over the same plan that is still open.
    static func openSuggestion(plan: Digest, in transaction: Transaction) throws -> Suggestion? {
        try transaction.first(
            """
            SELECT * FROM suggestions WHERE plan_digest = ? AND state IN ('waiting', 'approved')
            ORDER BY created DESC LIMIT 1
            """,
            [.text(plan.hex)]
        ).map(suggestion)
    }

    static func openSuggestions(target: TargetName?, in transaction: Transaction) throws -> [Suggestion] {
        try transaction.query(
            """
            SELECT * FROM suggestions WHERE state IN ('waiting', 'approved') AND (? = '' OR target = ?)
            ORDER BY created, id
            """,
            [.text(target?.text ?? ""), .text(target?.text ?? "")]
        ).map(suggestion)
    }

    static func page(
        states: [SuggestionState], domain: Domain?, before: (created: Int64, id: String)?, limit: Int,
        in transaction: Transaction
    ) throws -> [Suggestion] {
        var conditions = ["1 = 1"]
        var values: [SQLValue] = []
        if !states.isEmpty {
            conditions.append("state IN (\(states.map { _ in "?" }.joined(separator: ", ")))")
            values += states.map { .text($0.rawValue) }
        }
        if let domain {
            conditions.append("domain = ?")
            values.append(.text(domain.name))
        }
        if let before {
            conditions.append("(created < ? OR (created = ? AND id < ?))")
            values += [.integer(before.created), .integer(before.created), .text(before.id)]
        }
        let sql = """
            SELECT * FROM suggestions WHERE \(conditions.joined(separator: " AND "))
            ORDER BY created DESC, id DESC LIMIT ?
            """
        return try transaction.query(sql, values + [.integer(Int64(limit))]).map(suggestion)
    }

    static func setState(
        _ id: SuggestionID, _ state: SuggestionState, reason: String, in transaction: Transaction
    ) throws {
        _ = try transaction.execute(
            "UPDATE suggestions SET state = ?, state_reason = ? WHERE id = ?",
            [.text(state.rawValue), .text(reason), .text(id.text)])
    }

    /// Marks the approval as used by `change`; false when it was used before.
    static func use(_ id: SuggestionID, change: ChangeID, in transaction: Transaction) throws -> Bool {
        try transaction.execute(
            "UPDATE suggestions SET state = 'running', state_reason = '', change_id = ? WHERE id = ? AND change_id IS NULL",
            [.text(change.text), .text(id.text)]) == 1
    }

    /// Gives the approval back; false when it is not `change` that holds it.
    static func giveBack(_ id: SuggestionID, change: ChangeID, in transaction: Transaction) throws -> Bool {
        try transaction.execute(
            """
            UPDATE suggestions SET state = 'waiting', state_reason = '', change_id = NULL
            WHERE id = ? AND change_id = ? AND state = 'running'
            """,
            [.text(id.text), .text(change.text)]) == 1
    }

    private static func suggestion(_ row: Row) throws -> Suggestion {
        guard let id = SuggestionID(try row.text("id")), let user = UserName(try row.text("requested_by")),
            let source = SuggestionSource(rawValue: try row.text("source")),
            let state = SuggestionState(rawValue: try row.text("state")),
            let digest = Digest(hex: try row.text("plan_digest"))
        else { throw DatabaseError.column(name: "suggestions", reason: "a row holds what was never written") }
        let plan = try Plan(bytes: try row.bytes("plan"))
        guard plan.digest == digest else {
            throw DatabaseError.column(name: "plan", reason: "the stored plan of \(id) is not the one that was filed")
        }
        return Suggestion(
            id: id, plan: plan, planDigest: digest, requestedBy: user, reason: try row.text("reason"), source: source,
            created: Timestamp(milliseconds: try row.integer("created")),
            expires: Timestamp(milliseconds: try row.integer("expires")), state: state,
            stateReason: try row.text("state_reason"),
            change: try row.optionalText("change_id").flatMap { ChangeID($0) })
    }

    // MARK: Votes

    /// Whether this very statement was ever handed in.
    static func holdsStatement(_ payload: Digest, in transaction: Transaction) throws -> Bool {
        try transaction.first("SELECT 1 AS found FROM votes WHERE payload_digest = ?", [.text(payload.hex)]) != nil
    }

    static func insert(_ vote: Vote, in transaction: Transaction) throws {
        _ = try transaction.execute(
            """
            INSERT INTO votes (number, payload_digest, suggestion_id, user_name, person, decision, reason, cast_at, not_before,
                not_after, signature, envelope, replaced)
            SELECT COALESCE(MAX(number), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0 FROM votes
            """,
            [
                .text(Digest(hashing: vote.envelope.payload).hex), .text(vote.suggestion.text), .text(vote.user.text),
                .text(vote.person), .text(vote.decision.rawValue), .text(vote.reason),
                .integer(vote.cast.milliseconds), .integer(vote.notBefore.milliseconds),
                .integer(vote.notAfter.milliseconds), .text(vote.signature.rawValue),
                .bytes(vote.envelope.json.documentBytes),
            ])
    }

    /// Marks a person's earlier votes as replaced by a new one.
    static func replaceVotes(of person: String, on id: SuggestionID, in transaction: Transaction) throws {
        _ = try transaction.execute(
            "UPDATE votes SET replaced = 1 WHERE suggestion_id = ? AND person = ?", [.text(id.text), .text(person)])
    }

    static func setEnvelope(_ envelope: Envelope, in transaction: Transaction) throws {
        _ = try transaction.execute(
            "UPDATE votes SET envelope = ? WHERE payload_digest = ?",
            [.bytes(envelope.json.documentBytes), .text(Digest(hashing: envelope.payload).hex)])
    }

    static func votes(on id: SuggestionID, in transaction: Transaction) throws -> [Vote] {
        try transaction.query(
            "SELECT * FROM votes WHERE suggestion_id = ? ORDER BY number", [.text(id.text)]
        ).map(vote)
    }

    private static func vote(_ row: Row) throws -> Vote {
        guard let id = SuggestionID(try row.text("suggestion_id")), let user = UserName(try row.text("user_name")),
            let decision = ApprovalStatement.Decision(rawValue: try row.text("decision")),
            let signature = Vote.Signature(rawValue: try row.text("signature"))
        else { throw DatabaseError.column(name: "votes", reason: "a row holds what was never written") }
        return Vote(
            suggestion: id, user: user, person: try row.text("person"), decision: decision,
            reason: try row.text("reason"), cast: Timestamp(milliseconds: try row.integer("cast_at")),
            notBefore: Timestamp(milliseconds: try row.integer("not_before")),
            notAfter: Timestamp(milliseconds: try row.integer("not_after")), signature: signature,
            envelope: try Envelope(parsing: try row.bytes("envelope")), isReplaced: try row.bool("replaced"))
    }
}
