import AuroraCrypto
package import AuroraDatabase
package import AuroraModel
import AuroraTrust

extension Approvals {
    /// Records a person's yes or no over exactly one plan.
    ///
    /// With an envelope the vote is the operator's own signed statement; without one the hub makes and countersigns a
    /// statement for the person who is logged in, which counts only where the policy accepts that.
    /// - Parameters:
    ///   - plan: The digest of the plan the person has seen; another one than the suggestion's is stale.
    ///   - reason: Needed unless the envelope carries it; both must then be the same.
    ///   - envelope: DSSE JSON bytes.
    /// - Returns: The suggestion as it stands after the vote.
    /// - Throws: ``Refusal`` with the code of the rule that was broken; see docs/formats/approval.md for all of them.
    package func vote(
        on id: SuggestionID, plan: Digest, decision: ApprovalStatement.Decision, voter name: UserName, reason: String,
        envelope bytes: [UInt8]? = nil, by actor: Actor
    ) throws -> Suggestion {
        try write { transaction in
            try self.vote(
                on: id, plan: plan, decision: decision, voter: name, reason: reason, envelope: bytes, by: actor,
                in: transaction)
        }
    }

    /// As the method above, inside the caller's transaction.
    package func vote(
        on id: SuggestionID, plan: Digest, decision: ApprovalStatement.Decision, voter name: UserName, reason: String,
        envelope bytes: [UInt8]? = nil, by actor: Actor, in transaction: Transaction
    ) throws -> Suggestion {
        let suggestion = try require(id, in: transaction)
        let policy = policies.policy(for: suggestion.plan.target)
        try requireOpen(suggestion, plan: plan, policy: policy)
        let voter = try requireVoter(name, policy: policy, in: transaction)
        if decision == .approve { try forbidSelfApproval(of: suggestion, by: voter, policy: policy, in: transaction) }
        let envelope = try bytes.map { try Envelope(parsing: $0) }
        if let envelope { try forbidReplay(envelope, in: transaction) }
        try forbidRepetition(decision, by: voter, on: suggestion, in: transaction)
        let vote =
            if let envelope {
                try operatorVote(envelope, suggestion, decision: decision, voter: voter, reason: reason, policy: policy)
            } else {
                try hubVote(suggestion, decision: decision, voter: voter, reason: reason, policy: policy)
            }
        try ApprovalStore.replaceVotes(of: voter.person, on: id, in: transaction)
        try ApprovalStore.insert(vote, in: transaction)
        let after = try settle(suggestion, in: transaction)
        try record(
            decision == .approve ? .suggestionApprove : .suggestionReject, after, by: actor, reason: vote.reason,
            details: [
                ("signature", vote.signature.rawValue), ("state", after.state.rawValue),
                ("statement", Digest(hashing: vote.envelope.payload).hex),
            ], in: transaction)
        return after
    }

    /// Adds the ground segment's signature to an approval that is recorded.
    ///
    /// - Parameter bytes: The recorded envelope with one more signature, made by one of the policy's countersign keys.
    /// - Throws: ``Refusal`` `unknown_statement` or `unknown_countersigner`, and what closed suggestions refuse.
    package func countersign(_ id: SuggestionID, envelope bytes: [UInt8], by actor: Actor) throws -> Suggestion {
        try write { transaction in
            let suggestion = try self.require(id, in: transaction)
            let policy = self.policies.policy(for: suggestion.plan.target)
            try self.requireOpen(suggestion, plan: suggestion.planDigest, policy: policy)
            let envelope = try Envelope(parsing: bytes)
            let recorded = try ApprovalStore.votes(on: id, in: transaction).first { vote in
                vote.envelope.payload == envelope.payload && vote.envelope.payloadType == envelope.payloadType
                    && vote.decision == .approve && !vote.isReplaced
            }
            guard let recorded else { throw ApprovalRefusal.unknownStatement(id) }
            let keys = PolicyCheck.countersignKeys(of: policy)
            let fresh = envelope.signatures.filter { signature in
                let alone = Envelope(
                    payloadType: envelope.payloadType, payload: envelope.payload, signatures: [signature])
                return keys.contains { alone.isSigned(by: $0) } && !recorded.envelope.signatures.contains(signature)
            }
            guard !fresh.isEmpty else { throw ApprovalRefusal.unknownCountersigner(id) }
            let merged = Envelope(
                payloadType: envelope.payloadType, payload: envelope.payload,
                signatures: recorded.envelope.signatures + fresh)
            try ApprovalStore.setEnvelope(merged, in: transaction)
            let after = try self.settle(suggestion, in: transaction)
            try self.record(
                .suggestionCountersign, after, by: actor, reason: recorded.reason,
                details: [("state", after.state.rawValue), ("keys", fresh.map(\.keyID).joined(separator: " "))],
                in: transaction)
            return after
        }
    }

    // MARK: Rules, in the order they are checked

