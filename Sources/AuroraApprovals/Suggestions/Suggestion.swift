package import AuroraModel

/// A request to change a target, as somebody files it.
package struct NewSuggestion: Sendable {
    package let plan: Plan
    package let requestedBy: UserName
    package let reason: String
    package let source: SuggestionSource

    package init(plan: Plan, requestedBy: UserName, reason: String, source: SuggestionSource) {
        self.plan = plan
        self.requestedBy = requestedBy
        self.reason = reason
        self.source = source
    }
}

/// A proposed change in its domain's queue.
package struct Suggestion: Hashable, Sendable {
    package let id: SuggestionID
    package let plan: Plan
    /// Of the stored bytes of ``plan``.
    package let planDigest: Digest
    package let requestedBy: UserName
    package let reason: String
    package let source: SuggestionSource
    package let created: Timestamp
    /// After this nobody can vote on it or start it.
    package let expires: Timestamp
    package let state: SuggestionState
    /// Why it is in this state, for people; empty while it waits.
    package let stateReason: String
    /// The change that used its approval.
    package let change: ChangeID?

    package var domain: Domain { plan.target.domain }
    package var target: TargetName { plan.target.name }

    /// The suggestion for answers and pages, without the whole plan.
    package var json: JSONValue {
        [
            "id": .string(id.text), "state": .string(state.rawValue), "stateReason": .string(stateReason),
            "domain": .string(domain.name), "target": .string(target.text),
            "action": .string(plan.action.rawValue), "plan": JSONValue(planDigest),
            "artifact": JSONValue(plan.to.artifact), "tree": JSONValue(plan.to.treeDigest),
            "requestedBy": .string(requestedBy.text), "reason": .string(reason), "source": .string(source.rawValue),
            "created": JSONValue(created), "expires": JSONValue(expires), "change": JSONValue(change?.text),
        ]
    }
}

/// One page of a list and where the next one starts.
package struct Page<Item: Sendable>: Sendable {
    package let items: [Item]
    /// Opaque; nil on the last page.
    package let next: String?

    package init(items: [Item], next: String?) {
        self.items = items
        self.next = next
    }
}
