import AuroraAudit
import AuroraModel

extension Desk {
    /// The audit log's entries, oldest first.
    func auditEntries() throws -> [AuditEntry] {
        try audit.entries(from: 0, limit: 1000).compactMap { logged in try AuditEntry(bytes: logged.bytes) }
    }
}
