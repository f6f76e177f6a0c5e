import AuroraApprovals
import AuroraAudit
package import AuroraModel
import AuroraSystem

extension Promoter {
    /// Stops a change before anything is switched or published.
    ///
    /// The suggestion of a promote is withdrawn, because its approval may start again; the child of a stage or a trial is
    /// killed.
    /// - Returns: the change; its end follows in the background.
    /// - Throws: `Refusal`: `unknown_change`, `change_finished`, `not_abortable` (too late), `reason_required`.
    package func abort(_ id: ChangeID, reason: String, by actor: Actor) throws -> Change {
        let change = try changes.get(id)
        let length: Int64 = 10
        guard Int64(reason.count) >= length else {
            throw TargetRefusals.reasonRequired(subject: id.text, length: length)
        }
        guard !change.state.isFinal, latches.isOpen(id) else { throw PromotionRefusals.notAbortable(change) }
        // Nothing is stopped that the log does not know of; what came too late meanwhile is one more entry.
        try audit.record(.accepted(.changeAbort, by: actor, subject: id.text, at: clock.now(), reason: reason))
        guard latches.stop(id, ChangeLatches.Stopped(actor: actor, reason: reason)) else {
            let refusal = PromotionRefusals.notAbortable(try changes.get(id))
            try audit.record(
                .refused(.changeAbort, by: actor, subject: id.text, at: clock.now(), code: refusal.code, reason: reason)
            )
            throw refusal
        }
        return change
    }
}
