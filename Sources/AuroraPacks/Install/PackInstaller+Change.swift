package import AuroraActivation
import AuroraAudit
import AuroraDatabase
package import AuroraModel
import AuroraSystem
import AuroraTrust

/// How a change of packs ended.
package struct PackOutcome: Hashable, Sendable {
    package let plan: PackPlan
    package let activation: ActivationOutcome
    /// Bytes of snapshots above the bound of device.yaml that stay because a rollback needs them.
    package var snapshotExcess: Int64 = 0

    /// Whether the new packs run and are healthy.
    package var isCommitted: Bool { activation.result == .committed }

    package var json: JSONValue {
        [
            "result": .string(activation.result.rawValue), "plan": JSONValue(plan.digest),
            "generation": .integer(Int64(activation.active)), "reason": JSONValue(activation.reason),
        ]
    }
}

extension PackInstaller {
    /// Plans a request, and carries the plan out when there is an approval for exactly it.
    ///
    /// The switch is one rename for all packs; it is taken back by itself when any of them is not healthy.
    /// - Parameter expected: the digest of the plan somebody looked at; another one is refused with `stale_plan`.
    /// - Throws: `Refusal` before anything has changed; `approval_used` for a second use; errors of `install` and `migrate`
    ///   when they end badly, with everything as it was.
    package func install(
        _ request: PackRequest, approval evidence: ApprovalEvidence, expecting expected: Digest? = nil, by actor: Actor,
        onPhase: @escaping (ActivationPhase) -> Void = { _ in }
    ) throws -> PackOutcome {
        try audited(.packInstall, name(of: request), by: actor) {
            let prepared = try plan(request)
            if let expected, expected != prepared.digest { throw try stale(expected, prepared.plan) }
            try check(prepared)
            let approval = try judge(evidence, prepared.plan)
            return try carryOut(prepared, approval, by: actor, onPhase)
        }
    }

    /// Takes the last change back: no fresh approval, a reason, one shot.
    ///
    /// - Parameter expected: the digest of the plan somebody looked at; another one is refused with `stale_plan`.
    /// - Throws: `Refusal`: `reason_required`, `rollback_unavailable`, `stale_plan`.
    package func rollback(
        reason: String, expecting expected: Digest? = nil, by actor: Actor,
        onPhase: @escaping (ActivationPhase) -> Void = { _ in }
    ) throws -> PackOutcome {
        try audited(.packRollback, "rollback", by: actor) {
            try Self.require(reason, for: "Taking a change back", "aurora pack rollback")
            let prepared = try plan(.takeBack)
            if let expected, expected != prepared.digest { throw try stale(expected, prepared.plan) }
            let from = prepared.plan.fromGeneration
            guard let to = engine.state.takeBack else { throw PlanRefusals.noRollback(engine.state) }
            try begin(
                OpenPackChange(action: .rollback, plan: prepared.digest, from: from, to: to.number),
                entry(.packRollback, "generation \(from)", by: actor, [("plan", prepared.digest.hex)], reason: reason))
            let transaction = transaction(prepared, .rollback, generation: from)
            return try run(prepared.plan) {
                try engine.rollback(
                    reason: reason, onPhase: onPhase, beside: transaction.beside, apply: transaction.apply,
                    health: transaction.health)
            }
        }
    }

    /// - Throws: `Refusal` with code `reason_required` for a reason that says nothing.
    static func require(_ reason: String, for act: String, _ command: String) throws {
        guard !reason.contains(where: { !$0.isWhitespace }) else { return }
        throw Refusal(
            .unprocessable, code: "reason_required", "\(act) needs a reason.", rule: "the log says why",
            remedy: "say why: \(command) --reason TEXT")
    }

    private func judge(_ evidence: ApprovalEvidence, _ plan: PackPlan) throws -> PackApproval {
        do throws(Refusal) {
            return try ApprovalRule(
                configuration: device.configuration, now: Timestamp(milliseconds: device.clock.now())
            ).judge(evidence, for: plan)
        } catch {
            guard error.code == "stale_plan", case .signed(let envelope) = evidence,
                let statement = try? ApprovalStatement(bytes: envelope.payload)
            else { throw error }
            throw try stale(statement.plan, plan)
        }
    }

