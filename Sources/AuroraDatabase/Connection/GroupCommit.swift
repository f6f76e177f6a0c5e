import Dispatch
import Synchronization

/// One closure that waits for the writer, and the answer it will get.
final class WriteJob: Sendable {
    typealias Work = @Sendable (Transaction) throws -> Void

    let work: Work
    private let isDone = DispatchSemaphore(value: 0)
    private let failure = Mutex<(any Error)?>(nil)

    init(_ work: @escaping Work) {
        self.work = work
    }

    /// Gives the answer; exactly once.
    func finish(_ error: (any Error)?) {
        failure.withLock { $0 = error }
        isDone.signal()
    }

    /// Blocks until the answer is there.
    func wait() throws {
        isDone.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }
}

/// Several closures in one transaction: one flush to disk for all, a savepoint for each.
///
/// A closure that throws is rolled back alone and only its own caller hears of it. Some failures (a full disk, an I/O
/// error) make SQLite end the whole transaction; then the closures before it are told too, and the rest starts anew.
struct GroupCommit {
    private let connection: Connection
    private var succeeded: [WriteJob] = []

    /// Runs and commits a group and answers every job of it.
    /// - Returns: The error that forbids further writing, or `nil`.
    static func run(
        _ group: [WriteJob], on connection: Connection, counting tally: borrowing Mutex<DatabaseActivity>
    ) -> DatabaseError? {
        var commit = GroupCommit(connection: connection)
        for (index, job) in group.enumerated() {
            do throws(DatabaseError) {
                try commit.begin()
            } catch  where error.kind == .busy {
                // They waited together; none of them is to wait its own turn of the same length again.
                for waiting in group[index...] { waiting.finish(error) }
                break
            } catch {
                job.finish(error)
                continue
            }
            commit.attempt(job)
        }
        return commit.finish(counting: tally)
    }

    private init(connection: Connection) {
        self.connection = connection
    }

    private func begin() throws(DatabaseError) {
        if !connection.isInTransaction { try connection.beginWriting() }
    }

    private mutating func attempt(_ job: WriteJob) {
        do {
            try connection.run("SAVEPOINT work")
            try perform(job.work)
            try connection.run("RELEASE work")
            succeeded.append(job)
        } catch {
            job.finish(error)
            takeBack(after: error)
        }
    }

    private func perform(_ work: WriteJob.Work) throws {
        let transaction = Transaction(connection, isReadOnly: false)
        defer { transaction.end() }
        try work(transaction)
        guard connection.isInTransaction else { throw DatabaseError.misuse("a closure ended the transaction itself") }
    }

    /// Undoes what one failed closure did; when that is not possible, everything of the group so far.
    private mutating func takeBack(after error: any Error) {
        if connection.isInTransaction {
            do throws(DatabaseError) {
                try connection.run("ROLLBACK TO work")
                try connection.run("RELEASE work")
                return
            } catch {
                try? connection.run("ROLLBACK")
            }
        }
        for other in succeeded { other.finish(DatabaseError.rolledBack(cause: "\(error)")) }
        succeeded = []
    }

    private func finish(counting tally: borrowing Mutex<DatabaseActivity>) -> DatabaseError? {
        guard connection.isInTransaction else { return nil }
        do throws(DatabaseError) {
            try connection.run(succeeded.isEmpty ? "ROLLBACK" : "COMMIT")
        } catch {
            if connection.isInTransaction { try? connection.run("ROLLBACK") }
            return fail(with: error)
        }
        guard !succeeded.isEmpty else { return nil }
        let count = succeeded.count
        tally.withLock {
            $0.commits += 1
            $0.writes += count
        }
        for job in succeeded { job.finish(nil) }
        return nil
    }

    /// Tells every closure of the group that its commit failed.
    private func fail(with error: DatabaseError) -> DatabaseError? {
        var failure = error
        if case .statement(_, let code, let message) = error { failure = .commit(code: code, message: message) }
        for job in succeeded { job.finish(failure) }
        switch failure.kind {
        case .io, .damaged: return .stopped(path: connection.path, cause: "\(failure)")
        default:
            return connection.isInTransaction ? .stopped(path: connection.path, cause: "\(failure)") : nil
        }
    }
}
