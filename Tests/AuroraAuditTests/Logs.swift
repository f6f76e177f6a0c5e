import AuroraAudit
import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Foundation
import Synchronization

let origin = "hub.example.org/audit"

/// A log of its own for one test: a database, a key, a folder.
struct TestLog {
    let folder: String
    let key: Ed25519PrivateKey
    let database: Database
    let log: AuditLog

    var published: String { folder + "/audit" }
    var verifierKey: VerifierKey { log.verifierKey }

    init(in folder: String, key: Ed25519PrivateKey = Ed25519PrivateKey(), clock: WallClock = .fixed(1_000)) throws {
        self.folder = folder
        self.key = key
        database = try Database(path: folder + "/hub.db", migrations: AuditLog.migrations)
        log = try AuditLog(
            database: database, origin: origin, key: key, directory: folder + "/audit", clock: clock)
    }

    func entry(_ number: Int, subject: String? = nil) -> AuditEntry {
        AuditEntry(
            time: Timestamp(milliseconds: Int64(number)), actor: .system, action: "release.stage",
            subject: subject ?? "subject-\(number)", reason: "because", details: [("number", "\(number)")])
    }

    /// Adds `count` entries in one transaction.
    func fill(_ count: Int) throws {
        let start = Int(try log.size)
        try database.write { transaction in
            for number in start..<start + count { try log.append(entry(number), in: transaction) }
        }
    }

    func verifyFolder(known: [Checkpoint] = []) -> AuditReport {
        AuditLog.verify(directory: published, verifierKey: verifierKey, known: known)
    }

    func verifyRows(known: [Checkpoint] = []) throws -> AuditReport {
        try AuditLog.verify(database, verifierKey: verifierKey, known: known)
    }
}

/// Gives `body` an empty log.
@discardableResult
func withLog<T>(clock: WallClock = .fixed(1_000), _ body: (TestLog) throws -> T) throws -> T {
    try withTemporaryDirectory { folder throws in
        let log = try TestLog(in: folder, clock: clock)
        defer { log.database.close() }
        return try body(log)
    }
}

/// Runs `body` on `count` threads at once, waits for all, and returns what they threw.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) -> [any Error] {
    let failures = Mutex<[any Error]>([])
    let group = DispatchGroup()
    for number in 0..<count {
        group.enter()
        Thread {
            do { try body(number) } catch { failures.withLock { $0.append(error) } }
            group.leave()
        }.start()
    }
    group.wait()
    return failures.withLock { $0 }
}

func fileBytes(_ path: String) throws -> [UInt8] {
    try Descriptor.open(path, .readOnly).readAll()
}

func setFile(_ path: String, _ bytes: [UInt8]) throws {
    try Descriptor.open(path, [.writeOnly, .create, .truncate]).write(all: bytes)
}
