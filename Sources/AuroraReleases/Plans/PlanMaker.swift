import AuroraActivation
import AuroraApprovals
import AuroraDatabase
package import AuroraModel

/// Describes exactly what a change would do, without doing it.
///
/// Made again from the same state, a plan has the same bytes; that is how a stale one is found. Thread-safe.
package final class PlanMaker: Sendable {
    private let targets: Targets
    private let stager: Stager
    private let trials: Trials
    private let approvals: Approvals
    private let records: BlobStore
    private let database: Database

    init(
        targets: Targets, stager: Stager, trials: Trials, approvals: Approvals, records: BlobStore, database: Database
    ) {
        self.targets = targets
        self.stager = stager
        self.trials = trials
        self.approvals = approvals
        self.records = records
        self.database = database
    }

    /// The plan of making a staged release active on a target; its tree is unpacked there if it was not yet.
    ///
    /// - Throws: `Refusal`: `target_unknown`, `release_unknown`, `unsigned`, `hardware_mismatch`, `digest_blocked`,
    ///   `signature_bad`, `no_release_keys`.
    package func promote(_ artifact: Digest, on target: TargetName) throws -> PreparedPlan {
        let target = try targets.find(target)
        let release = try stager.release(artifact)
        let policy = approvals.policies.policy(for: target.description)
        try check(release, on: target, policy: policy)
        try stager.materialise(release, on: target)
        let trial = try trials.result(of: release.tree, on: target.name)
        let state = try PlanInput(
            from: activeState(of: target), drift: target.drift(), signature: release.verdict, trial: trial,
            policy: policy)
        // A generation that was prepared for exactly this plan and never became active is used again, so that an
        // approval that a crash gave back still fits.
        for prepared in target.engine.generations()
        where prepared.state == .prepared && prepared.artifact == artifact && prepared.treeDigest == release.tree {
            let plan = try plan(.promote, on: target, state, to: release.state(generation: prepared.number))
            if plan.digest == prepared.planDigest { return plan }
        }
        return try plan(
            .promote, on: target, state, to: release.state(generation: target.engine.state.nextNumber))
    }

    /// The plan of going back: to the generation before the active one, or to any kept one.
    ///
    /// - Throws: `Refusal`: `target_unknown`, `generation_unknown`, `rollback_unavailable`.
    package func rollback(_ target: TargetName, to number: Int64? = nil) throws -> PreparedPlan {
        let target = try targets.find(target)
        guard let number else { return try rollback(target, to: before(target), drift: target.drift()) }
        return try rollback(target, to: target.generation(number), drift: target.drift())
    }

    /// The plan of taking the last promote back: nobody approves it, so it lists no drift.
    ///
    /// What is active is given up, and must not be in the way by its size or by damage: nothing of it is read.
    func takeBack(_ target: Target) throws -> PreparedPlan {
        try rollback(target, to: before(target), drift: [])
    }

    private func before(_ target: Target) throws -> Generation {
        guard let generation = target.engine.rollbackTarget else {
            throw TargetRefusals.rollbackUnavailable(target.name, "there is no generation before the active one")
        }
        return generation
    }

    private func rollback(
        _ target: Target, to generation: Generation, drift: [DriftItem]
    ) throws -> PreparedPlan {
        let state = try PlanInput(
            from: activeState(of: target), drift: drift,
            signature: release(of: generation)?.verdict ?? .adopted, trial: nil,
            policy: approvals.policies.policy(for: target.description))
        return try plan(.rollback, on: target, state, to: try self.state(of: generation))
    }

    /// Makes a plan again from the state of now, to see whether it still is the one that was approved.
    func remake(_ plan: Plan) throws -> PreparedPlan {
        switch plan.action {
        case .promote:
            guard let artifact = plan.to.artifact else { throw Refusals.releaseUnknown(plan.to.treeDigest?.hex ?? "") }
            return try promote(artifact, on: plan.target.name)
        case .rollback: return try rollback(plan.target.name, to: plan.to.generation)
        }
    }

    /// The full difference a plan's listing digest names; nil when the hub no longer has it.
    package func diff(of plan: Plan) throws -> TreeDiff? {
        guard let old = try manifest(plan.from.treeDigest, on: plan.target.name),
            let new = try manifest(plan.to.treeDigest, on: plan.target.name)
        else { return nil }
        let diff = TreeDiff(from: old, to: new)
        return Digest(hashing: diff.listingBytes) == plan.files.listing ? diff : nil
    }
}

