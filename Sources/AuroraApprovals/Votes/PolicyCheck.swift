import AuroraCrypto
import AuroraModel
import AuroraTrust

/// The one policy check: whether a suggestion may start, from its votes, today's accounts and the clock.
///
/// A pure function of what it holds. It trusts no stored conclusion: every envelope is verified again, every role and
/// key looked up again, so a vote stops counting the moment its ground falls away.
struct PolicyCheck {
    let policy: Policy
    let suggestion: Suggestion
    let votes: [Vote]
    /// Accounts by name, as they are now.
    let voters: [UserName: Voter]
    let hubKey: Ed25519PublicKey
    let now: Timestamp

    /// How far an operator's clock may run ahead of the hub's.
    static let skewSeconds: Int64 = 300

    func verdict() -> Verdict {
        guard suggestion.state.isOpen else {
            switch suggestion.state {
            case .rejected: return .rejected(by: rejections.map(\.user))
            case .expired: return .expired
            case .stale: return .stale(suggestion.stateReason)
            default: return .closed(suggestion.state)
            }
        }
        guard now <= suggestion.expires else { return .expired }
        guard policy.digest == suggestion.plan.policy.digest else {
            return .stale("the policy \(policy.name) has changed since this was planned")
        }
        let no = rejections
        if no.count >= Int(policy.rejections) { return .rejected(by: no.map(\.user)) }
        let missing = self.missing()
        return missing.isEmpty ? .approved : .waiting(missing)
    }

    private func missing() -> [Verdict.Missing] {
        var missing: [Verdict.Missing] = []
        let yes = approvals
        if yes.count < Int(policy.approvers) {
            missing.append(.approvals(Int(policy.approvers) - yes.count, roles: policy.approverRoles))
        }
        if policy.requiresCountersignature, !yes.contains(where: isCountersigned) { missing.append(.countersignature) }
        if suggestion.plan.isUnsigned, !policy.allowUnsigned { missing.append(.artifactSignature) }
        if !policy.windows.isEmpty, !policy.windows.contains(where: { $0.contains(now) }) {
            missing.append(.window(opens: policy.windows.map { $0.nextOpening(from: now) }.min() ?? now))
        }
        return missing
    }

    /// The approvals that count: one per human, one per key, none of whoever asked unless the policy says so.
    var approvals: [Vote] {
        var people: Set<String> = []
        var keys: Set<Ed25519PublicKey> = []
        let requester = voters[suggestion.requestedBy]?.person ?? suggestion.requestedBy.text
        var counted: [Vote] = []
        for vote in votes where vote.decision == .approve {
            guard let voter = eligible(vote) else { continue }
            guard policy.selfApproval || (voter.person != requester && vote.user != suggestion.requestedBy) else {
                continue
            }
            guard let key = signer(of: vote, voter: voter) else { continue }
            // The hub's key speaks for many people, an operator's for one: the same key under two names is one person.
            if vote.signature == .operatorSigned, !keys.insert(key).inserted { continue }
            guard people.insert(voter.person).inserted else { continue }
            counted.append(vote)
        }
        return counted
    }

    /// The rejections that count.
    ///
    /// A no needs no key of one's own: whoever may vote can stop a change.
    private var rejections: [Vote] {
        var people: Set<String> = []
        return votes.filter { vote in
            guard vote.decision == .reject, let voter = eligible(vote) else { return false }
            return people.insert(voter.person).inserted
        }
    }

    /// The account behind a vote, when it may vote now and the vote is in force.
    private func eligible(_ vote: Vote) -> Voter? {
        guard !vote.isReplaced, let voter = voters[vote.user], voter.isActive, voter.role.has(.vote),
            policy.approverRoles.contains(voter.role), vote.reason.count >= Int(policy.reasonLength),
            now <= vote.notAfter, now >= vote.notBefore.adding(seconds: -PolicyCheck.skewSeconds)
        else { return nil }
        return voter
    }

    /// The key that signed a vote's statement, when that kind of signature counts and the statement fits.
    private func signer(of vote: Vote, voter: Voter) -> Ed25519PublicKey? {
        guard
            let statement = try? ApprovalStatement(bytes: vote.envelope.payload),
            StatementCheck(suggestion: suggestion).mismatch(in: statement) == nil,
            statement.decision == vote.decision, statement.operatorName == vote.user, statement.reason == vote.reason,
            statement.notAfter == vote.notAfter, statement.notBefore == vote.notBefore,
            vote.envelope.payloadType == ApprovalStatement.payloadType
        else { return nil }
        switch vote.signature {
        case .operatorSigned: return voter.keys.first { vote.envelope.isSigned(by: $0) }
        case .countersigned:
            guard policy.signatures == .browserAccepted, vote.envelope.isSigned(by: hubKey) else { return nil }
            return hubKey
        }
    }

    private func isCountersigned(_ vote: Vote) -> Bool {
        PolicyCheck.countersignKeys(of: policy).contains { vote.envelope.isSigned(by: $0) }
    }

    static func countersignKeys(of policy: Policy) -> [Ed25519PublicKey] {
        policy.countersignKeys.compactMap { try? OperatorPublicKey($0).key }
    }
}
