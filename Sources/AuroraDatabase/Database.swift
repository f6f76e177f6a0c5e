import Synchronization

/// A durable SQL database in one file: many readers, one writer, every acknowledged change on disk.
///
/// Reads run on the caller's thread with a connection of a pool; each sees one moment of the database. Writes run on
/// the writer's thread, grouped into shared commits. Both block their caller; any thread may call, but a write inside
/// a write is refused. The engine is SQLite in WAL mode with `synchronous=FULL`, read back on every connection, because
/// only that (of the fast settings) survives a power cut; no type or word of it leaves this module. One process has the
/// file, or several by ``DatabaseSharing``; then groups of writes of all of them take turns.
package final class Database: Sendable {
    private let path: String
    private let writer: Writer?
    private let readers: ReaderPool

    /// Opens or makes the database, checks it, and brings it to the schema of `migrations`.
    ///
    /// The file gets mode 0600.
    /// - Parameters:
    ///   - path: The file; beside it lie its write-ahead log and index.
    ///   - migrations: All migrations of all features, oldest first; those that are recorded are skipped.
    ///   - sharing: Whether other processes have it open too.
    ///   - examines: Whether the whole file is examined first, about 1 s for each GB. A short command on a shared file
    ///     leaves that to the service that keeps it open; the checksum of each page that is read is checked in any case.
    /// - Throws: ``DatabaseError``: `damaged`, `newerSchema`, `unsafeSetting` or `busy` before anything is changed.
    package init(
        path: String, migrations: [Migration], sharing: DatabaseSharing = .alone, examines: Bool = true
    ) throws(DatabaseError) {
        self.path = path
        try DatabaseFile.prepare(path)
        let connection = try Self.open(path, sharing, examines: examines)
        try Migrator(path: path, migrations: migrations).run(on: connection)
        guard let writer = Writer(connection: connection, sharing: sharing) else {
            throw .open(path: path, code: 11, message: "the system gives no more threads")
        }
        self.writer = writer
        readers = ReaderPool(path: path, sharing: sharing)
    }

    /// Opens an existing database only to read it, whatever its schema is; for examinations offline.
    /// - Throws: ``DatabaseError``: `open` when there is no file, `damaged`, or `unsafeSetting`.
    package init(readingAt path: String) throws(DatabaseError) {
        self.path = path
        _ = try Self.open(path, .alone, examines: true)
        writer = nil
        readers = ReaderPool(path: path, sharing: .alone)
    }

    deinit {
        close()
    }

    /// Opens the first connection and examines the file through it.
    private static func open(
        _ path: String, _ sharing: DatabaseSharing, examines: Bool
    ) throws(DatabaseError) -> Connection {
        do throws(DatabaseError) {
            let connection = try Connection(path: path, role: .writer, sharing: sharing)
            if examines { try IntegrityCheck.require(connection, depth: .quick) }
            return connection
        } catch {
            guard error.kind == .damaged else { throw error }
            if case .damaged = error { throw error }
            throw .damaged(path: path, findings: ["\(error)"])
        }
    }

    /// Runs `body` with a view of one moment of the database; changes are refused.
    ///
    /// Blocks while eight other reads run. Errors of `body` are passed on.
    @discardableResult
    package func read<T: Sendable>(_ body: (Transaction) throws -> T) throws -> T {
        try readers.read(body)
    }

    /// Runs `body` on the writer's thread; when this returns, its changes survive a power cut.
    ///
    /// An error of `body` rolls back its own changes only and is passed on. Keep the closure short and free of calls
    /// that wait: all other writers wait for it. Errors of the commit itself reach every closure of its group.
    @discardableResult
    package func write<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) throws -> T {
        guard let writer else { throw DatabaseError.misuse("a change of a database that was opened to be read") }
        let answer = Answer<T>()
        try writer.perform { transaction in
            let value = try body(transaction)
            answer.value.withLock { $0 = value }
        }
        guard let value = answer.value.withLock({ $0 }) else { throw DatabaseError.closed }
        return value
    }

    /// Makes a complete, examined copy at a new path while reads and writes go on.
    ///
    /// The copy is of one moment, not older than the call. An existing file is not replaced; a failure leaves nothing.
    package func backup(to path: String) throws {
        try readers.withConnection { try Backup(path: path).run(from: $0) }
    }

    /// Examines the whole database; returns what is wrong, nothing when all is well.
    package func integrityCheck() throws -> [String] {
        try readers.withConnection { IntegrityCheck.findings(of: $0, depth: .complete) }
    }

    /// How much was written since the database was opened.
    package var activity: DatabaseActivity { writer?.activity ?? DatabaseActivity() }

    /// Finishes waiting writes and closes the file; later calls throw ``DatabaseError/closed``.
    package func close() {
        readers.close()
        writer?.stop()
    }
}

/// Carries a closure's value from the writer's thread to its caller.
private final class Answer<T: Sendable>: Sendable {
    let value = Mutex<T?>(nil)
}
