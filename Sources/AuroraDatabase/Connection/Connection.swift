import CSQLite

/// One connection to the database file, with its cache of prepared statements.
///
/// Opened in SQLite's multi-thread mode: one thread at a time may use it, and its owner (the writer thread, the reader
/// pool's lock) sees to that. Unchecked for that reason.
final class Connection: @unchecked Sendable {
    private static let cacheLimit = 200

    let path: String
    private let sharing: DatabaseSharing
    private let handle: OpaquePointer
    private var cache: [String: Statement] = [:]

    /// Opens an existing file and makes and checks every setting that durability depends on.
    ///
    /// - Throws: ``DatabaseError/foreign(path:)`` before anything is changed in a file that is not ours.
    init(path: String, role: Role, sharing: DatabaseSharing = .alone) throws(DatabaseError) {
        guard PageChecksums.register() else {
            throw .open(path: path, code: SQLITE_ERROR, message: "the checking file layer could not be registered")
        }
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE
        let code = sqlite3_open_v2(path, &handle, flags, PageChecksums.name)
        guard code == SQLITE_OK, let handle else {
            let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
            sqlite3_close_v2(handle)
            throw .open(path: path, code: code, message: message)
        }
        self.path = path
        self.sharing = sharing
        self.handle = handle
        sqlite3_busy_timeout(handle, sharing.patienceMilliseconds)
        if role != .copy, DatabaseFile.isForeign(head(DatabaseFile.headerSize)) { throw .foreign(path: path) }
        // A connection that could not read the write-ahead log, on a full disk for example, takes it for empty and would
        // remove it when it is closed (seen with SQLite 3.40).
        try requireDone(aurora_sqlite_tidy_on_close(handle, 0))
        try prepareSettings(role)
        try requireDone(aurora_sqlite_tidy_on_close(handle, 1))
    }

    private func requireDone(_ code: Int32) throws(DatabaseError) {
        guard code == SQLITE_OK else {
            throw .open(path: path, code: code, message: String(cString: sqlite3_errstr(code)))
        }
    }

    deinit {
        cache.removeAll()
        sqlite3_close_v2(handle)
    }

    /// Whether a transaction is open.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Takes the right to write, for which it waits as long as ``DatabaseSharing`` says.
    /// - Throws: ``DatabaseError/busy(path:patience:)`` when another process had it all that time.
    func beginWriting() throws(DatabaseError) {
        do throws(DatabaseError) {
            try run("BEGIN IMMEDIATE")
        } catch {
            throw error.kind == .busy ? .busy(path: path, patience: sharing.patience) : error
        }
    }

    /// Runs a statement to its end.
    func run(_ sql: String, _ values: [SQLValue] = []) throws(DatabaseError) {
        try use(sql, values) { statement throws(DatabaseError) in while try statement.step() {} }
    }

    /// Runs a statement to its end and returns the number of rows it changed.
    func change(_ sql: String, _ values: [SQLValue]) throws(DatabaseError) -> Int {
        let before = sqlite3_total_changes64(handle)
        try run(sql, values)
        return sqlite3_total_changes64(handle) == before ? 0 : Int(sqlite3_changes64(handle))
    }

    /// Runs a statement and returns all its rows.
    func rows(_ sql: String, _ values: [SQLValue] = []) throws(DatabaseError) -> [Row] {
        var rows: [Row] = []
        try use(sql, values) { statement throws(DatabaseError) in
            while try statement.step() { rows.append(try statement.row()) }
        }
        return rows
    }

    /// Runs a statement and returns its first row, if there is one.
    func firstRow(_ sql: String, _ values: [SQLValue] = []) throws(DatabaseError) -> Row? {
        var row: Row?
        try use(sql, values) { statement throws(DatabaseError) in
            if try statement.step() { row = try statement.row() }
        }
        return row
    }

    /// Prepares or reuses a statement for the time of `body`.
    ///
    /// It leaves the cache meanwhile, so that the same text may be used again inside `body`.
    private func use(
        _ sql: String, _ values: [SQLValue], _ body: (Statement) throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        let statement = try take(sql)
        defer { giveBack(statement) }
        try statement.bind(values)
        try body(statement)
    }

