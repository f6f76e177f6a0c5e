import AuroraActivation
import AuroraApprovals
import AuroraAudit
import AuroraDatabase
package import AuroraModel
import AuroraSystem

/// Turns requests into approved changes and approved changes into active trees; takes them back as well.
///
/// Nothing is activated here without an approval for exactly this plan: the plan is made again, the policy is asked
/// again, and the approval is used up in the same transaction that creates the change. Each target has one worker, so
/// changes of one target never overlap. Thread-safe; changes go on in the background.
package final class Promoter: Sendable {
    let targets: Targets
    let stager: Stager
    let trials: Trials
    let planner: PlanMaker
    let records: BlobStore
    let approvals: Approvals
    let changes: ChangeStore
    let database: Database
    let audit: AuditLog
    let clock: WallClock
    /// Decides between an abort and the switch.
    let latches: ChangeLatches
    /// Ends that could not be written yet.
    let unrecorded = UnrecordedEnds()
    /// What approved suggestions wait for that could not start.
    let refusedStarts = RefusedStarts()
    /// Takes words about faults that no request is there to be told of.
    let report: @Sendable (String) -> Void

    init(
        targets: Targets, stager: Stager, trials: Trials, planner: PlanMaker, records: BlobStore,
        approvals: Approvals, changes: ChangeStore, latches: ChangeLatches, database: Database, audit: AuditLog,
        clock: WallClock, report: @escaping @Sendable (String) -> Void
    ) {
        self.targets = targets
        self.stager = stager
        self.trials = trials
        self.planner = planner
        self.records = records
        self.approvals = approvals
        self.changes = changes
        self.latches = latches
        self.database = database
        self.audit = audit
        self.clock = clock
        self.report = report
    }

    /// Whether the next request for a release has to run its trial first, which takes as long as the trial's command.
    ///
    /// - Throws: `Refusal`: `release_unknown`, `target_unknown`, `target_busy`.
    package func lacksTrial(_ artifact: Digest, on name: TargetName) throws -> Bool {
        let target = try targets.find(name)
        let release = try stager.release(artifact)
        if let active = target.engine.active, active.treeDigest == release.tree { return false }
        try requireIdle(target)
        return try !target.settings.trial.isEmpty && trials.result(of: release.tree, on: name) == nil
    }

    /// Asks for a release to be made active: makes the plan, and the trial if there was none, and files them for the
    /// approvers.
    ///
    /// Returns at once unless ``lacksTrial(_:on:)``; whoever may not block makes the trial before.
    ///
    /// - Throws: `Refusal`: `release_unknown`, `target_unknown`, `unsigned`, `hardware_mismatch`, `digest_blocked`,
    ///   `target_busy`, `reason_required`.
    package func request(
        promote artifact: Digest, on name: TargetName, by actor: Actor, reason: String,
        source: SuggestionSource = .api
    ) throws -> PromoteOutcome {
        let target = try targets.find(name)
        let release = try stager.release(artifact)
        if let active = target.engine.active, active.treeDigest == release.tree { return .alreadyActive }
        if try lacksTrial(artifact, on: name) { try trials.run(artifact, on: name, by: actor) }
        let plan = try planner.promote(artifact, on: name)
        return .approvalRequired(try file(plan, by: actor, reason: reason, source: source))
    }

    /// Asks for another generation to become active; it needs an approval of its own.
    ///
    /// - Throws: `Refusal`: `target_unknown`, `generation_unknown`, `target_busy`, `reason_required`.
    package func request(
        rollback name: TargetName, to generation: Int64, by actor: Actor, reason: String,
        source: SuggestionSource = .api
    ) throws -> PromoteOutcome {
        let target = try targets.find(name)
        if let active = target.engine.active, Int64(active.number) == generation { return .alreadyActive }
        try requireIdle(target)
        let plan = try planner.rollback(name, to: generation)
        return .approvalRequired(try file(plan, by: actor, reason: reason, source: source))
    }

    /// Promotes when an approval for exactly this plan is there; otherwise files the suggestion and names it.
    package func promote(
        _ artifact: Digest, on name: TargetName, by actor: Actor, reason: String, source: SuggestionSource = .api
    ) throws -> PromoteOutcome {
        let outcome = try request(promote: artifact, on: name, by: actor, reason: reason, source: source)
        guard case .approvalRequired(let suggestion) = outcome, suggestion.state == .approved else { return outcome }
        return .started(try start(suggestion.id, by: actor))
    }

    /// To be called after every vote: starts the change when enough people said yes and the policy says on-approval.
    ///
    /// - Returns: the change; nil when it does not start by itself, or not now. Why not is in the audit log, once for as
    ///   long as the reason stays the same.
    /// - Throws: `Refusal` with code `plan_stale` and the fresh plan: what was voted for is not what would happen.
    @discardableResult
    package func approved(_ id: SuggestionID, by actor: Actor = .system) throws -> Change? {
        let suggestion = try approvals.get(id)
        guard approvals.policies.policy(for: suggestion.plan.target).apply == .onApproval,
            try approvals.evaluate(id).isApproved
        else { return nil }
        do {
            return try start(id, by: actor)
        } catch let refusal as Refusal {
            // The vote stands; only the start did not happen. What a busy target keeps waiting comes back with `tick`.
            if refusal.code != "target_busy", refusedStarts.note(id, refusal.code, at: clock.now()) {
                _ = try audit.record(
                    .refused(.suggestionStart, by: actor, subject: id.text, at: clock.now(), code: refusal.code))
            }
            if refusal.code == "plan_stale" { throw refusal }
            return nil
        }
    }

    /// Starts what was approved and could not start yet, because its target was busy or its window closed.
    ///
    /// What cannot start for another reason is tried again after ever longer pauses, and keeps no other one waiting.
    package func tick() throws {
        let startable = try approvals.startable()
        refusedStarts.keep(only: startable.map(\.id))
        for suggestion in startable where refusedStarts.isDue(suggestion.id, at: clock.now()) {
            do {
                try approved(suggestion.id)
            } catch is Refusal {
                // What became stale meanwhile has its fresh suggestion and its log entry.
            } catch {
                guard refusedStarts.note(suggestion.id, "\(error)", at: clock.now()) else { continue }
                report("\(suggestion.id) on \(suggestion.target) could not be started: \(error)")
            }
        }
    }

    /// Waits until everything that was started on a target has ended.
    package func drain() {
        for target in targets.all() { target.worker.drain() }
    }

    private func requireIdle(_ target: Target) throws(Refusal) {
        if let change = target.change { throw TargetRefusals.busy(target.name, with: change) }
    }

    func file(
        _ plan: PreparedPlan, by actor: Actor, reason: String, source: SuggestionSource
    ) throws -> Suggestion {
        guard let user = UserName(actor.name) else { throw PromotionRefusals.noAccount(actor) }
        try records.put(plan.plan.bytes)
        return try approvals.file(
            NewSuggestion(plan: plan.plan, requestedBy: user, reason: reason, source: source), by: actor)
    }
}
