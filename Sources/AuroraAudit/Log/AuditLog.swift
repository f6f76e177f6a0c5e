package import AuroraCrypto
package import AuroraDatabase
package import AuroraModel
package import AuroraSystem
import Synchronization

/// The append-only, verifiable log of everything that was done or refused.
///
/// The rows in the database are the log; an entry commits in the transaction of the change that it tells of. Tiles and
/// checkpoint in the folder are derived from the rows by ``publish()`` and can be made again from nothing. Any thread
/// may call; publishing is one at a time.
package final class AuditLog: Sendable {
    /// The tables of the log, to be given to ``Database``.
    package static let migrations: [Migration] = AuditStore.migrations

    /// The key that verifies this log, under its name; `description` is the text for others.
    package let verifierKey: VerifierKey

    let database: Database
    let key: Ed25519PrivateKey
    let folder: LogFolder
    let clock: WallClock
    let refusals: RefusalCounter
    /// Held while publishing, so that two publishers cannot sign or write at once; it may be held for long.
    let publisher = Mutex(PublisherState())
    let lastReport = Mutex<(time: Timestamp, report: AuditReport)?>(nil)

    /// Describes the log; nothing is read or written yet.
    /// - Parameters:
    ///   - database: A database with ``migrations`` applied.
    ///   - origin: The name of the log, such as `hub.example.org/audit`; it must never change.
    ///   - key: Signs checkpoints; only this log may use it.
    ///   - directory: Where tiles and checkpoint go; made when first needed.
    /// - Throws: ``AuditError/badOrigin(_:)``.
    package init(
        database: Database, origin: String, key: Ed25519PrivateKey, directory: String, clock: WallClock
    ) throws(AuditError) {
        verifierKey = try VerifierKey(name: origin, key: key.publicKey)
        self.database = database
        self.key = key
        folder = LogFolder(path: directory)
        self.clock = clock
        refusals = RefusalCounter(database: database, clock: clock)
    }

    /// Adds an entry as part of a change: both commit or neither does.
    ///
    /// An entry over 65,535 bytes is cut behind its SHA-256, never refused.
    /// - Returns: Its number, from 0 without gaps, in the order of commits.
    @discardableResult
    package func append(_ entry: AuditEntry, in transaction: Transaction) throws -> Int64 {
        try AuditStore(transaction).append(EntryFitting.bytes(of: entry))
    }

    /// Adds an entry in a transaction of its own; durable when it returns.
    @discardableResult
    package func record(_ entry: AuditEntry) throws -> Int64 {
        try database.write { try self.append(entry, in: $0) }
    }

    /// Counts a refusal of someone who is not logged in: one entry per source and minute tells how many there were.
    ///
    /// The first of a source in a minute is durable when this returns, later ones within a second of the next call.
    /// - Parameters:
    ///   - source: The peer's address. Beyond 1,000 in a minute they are counted together.
    ///   - code: The stable code of the refusal.
    package func recordRefusal(source: String, code: String) throws {
        try refusals.count(source: source, code: code)
    }

    /// Counts a refusal without touching the disk, for threads that must not wait; the next flush saves it.
    package func noteRefusal(source: String, code: String) {
        refusals.note(source: source, code: code)
    }

    /// Turns the counts of past minutes into entries; to be called every few seconds, and with `all` at stop.
    package func flushRefusals(all: Bool = false) throws {
        try refusals.flush(all: all)
    }
}

/// What the publisher knows of the folder.
struct PublisherState {
    /// Whether this process has looked at every file of the folder once.
    var hasExaminedFolder = false
}
