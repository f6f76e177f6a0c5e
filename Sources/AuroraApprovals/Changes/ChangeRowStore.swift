import AuroraDatabase
import AuroraModel

/// Every SQL text of changes and their events.
enum ChangeRowStore {
    static let migration = Migration(
        name: "changes-1",
        statements: [
            """
            CREATE TABLE changes (
                id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, suggestion_id TEXT,
                actor TEXT NOT NULL, reason TEXT NOT NULL, created BIGINT NOT NULL, state TEXT NOT NULL,
                started BIGINT, finished BIGINT, error_code TEXT, error_message TEXT, progress_done BIGINT,
                progress_total BIGINT, tasks TEXT NOT NULL, result TEXT NOT NULL)
            """,
            "CREATE INDEX changes_by_time ON changes (created, id)",
            "CREATE INDEX changes_by_state ON changes (state)",
            """
            CREATE TABLE change_events (
                number BIGINT PRIMARY KEY, change_id TEXT NOT NULL, time BIGINT NOT NULL, kind TEXT NOT NULL,
                data TEXT NOT NULL)
            """,
            "CREATE INDEX change_events_by_change ON change_events (change_id, number)",
        ])

    static func insert(_ change: Change, in transaction: Transaction) throws {
        _ = try transaction.execute(
            """
            INSERT INTO changes (id, kind, subject, suggestion_id, actor, reason, created, state, started, finished,
                error_code, error_message, progress_done, progress_total, tasks, result)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(change.id.text), .text(change.kind.rawValue), .text(change.subject),
                SQLValue(change.suggestion?.text), .text(change.actor), .text(change.reason),
                .integer(change.created.milliseconds),
            ] + moving(change))
    }

    static func update(_ change: Change, in transaction: Transaction) throws -> Bool {
        try transaction.execute(
            """
            UPDATE changes SET state = ?, started = ?, finished = ?, error_code = ?, error_message = ?,
                progress_done = ?, progress_total = ?, tasks = ?, result = ?
            WHERE id = ?
            """,
            moving(change) + [.text(change.id.text)]) == 1
    }

    /// The columns that change while a change runs, in the order of both statements above.
    private static func moving(_ change: Change) -> [SQLValue] {
        [
            .text(change.state.rawValue), SQLValue(change.started?.milliseconds),
            SQLValue(change.finished?.milliseconds), SQLValue(change.errorCode), SQLValue(change.errorMessage),
            SQLValue(change.progress?.done), SQLValue(change.progress?.total),
            .text("\(JSONValue.array(change.tasks.map(\.json)))"), .text("\(change.result)"),
        ]
    }

    static func change(_ id: ChangeID, in transaction: Transaction) throws -> Change? {
        try transaction.first("SELECT * FROM changes WHERE id = ?", [.text(id.text)]).map(change)
    }

    static func unfinished(in transaction: Transaction) throws -> [Change] {
        try transaction.query("SELECT * FROM changes WHERE state IN ('queued', 'running') ORDER BY created, id")
            .map(change)
    }

    static func page(
        state: ChangeState?, target: TargetName?, before: (created: Int64, id: String)?, limit: Int,
        in transaction: Transaction
    ) throws -> [Change] {
        var conditions = ["1 = 1"]
        var values: [SQLValue] = []
        if let state {
            conditions.append("state = ?")
            values.append(.text(state.rawValue))
        }
        if let target {
            conditions.append("subject = ? AND kind IN ('promote', 'rollback')")
            values.append(.text(target.text))
        }
        if let before {
            conditions.append("(created < ? OR (created = ? AND id < ?))")
            values += [.integer(before.created), .integer(before.created), .text(before.id)]
        }
        let sql = """
            SELECT * FROM changes WHERE \(conditions.joined(separator: " AND ")) ORDER BY created DESC, id DESC LIMIT ?
            """
        return try transaction.query(sql, values + [.integer(Int64(limit))]).map(change)
    }

    private static func change(_ row: Row) throws -> Change {
        guard let id = ChangeID(try row.text("id")), let kind = Change.Kind(rawValue: try row.text("kind")),
            let state = ChangeState(rawValue: try row.text("state"))
        else { throw DatabaseError.column(name: "changes", reason: "a row holds what was never written") }
        var change = Change(
            id: id, kind: kind, subject: try row.text("subject"),
            suggestion: try row.optionalText("suggestion_id").flatMap { SuggestionID($0) },
            actor: try row.text("actor"), reason: try row.text("reason"),
            created: Timestamp(milliseconds: try row.integer("created")), tasks: try tasks(row))
        change.state = state
        change.started = try row.optionalInteger("started").map { Timestamp(milliseconds: $0) }
        change.finished = try row.optionalInteger("finished").map { Timestamp(milliseconds: $0) }
        change.errorCode = try row.optionalText("error_code")
        change.errorMessage = try row.optionalText("error_message")
        if let done = try row.optionalInteger("progress_done"), let total = try row.optionalInteger("progress_total") {
            change.progress = Change.Progress(done: done, total: total)
        }
        change.result = try json(row, "result")
        return change
    }

    private static func tasks(_ row: Row) throws -> [ChangeTask] {
        var tasks: [ChangeTask] = []
        for value in try json(row, "tasks").array ?? [] { tasks.append(try ChangeTask(try JSONReader(value))) }
        return tasks
    }

    private static func json(_ row: Row, _ column: String) throws -> JSONValue {
        try JSONParser.parse(Array(try row.text(column).utf8), maximumBytes: 1 << 24)
    }

    // MARK: Events

    /// Numbers the event; correct because one writer at a time holds the transaction.
    static func append(
        change: ChangeID, time: Timestamp, kind: String, data: JSONValue, in transaction: Transaction
    ) throws -> ChangeEvent {
        let row = try transaction.first("SELECT COALESCE(MAX(number), 0) + 1 AS next FROM change_events")
        let number = try row?.integer("next") ?? 1
        _ = try transaction.execute(
            "INSERT INTO change_events (number, change_id, time, kind, data) VALUES (?, ?, ?, ?, ?)",
            [.integer(number), .text(change.text), .integer(time.milliseconds), .text(kind), .text("\(data)")])
        return ChangeEvent(number: number, change: change, time: time, kind: kind, data: data)
    }

    static func events(
        change: ChangeID?, after number: Int64, limit: Int, in transaction: Transaction
    ) throws -> [ChangeEvent] {
        try transaction.query(
            """
            SELECT * FROM change_events WHERE number > ? AND (? = '' OR change_id = ?) ORDER BY number LIMIT ?
            """,
            [.integer(number), .text(change?.text ?? ""), .text(change?.text ?? ""), .integer(Int64(limit))]
        ).map { row in
            guard let id = ChangeID(try row.text("change_id")) else {
                throw DatabaseError.column(name: "change_events", reason: "a row holds what was never written")
            }
            return ChangeEvent(
                number: try row.integer("number"), change: id,
                time: Timestamp(milliseconds: try row.integer("time")), kind: try row.text("kind"),
                data: try json(row, "data"))
        }
    }
}
