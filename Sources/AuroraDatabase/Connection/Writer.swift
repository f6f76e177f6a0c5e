import AuroraSystem
import Dispatch
import Synchronization

/// The one thread that changes the database.
///
/// All closures that wait when the thread becomes free go into one ``GroupCommit``. Nobody is told of success before
/// the commit returned. When a commit fails on the disk, the state of the file is unknown (a second `fsync` may report
/// success although data was dropped), so the writer refuses everything from then on instead of trying again.
final class Writer: Sendable {
    /// The most closures in one transaction, so that the first does not wait for thousands of others.
    private static let groupLimit = 512

    private struct State {
        var waiting: [WriteJob] = []
        var isStopping = false
        /// Nil before it runs and when nobody may wait for it any more.
        var thread: ServiceThread?
    }

    private let connection: Mutex<Connection?>
    private let isAlone: Bool
    private let state = Mutex(State())
    private let tally = Mutex(DatabaseActivity())
    private let bell = DispatchSemaphore(value: 0)

    /// Starts the thread; `nil` when the system gives no more.
    init?(connection: Connection, sharing: DatabaseSharing) {
        self.connection = Mutex(connection)
        isAlone = sharing == .alone
        let thread = ServiceThread(name: "database-writer", stackSize: 4 << 20) { [self] in run() }
        guard let thread else { return nil }
        state.withLock { $0.thread = thread }
    }

    /// How much was written since the start.
    var activity: DatabaseActivity { tally.withLock { $0 } }

    /// Waits until `work` is durable.
    /// - Throws: What `work` threw, or why the commit failed.
    func perform(_ work: @escaping WriteJob.Work) throws {
        let job = WriteJob(work)
        let refusal: DatabaseError? = state.withLock { state in
            guard !state.isStopping else { return .closed }
            guard state.thread?.isCurrent != true else {
                return .misuse("a write inside a write would wait for itself")
            }
            state.waiting.append(job)
            return nil
        }
        if let refusal { throw refusal }
        bell.signal()
        try job.wait()
    }

    /// Finishes what waits, then ends the thread and closes its connection.
    ///
    /// Later calls of `perform` throw `closed`.
    func stop() {
        let ending = state.withLock { state in
            state.isStopping = true
            defer { state.thread = nil }
            return state.thread
        }
        guard let ending else { return }
        bell.signal()
        if ending.isCurrent { ending.leave() } else { ending.join() }
    }

    private func run() {
        // Taken out for the life of the thread: nobody else uses it, and it closes when the thread ends.
        guard let connection = connection.withLock({ $0.take() }) else { return }
        var stopped: DatabaseError?
        while true {
            bell.wait()
            let (group, isLast) = nextGroup()
            if let stopped {
                for job in group { job.finish(stopped) }
            } else if !group.isEmpty {
                stopped = GroupCommit.run(group, on: connection, counting: tally)
            }
            if isLast { break }
        }
        // Moves the log into the main file; a later start does it too, so a failure here loses nothing. In a shared file it
        // would wait for the readers of others; there, SQLite does the same when the last connection of all closes.
        if stopped == nil, isAlone { try? connection.run("PRAGMA wal_checkpoint(TRUNCATE)") }
    }

    private func nextGroup() -> (group: [WriteJob], isLast: Bool) {
        state.withLock { state in
            let group = Array(state.waiting.prefix(Self.groupLimit))
            state.waiting.removeFirst(group.count)
            return (group, state.isStopping && state.waiting.isEmpty)
        }
    }
}

/// How much was written: more writes than commits means that writers shared flushes.
package struct DatabaseActivity: Hashable, Sendable {
    /// Transactions made durable.
    package var commits = 0
    /// Closures whose changes those transactions hold.
    package var writes = 0
}
