import AuroraApprovals
import AuroraAudit
import AuroraDatabase
import AuroraModel
import AuroraSystem

/// Writes down that a change ended before its work was done: its end and the log entry in one transaction.
struct StoppedChange: Sendable {
    let database: Database
    let audit: AuditLog
    let changes: ChangeStore
    let clock: WallClock

    func record(_ change: Change, _ stop: ChangeLatches.Stopped) throws {
        let refusal = stop.refusal(of: change)
        let entry = AuditEntry.accepted(
            stop.isInterruption ? .changeInterrupted : .changeAborted, by: .system, subject: change.subject,
            at: clock.now(), reason: stop.words,
            details: [("change", change.id.text), ("kind", change.kind.rawValue)])
        let (changes, audit) = (changes, audit)
        let event = try database.write { transaction in
            _ = try audit.append(entry, in: transaction)
            return try changes.update(change.id, in: transaction) { change in
                change.end(stop.isInterruption ? .interrupted : .aborted, result: .null)
                change.errorCode = refusal.code
                change.errorMessage = stop.isInterruption ? refusal.description : stop.words
            }.1
        }
        changes.announce(event)
    }
}
