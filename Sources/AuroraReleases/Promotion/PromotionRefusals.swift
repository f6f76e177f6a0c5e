import AuroraApprovals
import AuroraModel

/// What is said when a change cannot start.
enum PromotionRefusals {
    /// Why a suggestion with this verdict cannot start; nil when it can.
    static func notApproved(_ suggestion: Suggestion, _ verdict: Verdict) -> Refusal? {
        let (code, words): (String, String)
        switch verdict {
        case .approved: return nil
        case .waiting(let missing):
            (code, words) = ("approval_required", "still needs \(missing.map(\.text).joined(separator: " and "))")
        case .expired: (code, words) = ("suggestion_expired", "has expired")
        case .stale(let why): (code, words) = ("plan_stale", "is stale: \(why)")
        case .rejected: (code, words) = ("suggestion_closed", "was rejected")
        case .closed(let state):
            code = suggestion.change == nil ? "suggestion_closed" : "approval_used"
            words = suggestion.change.map { "has used its approval for \($0)" } ?? "is \(state.rawValue)"
        }
        return Refusal(
            .conflict, code: code, "\(suggestion.id) \(words).", subject: suggestion.id.text,
            rule: "nothing is activated without a valid, unused approval for exactly this plan",
            remedy: "See where it stands: aurora suggestion show \(suggestion.id)",
            details: [
                "suggestion": .string(suggestion.id.text), "plan": JSONValue(suggestion.planDigest),
                "state": .string(suggestion.state.rawValue),
            ])
    }

    /// What a stage or trial that the hub's end cut off says of itself.
    static func interrupted(_ change: Change) -> Refusal {
        Refusal(
            .unavailable, code: "interrupted", "The hub ended in the middle of this \(change.kind.rawValue).",
            subject: change.id.text, rule: "what was cut off changed nothing", remedy: "Start it again.")
    }

    static func notAbortable(_ change: Change) -> Refusal {
        Refusal(
            .conflict, code: change.state.isFinal ? "change_finished" : "not_abortable",
            change.state.isFinal
                ? "\(change.id) has ended: \(change.state.rawValue)."
                : "\(change.id) is past the point where it can be stopped.",
            subject: change.id.text, rule: "a change can be stopped only before anything is switched or published",
            remedy: change.state.isFinal ? "Nothing is left to stop." : "Wait for its end, then take it back if needed."
        )
    }

    static func noAccount(_ actor: Actor) -> Refusal {
        Refusal(
            .forbidden, code: "bad_identifier", "\"\(actor.name.printable(limit: 80))\" is no account.",
            subject: actor.name.printable(limit: 80), rule: UserNameKind.rule, remedy: "Log in with an account.")
    }

    /// Files of a fresh diff that an answer carries; of a longer one it carries the counts, and the rest is asked for.
    static let shownFiles = 1000

    /// - Parameters:
    ///   - fresh: The suggestion with the plan as it would be now.
    ///   - diff: What that plan would change; nil when the hub cannot tell any more.
    static func stale(_ suggestion: Suggestion, fresh: Suggestion, diff: TreeDiff?) -> Refusal {
        let files = diff.map { $0.added.count + $0.removed.count + $0.changed.count } ?? 0
        return staleRefusal(suggestion, fresh, files <= shownFiles ? diff?.json ?? .null : .null)
    }

    private static func staleRefusal(_ suggestion: Suggestion, _ fresh: Suggestion, _ diff: JSONValue) -> Refusal {
        Refusal(
            .conflict, code: "plan_stale", "What \(suggestion.id) would change is no longer what was planned.",
            subject: suggestion.id.text, rule: "an approval holds for one plan digest only",
            remedy: "Look at the fresh plan and have \(fresh.id) approved.",
            details: [
                "suggestion": .string(fresh.id.text), "plan": JSONValue(fresh.planDigest),
                "freshPlan": fresh.plan.json, "freshDiff": diff,
            ])
    }
}