extension PlanMaker {
    private func check(_ release: StagedRelease, on target: Target, policy: Policy) throws {
        guard release.verdict.isGood || policy.allowUnsigned else {
            throw TargetRefusals.unsigned(release, on: target.name)
        }
        let hardware = target.settings.hardwareIDs
        guard hardware.isEmpty || !Set(hardware).isDisjoint(with: release.hardwareIDs) else {
            throw TargetRefusals.hardware(release, on: target.settings)
        }
        guard !target.engine.blocked().contains(where: { $0.tree == release.tree }) else {
            throw TargetRefusals.blocked(release.tree, on: target.name)
        }
        // Keys may have been taken off the list since it was staged; a start makes its plan again and comes here too.
        try stager.judgeAgain(release)
    }

    private func plan(
        _ action: Plan.Action, on target: Target, _ input: PlanInput, to: PlanState
    ) throws -> PreparedPlan {
        let old = try manifest(input.from.treeDigest, on: target.name) ?? .empty
        let new = try manifest(to.treeDigest, on: target.name) ?? .empty
        let diff = TreeDiff(from: old, to: new)
        let plan = Plan(
            action: action, target: target.description, from: input.from, to: to, signature: input.signature,
            files: PlanFiles(diff), drift: PlanMaker.shown(input.drift), restart: target.settings.apply,
            health: target.settings.health, trial: input.trial,
            downgrade: PlanMaker.downgrade(from: input.from, to: to), policy: PlanPolicy(input.policy))
        return PreparedPlan(plan: plan, diff: diff, drift: input.drift)
    }

    /// Only two signed release files of one name can be compared.
    static func downgrade(from: PlanState, to: PlanState) -> Plan.Downgrade {
        guard let old = from.version, let new = to.version, from.name == to.name else { return .unknown }
        return new < old ? .yes : .no
    }

    private func activeState(of target: Target) throws -> PlanState {
        guard let active = target.engine.active else { return PlanState(generation: nil, treeDigest: nil) }
        return try state(of: active)
    }

    private func state(of generation: Generation) throws -> PlanState {
        let release = try release(of: generation)
        return PlanState(
            generation: Int64(generation.number), treeDigest: generation.treeDigest, artifact: generation.artifact,
            name: release?.name, version: release?.version)
    }

    private func release(of generation: Generation) throws -> StagedRelease? {
        guard let artifact = generation.artifact else { return nil }
        return try database.read { try ReleaseStore.release(artifact, in: $0) }
    }

    /// No tree at all has an empty manifest; nil means the hub no longer knows what was in it.
    private func manifest(_ tree: Digest?, on target: TargetName) throws -> TreeManifest? {
        guard let tree else { return .empty }
        if let manifest = try stager.manifest(of: tree) { return manifest }
        let engine = try targets.find(target).engine
        do {
            return try engine.manifest(of: tree)
        } catch let error as ActivationError where error.code == .unknownTree {
            return nil
        }
    }

    /// Drift entries a plan lists one by one; of more it says how many and their digest.
    static let shownDrift = 1000

    static func shown(_ drift: [DriftItem]) -> [PlanDrift] {
        guard drift.count > shownDrift else { return drift.map(\.planDrift) }
        let rest = drift[shownDrift...].map { "\($0.problem.rawValue) \($0.path)" }.joined(separator: "\0")
        let digest = Digest(hashing: Array(rest.utf8))
        return drift[..<shownDrift].map(\.planDrift)
            + [PlanDrift(path: "(\(drift.count - shownDrift) more, sha256 \(digest.hex))", problem: .changed)]
    }
}

/// What a plan says of the present.
private struct PlanInput {
    let from: PlanState
    let drift: [DriftItem]
    let signature: SignatureVerdict
    let trial: PlanTrial?
    let policy: Policy
}

extension StagedRelease {
    /// The new side of a promote.
    fileprivate func state(generation: Int) -> PlanState {
        PlanState(
            generation: Int64(generation), treeDigest: tree, artifact: artifact, name: name, version: version)
    }
}

extension TreeManifest {
    static let empty = TreeManifest(entries: [])
}

extension SignatureVerdict {
    /// Of content that was there before the hub: nobody signed it, and nobody says so.
    static let adopted = SignatureVerdict(
        state: .unsigned, reason: "adopted",
        explanation: "This content was at the target before Aurora took it over; there is no artifact behind it.")
}
