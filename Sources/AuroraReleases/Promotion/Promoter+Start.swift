package import AuroraApprovals
import AuroraAudit
import AuroraDatabase
package import AuroraModel
import AuroraSystem

extension Promoter {
    /// Starts an approved change, once.
    ///
    /// - Parameter plan: The plan the person has seen, if they say so; another one than the suggestion's is stale.
    /// - Returns: the change, running or about to.
    /// - Throws: `Refusal`: `suggestion_unknown`, `approval_required`, `approval_used`, `plan_stale` (a suggestion with
    /// the   fresh plan is filed), `digest_blocked`, `target_busy`.
    package func start(_ id: SuggestionID, expecting plan: Digest? = nil, by actor: Actor) throws -> Change {
        let suggestion = try approvals.get(id)
        if let plan, plan != suggestion.planDigest, let stale = try staleRefusal(for: suggestion, seen: plan, by: actor)
        {
            throw stale
        }
        let target = try targets.find(suggestion.plan.target.name)
        try requireApproved(suggestion, by: actor)
        let change = makeChange(suggestion, by: actor)
        try target.reserve(for: change.id)
        do {
            let fresh = try remake(suggestion, by: actor)
            let promotion = try makePromotion(suggestion, change, fresh, on: target, by: actor)
            try begin(change, promotion, consuming: suggestion)
            latches.open(change.id)
            target.worker.enqueue { [self] in
                PromotionRun(promotion: promotion, plan: fresh.plan, drift: fresh.drift, target: target, promoter: self)
                    .run(change.id)
            }
            return change
        } catch {
            target.release(from: change.id)
            throw error
        }
    }

    private func requireApproved(_ suggestion: Suggestion, by actor: Actor) throws {
        let verdict = try approvals.evaluate(suggestion.id)
        guard let refusal = PromotionRefusals.notApproved(suggestion, verdict) else { return }
        guard case .stale = verdict else { throw refusal }
        throw try staleRefusal(for: suggestion, seen: suggestion.planDigest, by: actor) ?? refusal
    }

    /// What to tell somebody who decides about a plan that is not the one that waits: the fresh plan and its diff.
    ///
    /// - Parameter plan: What the person has seen.
    /// - Returns: nil when nothing can wait in its place: the suggestion is closed, or no such plan can be made now.
    package func staleRefusal(for suggestion: Suggestion, seen plan: Digest, by actor: Actor) throws -> Refusal? {
        guard suggestion.state.isOpen || suggestion.state == .stale else { return nil }
        var fresh: Suggestion? = suggestion
        if plan == suggestion.planDigest || suggestion.state == .stale {
            // Its fresh plan was filed when it was found stale, or is now.
            fresh = try approvals.open(for: suggestion.target).last { open in
                open.id != suggestion.id && open.plan.action == suggestion.plan.action
                    && open.plan.to.treeDigest == suggestion.plan.to.treeDigest
            }
            do {
                fresh = try fresh ?? refile(suggestion, as: planner.remake(suggestion.plan), by: actor)
            } catch is Refusal {
                return nil
            }
        }
        return try fresh.map { PromotionRefusals.stale(suggestion, fresh: $0, diff: try planner.diff(of: $0.plan)) }
    }

    /// Files a fresh plan in the place of one that no longer fits.
    private func refile(_ suggestion: Suggestion, as fresh: PreparedPlan, by actor: Actor) throws -> Suggestion {
        try approvals.markStale(suggestion.id, fresh: fresh.digest, reason: "the plan made before the start differs")
        try records.put(fresh.plan.bytes)
        // Asked for by the same person as before: whoever could not approve then cannot approve now.
        return try approvals.file(
            NewSuggestion(
                plan: fresh.plan, requestedBy: suggestion.requestedBy, reason: suggestion.reason,
                source: suggestion.source), by: actor)
    }

    /// Makes the plan again; another digest means that what was approved is not what would happen.
    private func remake(_ suggestion: Suggestion, by actor: Actor) throws -> PreparedPlan {
        let fresh = try planner.remake(suggestion.plan)
        guard fresh.digest != suggestion.planDigest else { return fresh }
        let next = try refile(suggestion, as: fresh, by: actor)
        throw PromotionRefusals.stale(suggestion, fresh: next, diff: fresh.diff)
    }

    private func makeChange(_ suggestion: Suggestion, by actor: Actor) -> Change {
        changes.new(
            suggestion.plan.action == .promote ? .promote : .rollback, subject: suggestion.target.text,
            suggestion: suggestion.id, actor: actor.name, reason: suggestion.reason, tasks: PromotionRun.tasks)
    }

    private func makePromotion(
        _ suggestion: Suggestion, _ change: Change, _ plan: PreparedPlan, on target: Target, by actor: Actor
    ) throws -> Promotion {
        Promotion(
            change: change.id, target: target.name, kind: plan.plan.action == .promote ? .promote : .revert,
            suggestion: suggestion.id, plan: plan.digest, tree: plan.plan.to.treeDigest,
            artifact: plan.plan.to.artifact, fromGeneration: plan.plan.from.generation ?? -1,
            toGeneration: plan.plan.to.generation, actor: actor,
            reason: suggestion.reason, created: clock.now(), outcome: .running)
    }

    /// The moment the approval is used: policy, change, promotion and log entry in one transaction.
    private func begin(_ change: Change, _ promotion: Promotion, consuming suggestion: Suggestion) throws {
        let entry = AuditEntry.accepted(
            promotion.kind == .promote ? .targetPromote : .targetRevert, by: promotion.actor,
            subject: promotion.target.text, at: clock.now(), reason: promotion.reason,
            details: [
                ("change", change.id.text), ("suggestion", suggestion.id.text), ("plan", promotion.plan.hex),
                ("tree", promotion.tree?.hex ?? ""), ("artifact", promotion.artifact?.hex ?? ""),
            ])
        let (approvals, changes, audit) = (approvals, changes, audit)
        let event = try database.write { transaction in
            // Asked again inside the transaction: a role taken away or a window that closed meanwhile counts.
            try approvals.consume(
                suggestion.id, plan: promotion.plan, change: change.id, by: promotion.actor, in: transaction)
            let event = try changes.create(change, in: transaction)
            try PromotionStore.insert(promotion, in: transaction)
            _ = try audit.append(entry, in: transaction)
            return event
        }
        changes.announce(event)
    }
}
