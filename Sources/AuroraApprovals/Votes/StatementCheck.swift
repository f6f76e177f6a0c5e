import AuroraModel

/// Compares what an operator signed with what was asked for, field by field.
struct StatementCheck {
    let suggestion: Suggestion

    /// The first field that says something else, as a refusal with a code of its own; nil when all fit.
    func mismatch(in statement: ApprovalStatement) -> Refusal? {
        let plan = suggestion.plan
        if statement.plan != suggestion.planDigest {
            return refusal("other_plan", "plan \(statement.plan.short)", "plan \(suggestion.planDigest.short)")
        }
        if statement.suggestion != suggestion.id {
            return refusal("other_suggestion", "suggestion \(statement.suggestion)", "suggestion \(suggestion.id)")
        }
        if statement.target != plan.target.name {
            return refusal("other_target", "target \(statement.target)", "target \(plan.target.name)")
        }
        if statement.domain != plan.target.domain {
            return refusal("other_domain", "domain \(statement.domain)", "domain \(plan.target.domain)")
        }
        if statement.action != plan.action {
            return refusal("other_action", "a \(statement.action.rawValue)", "a \(plan.action.rawValue)")
        }
        if statement.artifact != plan.to.artifact || statement.tree != plan.to.treeDigest {
            return refusal("other_artifact", "other content", "the content of the plan")
        }
        if statement.policy != plan.policy.digest {
            return refusal("other_policy", "another policy", "policy \(plan.policy.name)")
        }
        if statement.downgrade != (plan.downgrade == .yes) {
            return refusal(
                "downgrade_not_acknowledged", statement.downgrade ? "a downgrade" : "no downgrade",
                plan.downgrade == .yes ? "a downgrade" : "no downgrade")
        }
        return nil
    }

    private func refusal(_ code: String, _ signed: String, _ wanted: String) -> Refusal {
        Refusal(
            .conflict, code: code, "the signed statement is about \(signed), the suggestion about \(wanted)",
            subject: suggestion.id.text, rule: "an approval holds for exactly one plan, target, action and suggestion",
            remedy: "look at the suggestion again and sign a statement for it (aurora approval approve)")
    }
}
