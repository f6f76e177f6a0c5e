/// Who else has the database file open, and how long its lock is waited for.
package enum DatabaseSharing: Hashable, Sendable {
    /// This process alone; the caller holds a lock of its own that sees to it.
    case alone
    /// Several processes at once on one machine; each waits this long for its turn to write, then gives up with
    /// ``DatabaseError/busy(path:patience:)``.
    ///
    /// Any number of ``Database`` values of one process may have such a file open too. Durability is the same. The last
    /// one to close moves the log into the main file.
    case processes(patience: Duration)

    /// Shared, with the ten seconds that are enough for a queue of some thousand short transactions.
    package static let processes = DatabaseSharing.processes(patience: .seconds(10))

    /// How long a lock is waited for.
    var patience: Duration {
        switch self {
        case .alone: .seconds(10)
        case .processes(let patience): patience
        }
    }

    /// The same for `sqlite3_busy_timeout`, between a millisecond and an hour.
    var patienceMilliseconds: Int32 {
        let (seconds, attoseconds) = patience.components
        return Int32(clamping: min(max(seconds, 0), 3600) * 1000 + max(attoseconds, 0) / 1_000_000_000_000_000 + 1)
    }
}
