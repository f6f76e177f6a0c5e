/// Where a long operation stands.
package enum ChangeState: String, Sendable, CaseIterable {
    case queued
    case running
    case done
    case failed
    /// It was made and taken back.
    case rolledBack = "rolled-back"
    /// Somebody stopped it before anything was switched.
    case aborted
    /// The hub ended in the middle; recovery has decided what became of it.
    case interrupted

    package var isFinal: Bool { self != .queued && self != .running }
}

/// One step of a change, in the order they are done.
package struct ChangeTask: Hashable, Sendable {
    package enum State: String, Sendable, CaseIterable {
        case waiting
        case running
        case done
        case failed
        case skipped
    }

    package let name: String
    package var state: State
    /// What came of it, for people; empty until there is something to say.
    package var detail: String

    package init(name: String, state: State = .waiting, detail: String = "") {
        self.name = name
        self.state = state
        self.detail = detail
    }

    package var json: JSONValue {
        ["name": .string(name), "state": .string(state.rawValue), "detail": .string(detail)]
    }

    package init(_ reader: JSONReader) throws(JSONShapeError) {
        var reader = reader
        name = try reader.string("name")
        state = try reader.parsed("state", expected: "a task state") { State(rawValue: $0) }
        detail = try reader.string("detail")
        try reader.finish()
    }
}

/// Any long operation: the same object with the same id in CLI, page, API and audit.
package struct Change: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case promote
        case rollback
        case stage
        case trial
    }

    /// How far it is, in whatever unit the running task counts.
    package struct Progress: Hashable, Sendable {
        package var done: Int64
        package var total: Int64
        package init(done: Int64, total: Int64) {
            self.done = done
            self.total = total
        }
    }

    package let id: ChangeID
    package let kind: Kind
    /// What it is about: a target's name for promote and rollback, an artifact's digest for stage and trial.
    package let subject: String
    package var suggestion: SuggestionID?
    package let actor: String
    package let reason: String
    package let created: Timestamp
    package var state: ChangeState = .queued
    package var tasks: [ChangeTask] = []
    package var progress: Progress?
    /// Stable code of what went wrong; nil while nothing did.
    package var errorCode: String?
    package var errorMessage: String?
    package var started: Timestamp?
    package var finished: Timestamp?
    /// What came of it, such as the generation number or the staged digest; null until it ends.
    package var result: JSONValue = .null

    package init(
        id: ChangeID, kind: Kind, subject: String, suggestion: SuggestionID? = nil, actor: String, reason: String,
        created: Timestamp, tasks: [ChangeTask] = []
    ) {
        self.id = id
        self.kind = kind
        self.subject = subject
        self.suggestion = suggestion
        self.actor = actor
        self.reason = reason
        self.created = created
        self.tasks = tasks
    }

    package var json: JSONValue {
        [
            "id": .string(id.text), "kind": .string(kind.rawValue), "subject": .string(subject),
            "suggestion": JSONValue(suggestion?.text), "actor": .string(actor), "reason": .string(reason),
            "state": .string(state.rawValue), "tasks": .array(tasks.map(\.json)),
            "progress": progress.map { ["done": .integer($0.done), "total": .integer($0.total)] } ?? .null,
            "error": errorCode.map { ["code": .string($0), "message": JSONValue(errorMessage)] } ?? .null,
            "created": JSONValue(created), "started": JSONValue(started), "finished": JSONValue(finished),
            "result": result,
        ]
    }
}

/// One thing that happened to a change; its number resumes a stream of events.
package struct ChangeEvent: Hashable, Sendable {
    /// Grows over all changes of a hub.
    package let number: Int64
    package let change: ChangeID
    package let time: Timestamp
    /// A word such as `state`, `task` or `progress`.
    package let kind: String
    package let data: JSONValue

    package init(number: Int64, change: ChangeID, time: Timestamp, kind: String, data: JSONValue) {
        self.number = number
        self.change = change
        self.time = time
        self.kind = kind
        self.data = data
    }
}