    private func stale(_ approved: Digest, _ fresh: PackPlan) throws -> Refusal {
        let old = try device.database.read { try PackStore.plan(approved, in: $0) }
        return PlanRefusals.stale(old.map { fresh.differences(from: $0) } ?? [], fresh: fresh)
    }

    private func transaction(
        _ prepared: PreparedPackPlan, _ action: AuroraActivation.Operation.Action, generation: Int
    ) -> PackTransaction {
        PackTransaction(
            prepared.change, action: action, generation: generation, packs: prepared.packs, parts: parts)
    }

    private func carryOut(
        _ prepared: PreparedPackPlan, _ approval: PackApproval, by actor: Actor,
        _ onPhase: @escaping (ActivationPhase) -> Void
    ) throws -> PackOutcome {
        let generation = try prepare(prepared)
        try begin(
            OpenPackChange(
                action: .activate, plan: prepared.digest, from: prepared.plan.fromGeneration, to: generation),
            entry(prepared.plan, approval, generation, by: actor), using: approval.statement)
        let transaction = transaction(prepared, .activate, generation: generation)
        return try run(prepared.plan) {
            try engine.activate(
                generation, onPhase: onPhase, beside: transaction.beside, apply: transaction.apply,
                health: transaction.health)
        }
    }

    /// The generation of a plan: one that was prepared for exactly it and never ran, or a new one.
    private func prepare(_ prepared: PreparedPackPlan) throws -> Int {
        let set = prepared.change.to
        guard set != .empty else { return try prepareEmpty(prepared) }
        let tree = try SetTrees(engine: engine).publish(set)
        let ready = engine.generations().first {
            $0.state == .prepared && $0.treeDigest == tree && $0.planDigest == prepared.digest
        }
        if let ready { return ready.number }
        return try engine.prepare(
            treeDigest: tree,
            parts: set.members.map { Generation.Member(name: $0.id.text, treeDigest: $0.tree) },
            planDigest: prepared.digest, label: label(set), acceptingDrift: prepared.drift
        ).number
    }

    /// A set without packs is a tree as well, so that removing the last pack can be taken back like anything else.
    private func prepareEmpty(_ prepared: PreparedPackPlan) throws -> Int {
        let tree = try SetTrees(engine: engine).publish(.empty)
        return try engine.prepare(
            treeDigest: tree, planDigest: prepared.digest, label: "no packs", acceptingDrift: prepared.drift
        ).number
    }

    private func label(_ set: PackSet) -> String {
        let names = set.members.prefix(4).map { "\($0.id) \($0.version)" }.joined(separator: ", ")
        return names + (set.members.count > 4 ? " and \(set.members.count - 4) more" : "")
    }

    private func entry(_ plan: PackPlan, _ approval: PackApproval, _ generation: Int, by actor: Actor) -> AuditEntry {
        entry(
            .packInstall, plan.changes.map(\.pack.text).joined(separator: ", "), by: actor,
            [("plan", plan.digest.hex), ("generation", "\(generation)")] + approval.facts, reason: approval.reason)
    }

    /// Notes that a change begins and uses its approval up, in the same transaction as the entry that says so.
    private func begin(_ change: OpenPackChange, _ entry: AuditEntry, using statement: Digest? = nil) throws {
        let (now, audit) = (device.clock.now(), device.audit)
        try device.database.write { transaction in
            if let statement, try !PackStore.use(statement, for: change.plan, at: now, in: transaction) {
                throw Refusal(
                    .conflict, code: "approval_used", "This approval was used before.", subject: statement.hex,
                    rule: "an approval is used once", remedy: "have the plan approved again")
            }
            try PackStore.open(change, in: transaction)
            try audit.append(entry, in: transaction)
        }
    }

    /// Runs the engine and writes down how it ended; packs that ran for the gate alone end here.
    private func run(_ plan: PackPlan, _ body: () throws -> ActivationOutcome) throws -> PackOutcome {
        defer { parts.services.finish() }
        do {
            let outcome = try body()
            try concludeOpen(ended: outcome)
            var ending = PackOutcome(plan: plan, activation: outcome)
            // The change is done whatever becomes of old copies; `pack gc` removes what is left of them, and says why not.
            if ending.isCommitted { ending.snapshotExcess = (try? collectSnapshotsAfterChange()) ?? 0 }
            return ending
        } catch {
            // What cannot be written down now, the next start writes down.
            if engine.state.open == nil { try? concludeOpen(because: "\(error)") }
            throw error
        }
    }
}