    /// Prepares or reuses a statement for a `body` that may throw errors of its own.
    func useAny(_ sql: String, _ values: [SQLValue], _ body: (Statement) throws -> Void) throws {
        let statement = try take(sql)
        defer { giveBack(statement) }
        try statement.bind(values)
        try body(statement)
    }

    private func take(_ sql: String) throws(DatabaseError) -> Statement {
        if let statement = cache.removeValue(forKey: sql) { return statement }
        return try Statement(sql, on: handle)
    }

    private func giveBack(_ statement: Statement) {
        statement.reset()
        if cache.count >= Self.cacheLimit { cache.removeAll() }
        cache[statement.sql] = statement
    }

    /// Copies the whole database, as of one moment, into the open `destination` (`sqlite3_backup_step(-1)`).
    ///
    /// Writers go on meanwhile: in WAL mode one step reads one snapshot.
    func copy(to destination: Connection) throws(DatabaseError) {
        guard let backup = sqlite3_backup_init(destination.handle, "main", handle, "main") else {
            throw destination.backupFailure()
        }
        let step = sqlite3_backup_step(backup, -1)
        let finish = sqlite3_backup_finish(backup)
        guard step == SQLITE_DONE, finish == SQLITE_OK else { throw destination.backupFailure() }
    }

    private func backupFailure() -> DatabaseError {
        .backup(path: path, code: sqlite3_extended_errcode(handle), message: String(cString: sqlite3_errmsg(handle)))
    }
}

extension Connection {
    /// What a connection is for.
    enum Role {
        /// The one connection that changes the database.
        case writer
        /// A connection that only reads; SQLite itself refuses changes on it.
        case reader
        /// The target of a copy that is flushed as a whole at the end.
        case copy
    }

    private func prepareSettings(_ role: Role) throws(DatabaseError) {
        try reserveChecksumRoom()
        guard role != .copy else {
            try set("synchronous", "OFF", reads: "0")
            return
        }
        try enterWriteAheadLog()
        try set("synchronous", "FULL", reads: "2")
        try set("foreign_keys", "ON", reads: "1")
        try set("trusted_schema", "OFF", reads: "0")
        try set("cell_size_check", "ON", reads: "1")
        try set("journal_size_limit", "67108864", reads: "67108864")
        if role == .reader { try set("query_only", "ON", reads: "1") }
    }

    /// Switches the file to a write-ahead log.
    ///
    /// SQLite does not wait for a process that switches the same fresh file at this moment, so a shared file is tried again.
    private func enterWriteAheadLog() throws(DatabaseError) {
        let end = ContinuousClock.now + (sharing == .alone ? .zero : sharing.patience)
        while true {
            do throws(DatabaseError) {
                return try set("journal_mode", "WAL", reads: "wal")
            } catch {
                guard error.kind == .busy, ContinuousClock.now < end else { throw error }
                _ = sqlite3_sleep(2)
            }
        }
    }

    /// Sets one setting and reads it back: SQLite keeps silent when it cannot do what it was told.
    private func set(_ name: String, _ value: String, reads expected: String) throws(DatabaseError) {
        try run("PRAGMA \(name) = \(value)")
        let found = try setting(name)
        guard found == expected else {
            throw .unsafeSetting(path: path, name: name, expected: expected, found: found)
        }
    }

    /// The current value of a setting, as text.
    func setting(_ name: String) throws(DatabaseError) -> String {
        guard let value = try firstRow("PRAGMA \(name)")?.only else { return "" }
        switch value {
        case .integer(let number): return String(number)
        case .text(let text): return text
        case .null, .bytes: return ""
        }
    }

    /// The first bytes of the file, read through SQLite's own descriptor; nothing when there are fewer.
    func head(_ count: Int) -> [UInt8] {
        var file: UnsafeMutablePointer<sqlite3_file>?
        let found = sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file)
        guard found == SQLITE_OK, let file, let read = file.pointee.pMethods?.pointee.xRead else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        return read(file, &bytes, Int32(count), 0) == SQLITE_OK ? bytes : []
    }

    /// Keeps room at the end of each page for its checksum; it can be asked for only before the first page is written.
    private func reserveChecksumRoom() throws(DatabaseError) {
        var wanted = PageChecksums.byteCount
        _ = sqlite3_file_control(handle, "main", SQLITE_FCNTL_RESERVE_BYTES, &wanted)
    }
}
