import AuroraAudit
import AuroraDatabase
import AuroraModel
import AuroraSystem

/// Writes the edge's own audit entries: accounts, logins and refusals.
///
/// Under `--dev` every entry says so.
struct AuditTrail: Sendable {
    let log: AuditLog
    let clock: WallClock
    let isDev: Bool

    /// Adds an entry to the transaction of the change it speaks of: both become durable together or not at all.
    func accepted(
        _ act: AuditAct, _ subject: String, by actor: Actor, reason: String = "", details: [(String, String)] = [],
        in transaction: Transaction
    ) throws {
        _ = try log.append(
            entry(act, subject, actor, .accepted, reason, details), in: transaction)
    }

    /// Records a refusal of somebody who is known; durable when it returns.
    func refused(_ act: AuditAct, _ subject: String, by actor: Actor, code: String, details: [(String, String)] = [])
        throws
    {
        try log.record(entry(act, subject, actor, .refused(code: code), "", details))
    }

    /// Records what the hub itself did.
    func system(_ act: AuditAct, _ subject: String, details: [(String, String)] = []) throws {
        try log.record(entry(act, subject, .system, .accepted, "", details))
    }

    private func entry(
        _ act: AuditAct, _ subject: String, _ actor: Actor, _ outcome: AuditEntry.Outcome, _ reason: String,
        _ details: [(String, String)]
    ) -> AuditEntry {
        AuditEntry(
            time: Timestamp(milliseconds: clock.now()), actor: actor, action: act.rawValue, subject: subject,
            outcome: outcome, reason: reason, details: isDev ? details + [("dev", "true")] : details)
    }
}
