import AuroraApprovals
import AuroraAudit
package import AuroraModel
import AuroraSystem

extension Promoter {
    /// Stops a change before anything is switched; its suggestion is withdrawn, because its approval may start again.
    ///
    /// - Returns: the change; its end follows in the background.
    /// - Throws: `Refusal`: `unknown_change`, `change_finished`, `not_abortable` (too late, or a stage or trial),
    ///   `reason_required`.
    package func abort(_ id: ChangeID, reason: String, by actor: Actor) throws -> Change {
        let change = try changes.get(id)
        let length: Int64 = 10
        guard Int64(reason.count) >= length else {
            throw TargetRefusals.reasonRequired(subject: id.text, length: length)
        }
        guard !change.state.isFinal, latches.stop(id, SwitchLatches.Stopped(actor: actor, reason: reason)) else {
            throw PromotionRefusals.notAbortable(change)
        }
        try audit.record(
            .accepted(.changeAbort, by: actor, subject: id.text, at: clock.now(), reason: reason))
        return change
    }
}
