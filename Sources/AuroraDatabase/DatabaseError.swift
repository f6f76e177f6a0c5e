/// Why the database refused or failed.
///
/// `code` is the engine's own number (SQLite: the extended result code, sqlite.org/rescode.html), `message` its own
/// text. Callers that only want to know what to do ask ``kind``.
package enum DatabaseError: Error, Hashable, Sendable {
    /// The database file could not be opened or set up.
    case open(path: String, code: Int32, message: String)
    /// One statement failed; what its closure had done before is rolled back when the error leaves the closure.
    case statement(sql: String, code: Int32, message: String)
    /// Other processes had the right to write all the time that this one waited for it; nothing was done.
    case busy(path: String, patience: Duration)
    /// The transaction did not become durable: everything in it is rolled back.
    case commit(code: Int32, message: String)
    /// Another closure of the same group ended the whole transaction (a full disk does); nothing of this one is kept.
    case rolledBack(cause: String)
    /// A commit failed on the disk, so what is durable is unknown; nothing more is written until the file is reopened.
    case stopped(path: String, cause: String)
    /// A setting that durability depends on did not read back as it was set.
    case unsafeSetting(path: String, name: String, expected: String, found: String)
    /// The file is a database that another program made: its pages keep no checksums, so damage would go unseen.
    case foreign(path: String)
    /// The file was last written by a newer Aurora, which recorded these migrations.
    case newerSchema(path: String, unknown: [String])
    /// The file is damaged; `findings` says where.
    case damaged(path: String, findings: [String])
    /// Copying the database failed; no copy is left.
    case backup(path: String, code: Int32, message: String)
    /// A column is missing or of another kind than asked for.
    case column(name: String, reason: String)
    /// The call breaks a rule of this interface; nothing was done.
    case misuse(String)
    /// The database is closed.
    case closed
}

extension DatabaseError {
    /// What kind of trouble it is, whatever engine reports it.
    package enum Kind: Hashable, Sendable {
        /// A row with this key is already there.
        case duplicate
        /// A row that this one refers to, or that refers to it, forbids the change.
        case reference
        /// Another rule of the schema (NOT NULL, CHECK) forbids the change.
        case constraint
        /// The disk or quota is full.
        case full
        /// Another process held the lock for too long.
        case busy
        /// The disk reported an error.
        case io
        /// The file is damaged.
        case damaged
        /// Anything else.
        case other
    }

    /// What kind of trouble it is.
    package var kind: Kind {
        switch self {
        case .open(_, let code, _), .statement(_, let code, _), .commit(let code, _), .backup(_, let code, _):
            Kind(code: code)
        case .damaged: .damaged
        case .stopped: .io
        case .busy: .busy
        default: .other
        }
    }
}

extension DatabaseError.Kind {
    /// Reads SQLite's result codes: the low byte is the class, the rest the detail.
    init(code: Int32) {
        switch code {
        case 1555, 2067, 2579: self = .duplicate  // PRIMARYKEY, UNIQUE, ROWID
        case 787, 1811: self = .reference  // FOREIGNKEY, TRIGGER
        case 8202: self = .damaged  // IOERR_DATA: the checksum of a page is wrong
        case 4874: self = .full  // IOERR_SHMSIZE: no room for the index of the write-ahead log
        default:
            switch code & 0xff {
            case 19: self = .constraint
            case 13: self = .full
            case 5, 6: self = .busy
            case 10: self = .io
            case 11, 26: self = .damaged
            default: self = .other
            }
        }
    }
}

extension DatabaseError: CustomStringConvertible {
    /// What failed, on which thing, what the library said, and what to do next.
    package var description: String {
        switch self {
        case .open(let path, let code, let message):
            "opening the database \(path) failed: \(message) (\(code)); check the path, its owner and the disk"
        case .statement(let sql, let code, let message):
            "a database statement failed: \(message) (\(code)) in: \(sql)"
        case .busy(let path, let patience):
            "other processes were writing to the database \(path) for all of \(patience); nothing was changed, try again, "
                + "and look for one that hangs if it stays so"
        case .commit(let code, let message):
            "the database could not make the change durable: \(message) (\(code)); nothing of it is kept"
        case .rolledBack(let cause):
            "the change was taken back because its group of changes ended: \(cause); try again"
        case .stopped(let path, let cause):
            "writing to \(path) stopped because the disk failed: \(cause); check the disk, then start again"
        case .unsafeSetting(let path, let name, let expected, let found):
            "the database \(path) has \(name) = \(found) where \(expected) is needed to survive a power cut; "
                + "put it on a local file system that supports it"
        case .foreign(let path):
            "the database \(path) was not made by Aurora (its pages keep no checksums); "
                + "name another file, or restore a backup (of a hub: `aurora hub restore`)"
        case .newerSchema(let path, let unknown):
            "the database \(path) was written by a newer Aurora (it has \(unknown.joined(separator: ", "))); "
                + "start that version, or restore a backup made before the update"
        case .damaged(let path, let findings):
            "the database \(path) is damaged (\(findings.prefix(3).joined(separator: "; "))); "
                + "restore the last backup (of a hub: `aurora hub restore`)"
        case .backup(let path, let code, let message):
            "copying the database to \(path) failed: \(message) (\(code)); no copy was left"
        case .column(let name, let reason):
            "column \(name) cannot be read: \(reason)"
        case .misuse(let what):
            "the database was used wrongly: \(what)"
        case .closed:
            "the database is closed"
        }
    }
}
