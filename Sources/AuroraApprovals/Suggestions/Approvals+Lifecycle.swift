package import AuroraDatabase
package import AuroraModel

extension Approvals {
    /// Uses the approval for one change: checks everything again and marks it used, in the caller's transaction.
    ///
    /// Call it in the transaction that creates the change, right before activation. A promote is given the right to be
    /// taken back by the same call; see ``RollbackRights``.
    /// - Parameter plan: The digest of a plan made this moment; another one than the suggestion's is stale.
    /// - Throws: ``Refusal`` `approval_required`, `approval_used`, `plan_stale`, `suggestion_expired` or
    ///   `suggestion_closed`.
    package func consume(
        _ id: SuggestionID, plan: Digest, change: ChangeID, by actor: Actor, in transaction: Transaction
    ) throws {
        let suggestion = try require(id, in: transaction)
        let policy = policies.policy(for: suggestion.plan.target)
        try requireOpen(suggestion, plan: plan, policy: policy)
        let check = try check(suggestion, in: transaction)
        switch check.verdict() {
        case .approved: break
        case .waiting(let missing): throw ApprovalRefusal.notApproved(suggestion, missing)
        case .expired: throw ApprovalRefusal.expired(suggestion)
        case .stale(let why): throw ApprovalRefusal.stale(suggestion, why)
        case .rejected, .closed: throw ApprovalRefusal.closed(suggestion)
        }
        guard try ApprovalStore.use(id, change: change, in: transaction) else { throw ApprovalRefusal.used(suggestion) }
        try RollbackRights.grant(for: suggestion, change: change, at: now, in: transaction)
        let approvers = check.approvals.map { "\($0.user) (\($0.signature.rawValue))" }
        try record(
            .suggestionStart, suggestion, by: actor, reason: suggestion.reason,
            details: [("change", change.text), ("approvedBy", approvers.joined(separator: ", "))], in: transaction)
    }

    /// Gives an approval back when its change ended before anything was switched; it can then be used once, as before.
    ///
    /// - Throws: ``Refusal`` `suggestion_closed` when `change` does not hold it.
    package func release(
        _ id: SuggestionID, change: ChangeID, reason: String, by actor: Actor, in transaction: Transaction
    ) throws {
        let suggestion = try require(id, in: transaction)
        guard try ApprovalStore.giveBack(id, change: change, in: transaction) else {
            throw ApprovalRefusal.closed(suggestion)
        }
        try RollbackRights.withdraw(change: change, in: transaction)
        let after = try settle(try require(id, in: transaction), in: transaction)
        try record(
            .suggestionRelease, after, by: actor, reason: reason, details: [("change", change.text)], in: transaction)
    }

    /// Closes a running suggestion with what came of it: done, rolled back or failed.
    package func finish(
        _ id: SuggestionID, _ state: SuggestionState, reason: String, by actor: Actor = .system,
        in transaction: Transaction
    ) throws {
        precondition([.done, .rolledBack, .failed].contains(state), "a running suggestion ends in one of three ways")
        let suggestion = try require(id, in: transaction)
        // A promote that was done can be taken back later by its rollback right; nothing else reopens an end.
        let isTakenBack = suggestion.state == .done && state == .rolledBack
        guard suggestion.state == .running || isTakenBack else { throw ApprovalRefusal.closed(suggestion) }
        try ApprovalStore.setState(id, state, reason: reason, in: transaction)
        try record(
            .suggestionFinish, suggestion, by: actor, reason: reason,
            details: [("state", state.rawValue), ("change", suggestion.change?.text ?? "")], in: transaction)
    }

    /// Closes a running suggestion as failed although nothing was switched: its approval stays used, and the right to
    /// take back the change before holds again.
    package func fail(_ id: SuggestionID, change: ChangeID, reason: String, in transaction: Transaction) throws {
        try finish(id, .failed, reason: reason, in: transaction)
        try RollbackRights.withdraw(change: change, in: transaction)
    }

    /// Takes a request back; for the person who asked, an approver or an admin (the caller has checked the right).
    ///
    /// - Throws: ``Refusal`` `suggestion_closed`, `approval_used` or `reason_required`.
    package func withdraw(_ id: SuggestionID, reason: String, by actor: Actor) throws -> Suggestion {
        try write { try self.withdraw(id, reason: reason, by: actor, in: $0) }
    }

    /// As ``withdraw(_:reason:by:)``, inside the caller's transaction.
    package func withdraw(
        _ id: SuggestionID, reason: String, by actor: Actor, in transaction: Transaction
    ) throws -> Suggestion {
        let suggestion = try require(id, in: transaction)
        guard suggestion.change == nil else { throw ApprovalRefusal.used(suggestion) }
        guard suggestion.state.isOpen else { throw ApprovalRefusal.closed(suggestion) }
        let policy = policies.policy(for: suggestion.plan.target)
        let text = try ReasonRule(policy: policy).checked(reason)
        try ApprovalStore.setState(id, .withdrawn, reason: "\(actor.name): \(text)", in: transaction)
        try record(.suggestionWithdraw, suggestion, by: actor, reason: text, in: transaction)
        return try require(id, in: transaction)
    }

    /// Closes an open suggestion because a plan made now differs from the one people saw.
    ///
    /// - Parameter fresh: The digest of the new plan, for the log.
    package func markStale(_ id: SuggestionID, fresh: Digest?, reason: String, in transaction: Transaction) throws {
        let suggestion = try require(id, in: transaction)
        guard suggestion.state.isOpen else { return }
        try ApprovalStore.setState(id, .stale, reason: reason, in: transaction)
        try record(
            .suggestionStale, suggestion, by: .system, reason: reason, details: [("fresh", fresh?.hex ?? "")],
            in: transaction)
    }

    /// As ``markStale(_:fresh:reason:in:)``, in a transaction of its own.
    package func markStale(_ id: SuggestionID, fresh: Digest?, reason: String) throws {
        try write { try self.markStale(id, fresh: fresh, reason: reason, in: $0) }
    }

    /// Brings every open suggestion in line with clock, roles and policies; for a timer and for the start of the hub.
    ///
    /// - Returns: Those whose state changed.
    @discardableResult
    package func expire() throws -> [Suggestion] {
        try write { transaction in
            var changed: [Suggestion] = []
            for suggestion in try ApprovalStore.openSuggestions(target: nil, in: transaction) {
                let after = try self.settle(suggestion, in: transaction)
                guard after.state != suggestion.state else { continue }
                changed.append(after)
                guard after.state.isFinal else { continue }
                let act: AuditAct = after.state == .expired ? .suggestionExpire : .suggestionClose
                try self.record(
                    act, after, by: .system, reason: after.stateReason, details: [("state", after.state.rawValue)],
                    in: transaction)
            }
            return changed
        }
    }

    /// Suggestions that may start by themselves now: approved, `apply: on-approval`, in their window.
    package func startable() throws -> [Suggestion] {
        try read { transaction in
            try ApprovalStore.openSuggestions(target: nil, in: transaction).filter { suggestion in
                let check = try self.check(suggestion, in: transaction)
                return check.policy.apply == .onApproval && check.verdict().isApproved
            }
        }
    }
}
