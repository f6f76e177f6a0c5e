import AuroraApprovals
import AuroraModel
import AuroraTrust

/// Suggestions as the API shows them: with votes, with what is missing, and with what the viewer may do.
struct SuggestionJSON: Sendable {
    let approvals: Approvals

    func json(_ suggestion: Suggestion, for viewer: Identity) throws -> JSONValue {
        var object = suggestion.json.object ?? [:]
        let policy = approvals.policies.policy(for: suggestion.plan.target)
        let votes = try approvals.votes(on: suggestion.id)
        object["title"] = .string(Self.title(suggestion.plan))
        object["from"] = suggestion.plan.from.json
        object["to"] = suggestion.plan.to.json
        object["policy"] = .string(policy.name)
        object["signatures"] = .string(policy.signatures.rawValue)
        object["votes"] = .array(votes.map(Self.json))
        object["missing"] = JSONValue(try missing(suggestion))
        object["mayVote"] = .bool(mayVote(viewer, on: suggestion, policy))
        return .object(object)
    }

    /// What still has to happen before the change may start, in words.
    private func missing(_ suggestion: Suggestion) throws -> [String] {
        guard suggestion.state.isOpen else { return [] }
        guard case .waiting(let missing) = try approvals.evaluate(suggestion.id) else { return [] }
        return missing.map(\.text)
    }

    private func mayVote(_ viewer: Identity, on suggestion: Suggestion, _ policy: Policy) -> Bool {
        viewer.rights.contains(.vote) && suggestion.state.isOpen
            && (viewer.user != suggestion.requestedBy || policy.selfApproval)
    }

    static func title(_ plan: Plan) -> String {
        let name = [plan.to.name?.text, plan.to.version?.description].compactMap { $0 }.joined(separator: " ")
        let what = name.isEmpty ? plan.to.artifact.map(\.short) ?? plan.to.treeDigest.map(\.short) ?? "nothing" : name
        switch plan.action {
        case .promote: return "Promote \(what) to \(plan.target.name)"
        case .rollback: return "Roll \(plan.target.name) back to generation \(plan.to.generation ?? 0) (\(what))"
        }
    }

    static func json(_ vote: Vote) -> JSONValue {
        [
            "voter": .string(vote.user.text), "decision": .string(vote.decision.rawValue),
            "reason": .string(vote.reason),
            "kind": vote.signature == .operatorSigned ? "operator" : "browser",
            "time": JSONValue(vote.cast), "notAfter": JSONValue(vote.notAfter),
            "keyid": JSONValue(vote.envelope.signatures.first?.keyID), "replaced": .bool(vote.isReplaced),
        ]
    }

    /// 409 that names the filed suggestion and shows its plan.
    func approvalRequired(_ suggestion: Suggestion, for viewer: Identity) throws -> Problem {
        var plan = suggestion.plan.json.object ?? [:]
        plan["digest"] = JSONValue(suggestion.planDigest)
        let missing = try missing(suggestion)
        return .conflict(
            "approval_required",
            "nothing was changed: suggestion \(suggestion.id) asks for it and waits"
                + (missing.isEmpty ? " to be started" : " for \(missing.joined(separator: " and "))"),
            subject: suggestion.id.text, remedy: "have it approved: aurora suggestion show \(suggestion.id)",
            members: ["suggestion": try json(suggestion, for: viewer), "plan": .object(plan)])
    }
}
