import AuroraModel
import AuroraSystem

/// `aurora approval approve` and `reject`: a signed yes or no over the plan whose bytes are on the screen.
struct Vote {
    let invocation: Invocation
    let decision: ApprovalStatement.Decision

    private var console: Console { invocation.console }

    /// Shows the plan, asks for what is missing, signs and sends.
    func cast() throws -> ExitCode {
        let hub = try invocation.hub()
        let id = try Names(hub: hub).suggestion(invocation.argument("suggestion"))
        let suggestion = try hub.get("/api/v1/suggestions" + URLText.path(id))
        let plan = try PlanOnScreen.fetch(id, hub)
        try check(plan, named: invocation.line.value("plan"), of: suggestion)
        console.note(SuggestionText.facts(suggestion) + "\n" + plan.text)
        let reason = try invocation.reason(for: "\(decision.rawValue) \(id)")
        try invocation.confirmVote(decision, suggestion)
        let envelope = try envelope(plan, suggestion, reason, hub)
        let answer = try hub.post(
            "/api/v1/suggestions" + URLText.path(id, decision.rawValue),
            [("plan", .string(plan.digest.hex)), ("reason", .string(reason)), ("envelope", envelope)])
        return try conclude(answer, hub)
    }

    /// The plan somebody looked at before must be the plan that is there now.
    private func check(_ plan: PlanOnScreen, named wanted: String?, of suggestion: JSONValue) throws {
        guard suggestion.text("plan") == plan.digest.hex else {
            throw CommandError(
                "the hub says the plan is \(suggestion.digest("plan")), but its bytes are \(plan.digest.short)",
                remedy: "do not approve; tell whoever runs the hub", code: "plan_mismatch", exit: .verificationFailed)
        }
        guard let wanted else { return }
        let digest = wanted.hasPrefix("sha256:") ? String(wanted.dropFirst(7)) : wanted
        guard digest.count >= 4, plan.digest.hex.hasPrefix(digest) else {
            throw CommandError(
                "the plan is \(plan.digest.short), not \(wanted)", cause: "it has changed since you looked at it",
                remedy: "aurora approval show \(suggestion.text("id"))", code: "plan_stale", exit: .conflict)
        }
    }

    /// The signed statement; null where the policy does without and there is no key here.
    private func envelope(
        _ plan: PlanOnScreen, _ suggestion: JSONValue, _ reason: String, _ hub: HubClient
    ) throws -> JSONValue {
        let path = LocalOperatorKey.path(invocation)
        guard LocalFile.exists(path) else {
            let isWeakerAccepted = suggestion.text("signatures") == Policy.Signatures.browserAccepted.rawValue
            guard isWeakerAccepted, invocation.line.value("key") == nil else {
                throw CommandError(
                    "there is no operator key \(path)", cause: "this target accepts operator-signed approvals only",
                    remedy: "aurora key generate, then aurora user key add", code: "operator_signature_required",
                    exit: .usage)
            }
            console.warn(
                "no operator key here: the hub countersigns this vote, which is weaker than your own signature")
            return .null
        }
        let key = try LocalOperatorKey.unlock(path, invocation)
        return try SignedVote.envelope(
            decision, plan: plan.plan, suggestion: suggestion, user: hub.get("/api/v1/whoami").text("user"),
            reason: reason, key: key, now: Timestamp(milliseconds: invocation.surroundings.clock.now()))
    }

    private func conclude(_ suggestion: JSONValue, _ hub: HubClient) throws -> ExitCode {
        let id = suggestion.text("id")
        let change = suggestion.text("change")
        guard decision == .approve, !change.isEmpty, !invocation.line.has("no-wait") else {
            console.show("Suggestion", suggestion, names: [id]) { SuggestionText.line(suggestion) }
            if !change.isEmpty { console.note("  next: aurora change watch \(change)") }
            if decision == .approve, suggestion.text("state") == "approved", change.isEmpty {
                console.note("  next: aurora approval start \(id)")
            }
            return .success
        }
        console.note("approved; \(change) has started")
        let ended = try ChangeWatcher(hub: hub, console: console, patience: try invocation.patience).watch(change)
        return try invocation.conclude(ended) { "\($0.text("kind")) on \($0.text("target")) done" }
    }
}

extension Invocation {
    /// The last question before a vote; a reason on the command line together with `--plan` is answer enough.
    fileprivate func confirmVote(_ decision: ApprovalStatement.Decision, _ suggestion: JSONValue) throws {
        if line.has("reason"), line.has("plan") || !surroundings.isInteractive { return }
        try confirm("You \(decision.rawValue) this for \(suggestion.text("target")).")
    }
}
