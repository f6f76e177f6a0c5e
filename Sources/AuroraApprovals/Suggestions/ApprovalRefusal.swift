import AuroraModel

/// The refusals that several rules share.
enum ApprovalRefusal {
    static func unknown(_ id: SuggestionID) -> Refusal {
        Refusal(
            .notFound, code: "unknown_suggestion", "there is no suggestion \(id)", subject: id.text,
            remedy: "list them: aurora suggestion list")
    }

    static func used(_ suggestion: Suggestion) -> Refusal {
        Refusal(
            .conflict, code: "approval_used", "the approval of \(suggestion.id) was used",
            subject: suggestion.id.text, rule: "an approval starts one change, once",
            remedy: "ask for the change anew",
            details: ["change": JSONValue(suggestion.change?.text), "state": .string(suggestion.state.rawValue)])
    }

    static func expired(_ suggestion: Suggestion) -> Refusal {
        Refusal(
            .conflict, code: "suggestion_expired", "\(suggestion.id) expired at \(suggestion.expires)",
            subject: suggestion.id.text, rule: "policy \(suggestion.plan.policy.name): approval_lifetime_seconds",
            remedy: "ask for the change anew")
    }

    static func closed(_ suggestion: Suggestion) -> Refusal {
        Refusal(
            .conflict, code: "suggestion_closed", "\(suggestion.id) is \(suggestion.state.rawValue)",
            subject: suggestion.id.text, rule: "only an open suggestion can be decided or started",
            remedy: "ask for the change anew", details: ["state": .string(suggestion.state.rawValue)])
    }

    static func stale(_ suggestion: Suggestion, _ why: String) -> Refusal {
        Refusal(
            .conflict, code: "plan_stale", "the plan of \(suggestion.id) is stale: \(why)",
            subject: suggestion.id.text, rule: "an approval holds for exactly the plan it was given for",
            remedy: "look at the fresh plan and decide on that",
            details: ["plan": JSONValue(suggestion.planDigest), "suggestion": .string(suggestion.id.text)])
    }

    static func stale(_ plan: Digest, _ why: String) -> Refusal {
        Refusal(
            .conflict, code: "plan_stale", "the plan is stale: \(why)", subject: plan.hex,
            rule: "a suggestion is filed under the policy in force", remedy: "make the plan again")
    }

    static func unsigned(_ plan: Plan, policy: Policy) -> Refusal {
        Refusal(
            .forbidden, code: "unsigned_artifact",
            "the artifact carries no good signature: \(plan.signature.explanation)",
            subject: plan.to.artifact?.hex ?? "", rule: "policy \(policy.name): allow_unsigned is false",
            remedy: "sign the artifact and stage it again")
    }

    static func notApproved(_ suggestion: Suggestion, _ missing: [Verdict.Missing]) -> Refusal {
        Refusal(
            .conflict, code: "approval_required",
            "\(suggestion.id) still needs \(missing.map(\.text).joined(separator: " and "))",
            subject: suggestion.id.text, rule: "policy \(suggestion.plan.policy.name)",
            remedy: "aurora suggestion show \(suggestion.id)",
            details: [
                "suggestion": .string(suggestion.id.text), "plan": JSONValue(suggestion.planDigest),
                "missing": JSONValue(missing.map(\.text)),
            ])
    }

    static func unknownStatement(_ id: SuggestionID) -> Refusal {
        Refusal(
            .notFound, code: "unknown_statement", "no recorded approval of \(id) has this payload", subject: id.text,
            rule: "a countersignature is added to an approval that is recorded",
            remedy: "fetch the envelope from the suggestion's approvals, add a signature, send it back")
    }

    static func unknownCountersigner(_ id: SuggestionID) -> Refusal {
        Refusal(
            .forbidden, code: "unknown_countersigner", "no new signature in the envelope is by a countersign key",
            subject: id.text, rule: "countersign_keys of the policy", remedy: "sign with the ground segment's key")
    }
}
