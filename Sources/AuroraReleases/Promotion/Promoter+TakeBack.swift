import AuroraActivation
import AuroraApprovals
import AuroraAudit
import AuroraDatabase
package import AuroraModel
import AuroraSystem

extension Promoter {
    /// Takes the last promote of a target back, by the right its approval carried; or asks for another generation.
    ///
    /// - Parameter generation: nil means the one before. Any other one becomes a suggestion that needs its own
    /// approval.
    /// - Throws: `Refusal`: `target_unknown`, `rollback_unavailable`, `approval_required` (nothing carried the right),
    ///   `approval_used`, `role_required`, `reason_required`, `target_busy`, `generation_unknown`.
    package func rollback(
        _ name: TargetName, to generation: Int64? = nil, by actor: Actor, reason: String
    ) throws -> PromoteOutcome {
        let target = try targets.find(name)
        let before = target.engine.rollbackTarget.map { Int64($0.number) }
        let isCovered = try carriesRight(target)
        if let generation, generation != before || !isCovered {
            return try request(rollback: name, to: generation, by: actor, reason: reason)
        }
        return .started(try takeBack(target, by: actor, reason: reason))
    }

    private func carriesRight(_ target: Target) throws -> Bool {
        guard let right = try RollbackRights(approvals).current(target.name), !right.isUsed else { return false }
        return right.from == target.engine.active.map { Int64($0.number) }
            && right.to == target.engine.rollbackTarget.map { Int64($0.number) }
    }

    private func takeBack(_ target: Target, by actor: Actor, reason: String) throws -> Change {
        guard let user = UserName(actor.name) else { throw PromotionRefusals.noAccount(actor) }
        let change = changes.new(
            .rollback, subject: target.name.text, actor: actor.name, reason: reason, tasks: PromotionRun.tasks)
        try target.reserve(for: change.id)
        do {
            let plan = try planner.takeBack(target)
            let promotion = Promotion(
                change: change.id, target: target.name, kind: .takeBack, suggestion: nil, plan: plan.digest,
                tree: plan.plan.to.treeDigest, artifact: plan.plan.to.artifact,
                fromGeneration: plan.plan.from.generation ?? -1, toGeneration: plan.plan.to.generation, actor: actor,
                reason: reason, created: clock.now(), outcome: .running)
            try records.put(plan.plan.bytes)
            try begin(change, promotion, of: plan.plan, taker: user)
            latches.open(change.id)
            target.worker.enqueue { [self] in
                PromotionRun(promotion: promotion, plan: plan.plan, drift: plan.drift, target: target, promoter: self)
                    .run(change.id)
            }
            return change
        } catch {
            target.release(from: change.id)
            throw error
        }
    }

    /// The moment the right is used; `RollbackRights` writes the log entry.
    private func begin(_ change: Change, _ promotion: Promotion, of plan: Plan, taker: UserName) throws {
        let rights = RollbackRights(approvals)
        let changes = changes
        let event = try database.write { transaction in
            _ = try rights.use(
                target: plan.target, active: promotion.fromGeneration, to: promotion.toGeneration ?? -1,
                tree: promotion.tree, taker: .person(taker), reason: promotion.reason, by: promotion.actor,
                in: transaction)
            try PromotionStore.insert(promotion, in: transaction)
            return try changes.create(change, in: transaction)
        }
        changes.announce(event)
    }

    /// What becomes of the right and of the promote it took back, when the change ends.
    func closeTakeBack(_ promotion: Promotion, _ conclusion: Conclusion, in transaction: Transaction) throws {
        if conclusion.switchedNothing {
            // The right was used before the engine acted; the version to be taken back is still active.
            return try RollbackRights(approvals).giveBack(
                target: promotion.target, active: promotion.fromGeneration, change: promotion.change,
                reason: conclusion.reason ?? "", in: transaction)
        }
        guard conclusion.outcome == .done || conclusion.outcome == .degraded,
            let taken = try PromotionStore.promoted(promotion.fromGeneration, on: promotion.target, in: transaction)
        else { return }
        try approvals.finish(taken, .rolledBack, reason: promotion.reason, by: promotion.actor, in: transaction)
    }
}
