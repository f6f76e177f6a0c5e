import AuroraDatabase
import Synchronization

/// The staged digests in memory, so that a poll does not cost a query however many there are.
final class StagedList: Sendable {
    private let database: Database
    private let cached = Mutex<[String]?>(nil)

    init(database: Database) {
        self.database = database
    }

    func digests() throws -> [String] {
        if let list = cached.withLock({ $0 }) { return list }
        return try cached.withLock { list in
            let fresh = try database.read { try ReleaseStore.digests(in: $0) }
            list = fresh
            return fresh
        }
    }

    func invalidate() { cached.withLock { $0 = nil } }
}
