package import AuroraDatabase
package import AuroraModel
package import AuroraSystem
import Synchronization

/// Keeps the changes: what runs, what ran, and every step as an event with a number that a stream can resume at.
///
/// Safe from any thread; what returned is durable. Observers hear of events after they are durable, on the thread that
/// made them.
package final class ChangeStore: Sendable {
    private let database: Database
    private let clock: WallClock
    private let observers = Mutex<[Int: @Sendable (ChangeEvent) -> Void]>([:])
    private let nextObserver = Mutex(0)

    package init(database: Database, clock: WallClock = .system) {
        self.database = database
        self.clock = clock
    }

    private var now: Timestamp { Timestamp(milliseconds: clock.now()) }

    /// Makes a queued change with a new id; insert it with ``create(_:)``.
    package func new(
        _ kind: Change.Kind, subject: String, suggestion: SuggestionID? = nil, actor: String, reason: String,
        tasks: [String] = []
    ) -> Change {
        Change(
            id: ChangeID(random: SecureRandom.bytes(10)), kind: kind, subject: subject, suggestion: suggestion,
            actor: actor, reason: reason, created: now, tasks: tasks.map { ChangeTask(name: $0) })
    }

    package func create(_ change: Change) throws {
        let event = try database.write { try self.create(change, in: $0) }
        announce(event)
    }

    /// Inserts in the caller's transaction; hand the event to ``announce(_:)`` once that is durable.
    @discardableResult
    package func create(_ change: Change, in transaction: Transaction) throws -> ChangeEvent {
        try ChangeRowStore.insert(change, in: transaction)
        return try event("state", change, in: transaction)
    }

    /// Changes a change and appends an event of `kind` (`state`, `task`, `progress`) with its new form.
    ///
    /// A change that has ended is not changed any more. Stamps start and end by the state.
    /// - Throws: ``Refusal`` `unknown_change` or `change_finished`.
    @discardableResult
    package func update(
        _ id: ChangeID, event kind: String = "state", _ body: @escaping @Sendable (inout Change) -> Void
    ) throws -> Change {
        let (change, event) = try database.write { try self.update(id, event: kind, in: $0, body) }
        announce(event)
        return change
    }

    /// As the method above, in the caller's transaction; hand the event to ``announce(_:)`` once that is durable.
    package func update(
        _ id: ChangeID, event kind: String = "state", in transaction: Transaction, _ body: (inout Change) -> Void
    ) throws -> (Change, ChangeEvent) {
        var change = try require(id, in: transaction)
        guard !change.state.isFinal else {
            throw Refusal(
                .conflict, code: "change_finished", "\(id) has ended: \(change.state.rawValue)", subject: id.text,
                rule: "a change that has ended stays as it is", remedy: "start a new one")
        }
        body(&change)
        if change.state != .queued, change.started == nil { change.started = now }
        if change.state.isFinal { change.finished = now }
        _ = try ChangeRowStore.update(change, in: transaction)
        return (change, try event(kind, change, in: transaction))
    }

    /// Ends a change.
    @discardableResult
    package func finish(
        _ id: ChangeID, _ state: ChangeState, error: Refusal? = nil, result: JSONValue = .null
    ) throws -> Change {
        try update(id) { change in
            change.state = state
            change.result = result
            change.errorCode = error?.code
            change.errorMessage = error?.description
        }
    }

    /// - Throws: ``Refusal`` `unknown_change`.
    package func get(_ id: ChangeID) throws -> Change {
        try database.read { try self.require(id, in: $0) }
    }

    package func require(_ id: ChangeID, in transaction: Transaction) throws -> Change {
        guard let change = try ChangeRowStore.change(id, in: transaction) else {
            throw Refusal(
                .notFound, code: "unknown_change", "there is no change \(id)", subject: id.text,
                remedy: "list them: aurora change list")
        }
        return change
    }

    /// Changes, newest first.
    ///
    /// - Parameters:
    ///   - state: Only those in this state.
    ///   - target: Only those of this target; stages and trials belong to none.
    /// - Throws: ``Refusal`` `bad_cursor`.
    package func list(
        state: ChangeState? = nil, target: TargetName? = nil, cursor: String? = nil, limit: Int = 50
    ) throws -> Page<Change> {
        let before = try cursor.map { try TimeCursor($0) }
        let count = max(1, min(limit, 500))
        let found = try database.read {
            try ChangeRowStore.page(
                state: state, target: target, before: before.map { ($0.created, $0.id) }, limit: count + 1, in: $0)
        }
        let items = Array(found.prefix(count))
        let next = found.count > count ? items.last.map { TimeCursor(created: $0.created, id: $0.id.text).text } : nil
        return Page(items: items, next: next)
    }

    /// Those that had not ended when the hub did; recovery decides about each.
    package func unfinished() throws -> [Change] {
        try database.read { try ChangeRowStore.unfinished(in: $0) }
    }

    /// Events with larger numbers than `number`, of one change or of all, in order.
    package func events(of change: ChangeID? = nil, after number: Int64 = 0, limit: Int = 500) throws -> [ChangeEvent] {
        try database.read {
            try ChangeRowStore.events(change: change, after: number, limit: max(1, min(limit, 5000)), in: $0)
        }
    }

    private func event(_ kind: String, _ change: Change, in transaction: Transaction) throws -> ChangeEvent {
        try ChangeRowStore.append(change: change.id, time: now, kind: kind, data: change.json, in: transaction)
    }

    // MARK: Observers

    /// Calls `observer` for every later event, on the thread that made it; it must not block.
    /// - Returns: A number for ``unsubscribe(_:)``.
    package func subscribe(_ observer: @escaping @Sendable (ChangeEvent) -> Void) -> Int {
        let number = nextObserver.withLock { value in
            value += 1
            return value
        }
        observers.withLock { $0[number] = observer }
        return number
    }

    package func unsubscribe(_ number: Int) {
        observers.withLock { $0[number] = nil }
    }

    /// Tells the observers of an event that was made in a caller's transaction and is durable now.
    package func announce(_ event: ChangeEvent) {
        let all = observers.withLock { Array($0.values) }
        for observer in all { observer(event) }
    }
}
