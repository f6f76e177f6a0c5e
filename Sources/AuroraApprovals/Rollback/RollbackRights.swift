import AuroraAudit
package import AuroraDatabase
package import AuroraModel

/// The right to take a change back, which every approved promote carries: the one place that models it.
///
/// It holds for exactly that change (from the generation it made to the one before), once: by itself when health fails,
/// or by somebody who may roll back, with a reason, until the next approved change of the target. Going to any other
/// generation needs an approval of its own.
package struct RollbackRights: Sendable {
    private let approvals: Approvals

    package init(_ approvals: Approvals) {
        self.approvals = approvals
    }

    /// Who takes a change back.
    package enum Taker: Hashable, Sendable {
        /// The engine, because the new version did not become healthy.
        case automatic
        case person(UserName)
    }

    /// A right as it stands.
    package struct Right: Hashable, Sendable {
        package let target: TargetName
        package let suggestion: SuggestionID
        package let change: ChangeID
        /// The generation that the promote made; nil when its plan named none.
        package let from: Int64?
        /// The generation it can go back to.
        package let to: Int64?
        package let toTree: Digest?
        package let isUsed: Bool
    }

    /// The right a target holds now, used or not; nil when there is none.
    package func current(_ target: TargetName) throws -> Right? {
        try approvals.read { try RollbackStore.right(of: target, in: $0) }
    }

    /// Uses the right to go from the active generation back to `to`.
    ///
    /// - Parameters:
    ///   - active: The active generation.
    ///   - tree: The tree of the generation gone back to.
    ///   - reason: Why; needed from a person.
    /// - Throws: ``Refusal`` `approval_required` when no right covers it, `approval_used` when it was used,
    ///   `role_required` or `reason_required`.
    package func use(
        target: TargetDescription, active: Int64, to generation: Int64, tree: Digest?, taker: Taker, reason: String,
        by actor: Actor, in transaction: Transaction
    ) throws -> Right {
        let policy = approvals.policies.policy(for: target)
        if case .person(let name) = taker { try requirePerson(name, policy: policy, reason: reason, in: transaction) }
        guard let right = try RollbackStore.right(of: target.name, in: transaction), right.from == active,
            right.to == generation, right.toTree == tree
        else {
            throw Refusal(
                .conflict, code: "approval_required",
                "going from generation \(active) to \(generation) is not the taking back of an approved change",
                subject: target.name.text,
                rule: "an approved promote can be taken back once, to the generation before it",
                remedy: "ask for a rollback and have it approved: aurora target rollback --generation \(generation)")
        }
        guard try RollbackStore.use(right, in: transaction) else {
            throw Refusal(
                .conflict, code: "approval_used", "the change \(right.change) was taken back already",
                subject: target.name.text, rule: "a change can be taken back once",
                remedy: "ask for a rollback and have it approved")
        }
        _ = try approvals.audit.append(
            AuditEntry(
                time: approvals.now, actor: actor, action: AuditAct.targetTakeBack.rawValue, subject: target.name.text,
                reason: reason,
                details: [
                    ("change", right.change.text), ("suggestion", right.suggestion.text), ("from", "\(active)"),
                    ("to", "\(generation)"), ("automatic", taker == .automatic ? "yes" : "no"),
                ]), in: transaction)
        return right
    }

    /// Undoes ``use(target:active:to:tree:taker:reason:by:in:)`` for a taking back that switched nothing; does nothing
    /// when no used right covers it.
    ///
    /// - Parameters:
    ///   - active: The generation that was to be taken back, and still is active.
    ///   - change: The taking back that ended.
    package func giveBack(
        target: TargetName, active: Int64, change: ChangeID, reason: String, in transaction: Transaction
    ) throws {
        guard let right = try RollbackStore.right(of: target, in: transaction), right.isUsed, right.from == active
        else { return }
        try RollbackStore.giveBack(right, in: transaction)
        _ = try approvals.audit.append(
            AuditEntry(
                time: approvals.now, actor: .system, action: AuditAct.targetTakeBackRelease.rawValue,
                subject: target.text, reason: reason,
                details: [
                    ("change", right.change.text), ("suggestion", right.suggestion.text), ("ended", change.text),
                ]), in: transaction)
    }

    private func requirePerson(
        _ name: UserName, policy: Policy, reason: String, in transaction: Transaction
    ) throws {
        guard let voter = try approvals.users.voter(name, in: transaction), voter.isActive, voter.role.has(.rollBack)
        else {
            throw Refusal(
                .forbidden, code: "role_required", "\(name) may not take changes back", subject: name.text,
                rule: "an approver takes a change back", remedy: "ask an approver")
        }
        _ = try ReasonRule(policy: policy).checked(reason)
    }

    /// Gives an approved promote its right; an approved rollback gets none, and either ends the rights before it.
    static func grant(
        for suggestion: Suggestion, change: ChangeID, at moment: Timestamp, in transaction: Transaction
    ) throws {
        let plan = suggestion.plan
        let isPromote = plan.action == .promote
        try RollbackStore.insert(
            Right(
                target: suggestion.target, suggestion: suggestion.id, change: change,
                from: isPromote ? plan.to.generation : nil, to: isPromote ? plan.from.generation : nil,
                toTree: isPromote ? plan.from.treeDigest : nil, isUsed: false),
            at: moment, in: transaction)
    }

    /// Undoes ``grant(for:change:at:in:)`` for a change that switched nothing; the right before it holds again.
    static func withdraw(change: ChangeID, in transaction: Transaction) throws {
        try RollbackStore.remove(change: change, in: transaction)
    }
}