    /// The suggestion must be open, unexpired, and about the plan the voter has seen under the policy of today.
    func requireOpen(_ suggestion: Suggestion, plan: Digest, policy: Policy) throws {
        switch suggestion.state {
        case .waiting, .approved: break
        case .running, .done, .rolledBack, .failed: throw ApprovalRefusal.used(suggestion)
        case .stale: throw ApprovalRefusal.stale(suggestion, suggestion.stateReason)
        case .expired: throw ApprovalRefusal.expired(suggestion)
        case .rejected, .withdrawn: throw ApprovalRefusal.closed(suggestion)
        }
        guard now <= suggestion.expires else { throw ApprovalRefusal.expired(suggestion) }
        guard plan == suggestion.planDigest else {
            throw ApprovalRefusal.stale(suggestion, "another plan was shown than the one that waits")
        }
        guard policy.digest == suggestion.plan.policy.digest else {
            throw ApprovalRefusal.stale(suggestion, "the policy \(policy.name) has changed")
        }
    }

    func requireVoter(_ name: UserName, policy: Policy, in transaction: Transaction) throws -> Voter {
        guard let voter = try users.voter(name, in: transaction), voter.isActive, voter.role.has(.vote),
            policy.approverRoles.contains(voter.role)
        else {
            throw Refusal(
                .forbidden, code: "role_required", "\(name) may not vote on this",
                subject: name.text, rule: "policy \(policy.name): \(policy.approverRoles.map(\.rawValue)) vote",
                remedy: "ask somebody with that role, or an admin for the role")
        }
        return voter
    }

    private func forbidSelfApproval(
        of suggestion: Suggestion, by voter: Voter, policy: Policy, in transaction: Transaction
    ) throws {
        let requester = try users.voter(suggestion.requestedBy, in: transaction)?.person
        let isSelf = voter.name == suggestion.requestedBy || voter.person == requester
        guard !isSelf || policy.selfApproval else {
            throw Refusal(
                .forbidden, code: "self_approval", "\(voter.name) asked for this change and cannot approve it",
                subject: suggestion.id.text, rule: "policy \(policy.name): the one who asks does not approve",
                remedy: "ask another approver")
        }
    }

    private func forbidReplay(_ envelope: Envelope, in transaction: Transaction) throws {
        guard try !ApprovalStore.holdsStatement(Digest(hashing: envelope.payload), in: transaction) else {
            throw Refusal(
                .conflict, code: "approval_used", "this signed statement was handed in before",
                rule: "a statement counts once", remedy: "sign a new statement if a new decision is needed")
        }
    }

    private func forbidRepetition(
        _ decision: ApprovalStatement.Decision, by voter: Voter, on suggestion: Suggestion, in transaction: Transaction
    ) throws {
        let earlier = try ApprovalStore.votes(on: suggestion.id, in: transaction).first {
            $0.person == voter.person && !$0.isReplaced && $0.decision == decision
        }
        guard earlier == nil else {
            throw Refusal(
                .conflict, code: "already_voted", "\(voter.name) has said \(decision.rawValue) to this already",
                subject: suggestion.id.text, rule: "a person counts once, under whatever account or token",
                remedy: "another person must vote")
        }
    }

    // MARK: Statements

    private func operatorVote(
        _ envelope: Envelope, _ suggestion: Suggestion, decision: ApprovalStatement.Decision, voter: Voter,
        reason: String, policy: Policy
    ) throws -> Vote {
        let check = EnvelopeCheck(suggestion: suggestion, voter: voter, decision: decision, now: now)
        let statement = try check.statement(in: envelope)
        let signed = try ReasonRule(policy: policy).checked(statement.reason)
        guard signed == statement.reason, reason.isEmpty || reason == statement.reason else {
            throw Refusal(
                .badRequest, code: "other_reason", "the reason given is not the reason signed",
                subject: suggestion.id.text, remedy: "send the reason of the signed statement, or none")
        }
        return Vote(
            suggestion: suggestion.id, user: voter.name, person: voter.person, decision: decision,
            reason: statement.reason, cast: now, notBefore: statement.notBefore, notAfter: statement.notAfter,
            signature: .operatorSigned, envelope: envelope)
    }

    private func hubVote(
        _ suggestion: Suggestion, decision: ApprovalStatement.Decision, voter: Voter, reason: String, policy: Policy
    ) throws -> Vote {
        // A no stops a change, so it never fails for want of a key.
        guard decision == .reject || policy.signatures == .browserAccepted else {
            throw Refusal(
                .forbidden, code: "operator_signature_required",
                "this target accepts only approvals signed with the operator's own key", subject: suggestion.id.text,
                rule: "policy \(policy.name): signatures operator-signed",
                remedy: "aurora approval approve \(suggestion.id) --key FILE --reason TEXT")
        }
        let statement = ApprovalStatement(
            plan: suggestion.plan, suggestion: suggestion.id, decision: decision, operator: voter.name,
            reason: try ReasonRule(policy: policy).checked(reason), notBefore: now, notAfter: suggestion.expires)
        var envelope = Envelope(payloadType: ApprovalStatement.payloadType, payload: statement.bytes)
        envelope.sign(with: hubKey)
        return Vote(
            suggestion: suggestion.id, user: voter.name, person: voter.person, decision: decision,
            reason: statement.reason, cast: now, notBefore: statement.notBefore, notAfter: statement.notAfter,
            signature: .countersigned, envelope: envelope)
    }
}
