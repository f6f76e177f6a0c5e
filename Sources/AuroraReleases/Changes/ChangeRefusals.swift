import AuroraApprovals
import AuroraModel

/// What is said when a stage or a trial cannot be begun now.
enum ChangeRefusals {
    static func tooMany(_ change: Change, _ count: Int, limit: Int, of whom: String) -> Refusal {
        Refusal(
            .throttled, code: "too_many_changes",
            "The \(change.kind.rawValue) was not begun: \(count) stages and trials of the \(whom) wait already.",
            subject: change.subject, rule: "at most \(limit) stages and trials of the \(whom) wait for their turn",
            remedy: "Wait until some of them have ended, or stop them: aurora change list --in-state queued")
    }

    static func stopping(_ kind: Change.Kind, of subject: String) -> Refusal {
        Refusal(
            .unavailable, code: "server_stopping", "The \(kind.rawValue) was not done: the hub is stopping.",
            subject: subject, remedy: "Begin it again when the hub is back.")
    }
}
