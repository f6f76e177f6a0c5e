import AuroraAudit
import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraSystem

/// The acts of the sweep on one audit log.
struct DrivenLog {
    private let database: Database
    private let log: AuditLog
    private let folder: String

    init(folder: String) throws {
        self.folder = folder
        database = try Database(path: "\(folder)/hub.db", migrations: AuditLog.migrations)
        log = try AuditLog(
            database: database, origin: "sweep.example/audit",
            key: Ed25519PrivateKey(seed: [UInt8](repeating: 7, count: 32)), directory: "\(folder)/audit",
            clock: .fixed(1_700_000_000_000))
    }

    private func entry(_ number: Int) -> AuditEntry {
        AuditEntry(
            time: Timestamp(milliseconds: Int64(number)), actor: .system, action: "sweep.append",
            subject: "entry-\(number)",
            details: [AuditEntry.Detail]())
    }

    /// Appends entries, acknowledging each, and publishes after every third and at the end.
    func append(from first: Int, to last: Int) throws {
        for number in first...last {
            try log.record(entry(number))
            try acknowledge(number)
            if number % 3 == 0 { try log.publish() }
        }
        try log.publish()
        database.close()
    }

    /// Every acknowledged entry is there in order, rows and folder verify, and the log goes on.
    func check(acknowledged: Int) throws {
        let size = Int(try log.size)
        guard size >= acknowledged else {
            throw BadState(description: "\(acknowledged) entries were acknowledged, \(size) are there")
        }
        for (index, logged) in try log.entries(from: 0, limit: size).enumerated() {
            guard logged.bytes == entry(index + 1).bytes else {
                throw BadState(description: "entry \(index) is not what was appended")
            }
        }
        try requireSound(try AuditLog.verify(database, verifierKey: log.verifierKey))
        try log.record(entry(size + 1))
        try log.publish()
        try requireSound(AuditLog.verify(directory: "\(folder)/audit", verifierKey: log.verifierKey))
        database.close()
    }

    private func requireSound(_ report: AuditReport) throws {
        if !report.isSound { throw BadState(description: report.summary) }
    }
}
