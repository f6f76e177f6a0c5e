import AuroraApprovals
import AuroraModel
import AuroraSystem
import Dispatch
import Synchronization

/// The stages and trials that wait for their turn or run: how many may wait, and the wait for their end.
///
/// Each of them holds a pipe, a row and a place in a queue from the moment it is accepted, so what may wait is bounded.
/// Thread-safe.
final class BackgroundChanges: Sendable {
    /// Changes of one account that may wait.
    static let accountLimit = 8
    /// Changes of all accounts that may wait.
    static let limit = 64

    private let changes: ChangeStore
    private let latches: ChangeLatches
    /// How many of each account wait.
    ///
    /// Who runs is counted no more: whoever hears of an end may begin the next at once.
    private let waiting = Mutex<[String: Int]>([:])
    private let underWay = DispatchGroup()

    init(changes: ChangeStore, latches: ChangeLatches) {
        self.changes = changes
        self.latches = latches
    }

    /// Stores a change and does its work on a queue, where it can be stopped by its latch.
    ///
    /// - Throws: `Refusal`: `too_many_changes`, `server_stopping`.
    func begin(
        _ change: Change, on queue: DispatchQueue, _ work: @escaping @Sendable (StopSignal) -> Void
    ) throws {
        guard !latches.isInterrupted else { throw ChangeRefusals.stopping(change.kind, of: change.subject) }
        try enter(change)
        do {
            let signal = try StopSignal()
            latches.open(change.id, signal: signal)
            try changes.create(change)
            queue.async { [self] in
                leave(change)
                work(signal)
                latches.remove(change.id)
                underWay.leave()
            }
        } catch {
            latches.remove(change.id)
            leave(change)
            underWay.leave()
            throw error
        }
    }

    /// Waits until every change that was begun has ended.
    func drain() { underWay.wait() }

    private func enter(_ change: Change) throws {
        try waiting.withLock { waiting in
            let own = waiting[change.actor, default: 0]
            guard own < Self.accountLimit else {
                throw ChangeRefusals.tooMany(change, own, limit: Self.accountLimit, of: "account \(change.actor)")
            }
            let all = waiting.values.reduce(0, +)
            guard all < Self.limit else {
                throw ChangeRefusals.tooMany(change, all, limit: Self.limit, of: "hub")
            }
            waiting[change.actor] = own + 1
        }
        underWay.enter()
    }

    private func leave(_ change: Change) {
        waiting.withLock { waiting in
            let own = waiting[change.actor, default: 1] - 1
            waiting[change.actor] = own == 0 ? nil : own
        }
    }
}
