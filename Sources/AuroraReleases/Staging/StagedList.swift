import AuroraDatabase
import Synchronization

/// The staged digests in memory, so that a poll does not cost a query however many there are.
final class StagedList: Sendable {
    private struct State {
        var list: [String]?
        /// Grows with every change, so that a list read before it is not kept after it.
        var generation = 0
    }

    private let read: @Sendable () throws -> [String]
    private let state = Mutex(State())

    /// - Parameter read: The query; it runs while nothing is locked.
    init(read: @escaping @Sendable () throws -> [String]) {
        self.read = read
    }

    convenience init(database: Database) {
        self.init { try database.read { try ReleaseStore.digests(in: $0) } }
    }

    func digests() throws -> [String] {
        let (list, generation) = state.withLock { ($0.list, $0.generation) }
        if let list { return list }
        let fresh = try read()
        state.withLock { if $0.generation == generation { $0.list = fresh } }
        return fresh
    }

    func invalidate() {
        state.withLock {
            $0.list = nil
            $0.generation += 1
        }
    }
}
