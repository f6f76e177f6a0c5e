package import AuroraModel
package import AuroraSystem
package import AuroraTrust

/// What somebody brings along to have a plan carried out.
package enum ApprovalEvidence: Sendable {
    case none
    /// A DSSE envelope with an approval statement, signed off the device or on it.
    case signed(Envelope)
    /// Typed at the device's own terminal: who was logged in there (the login uid, where the kernel kept one), and why.
    case console(login: LoginUser, reason: String)
}

/// An approval that was found good for one plan.
struct PackApproval: Hashable, Sendable {
    /// How it was given, for the log: `signed`, `console`, or `unattended` when policy asks for none.
    let how: String
    let by: String
    let reason: String
    /// The SHA-256 of the signed statement, by which a second use is found; nil for the others.
    let statement: Digest?
    /// Who typed it; nil for the others.
    let typedBy: LoginUser?

    init(how: String, by: String, reason: String, statement: Digest? = nil, typedBy: LoginUser? = nil) {
        self.how = how
        self.by = by
        self.reason = reason
        self.statement = statement
        self.typedBy = typedBy
    }

    /// What the log says about it.
    var facts: [(String, String)] {
        [("approval", how), ("approvedBy", by), ("statement", statement?.hex ?? "")] + (typedBy?.facts ?? [])
    }
}

/// The one check that stands between a plan and the device.
struct ApprovalRule {
    let configuration: DeviceConfiguration
    let now: Timestamp

    /// How far an operator's clock may run ahead of the device's.
    static let skewSeconds: Int64 = 300

    /// The approval in `evidence`, when it is good for exactly this plan now.
    ///
    /// - Throws: `Refusal`: `approval_required`, `console_refused`, `reason_required`, `unknown_signer`,
    ///   `statement_not_canonical`, `other_…`, `approval_expired`, `approval_not_yet_valid`, `approval_rejects`.
    func judge(_ evidence: ApprovalEvidence, for plan: PackPlan) throws(Refusal) -> PackApproval {
        switch evidence {
        case .signed(let envelope): return try signed(envelope, plan)
        case .console(let login, let reason):
            guard configuration.policy.console == .accept else {
                throw refusal(
                    .forbidden, "console_refused", "This device takes no approval typed at its terminal.", plan,
                    "sign the plan with an operator's key, or set policy.console: accept in device.yaml")
            }
            guard reason.contains(where: { !$0.isWhitespace }) else {
                throw refusal(.unprocessable, "reason_required", "An approval needs a reason.", plan, "say why")
            }
            return PackApproval(how: "console", by: login.name, reason: reason, typedBy: login)
        case .none:
            guard !plan.needsApproval, configuration.policy.unattended == .accept else {
                throw refusal(
                    .forbidden, "approval_required", why(plan), plan,
                    "have the plan approved: aurora pack install asks on a terminal, or takes --approval FILE")
            }
            return PackApproval(how: "unattended", by: "policy", reason: "")
        }
    }

    private func why(_ plan: PackPlan) -> String {
        if let wider = plan.changes.first(where: \.permissions.isWider) {
            return "\(wider.pack) asks for more than it was granted; a person must approve that."
        }
        return plan.needsApproval
            ? "This change needs an operator's approval." : "This device lets nothing pass without an approval."
    }

    private func signed(_ envelope: Envelope, _ plan: PackPlan) throws(Refusal) -> PackApproval {
        guard envelope.payloadType == ApprovalStatement.payloadType else {
            throw refusal(
                .badRequest, "wrong_payload_type", "The envelope holds \(envelope.payloadType.printable(limit: 60)).",
                plan, "use \(ApprovalStatement.payloadType)")
        }
        let statement = try ApprovalStatement(bytes: envelope.payload)
        guard statement.bytes == envelope.payload else {
            throw refusal(
                .badRequest, "statement_not_canonical", "The signed statement is not in canonical form.", plan,
                "make it with aurora pack approve")
        }
        let signer = configuration.operators.first { person in
            person.name == statement.operatorName && person.keys.contains { envelope.isSigned(by: $0.key) }
        }
        guard signer != nil else {
            throw refusal(
                .forbidden, "unknown_signer",
                "No signature is by a key of \(statement.operatorName) that device.yaml names.", plan,
                "sign with an admitted key, or add the key to operators in device.yaml")
        }
        if let (code, words) = mismatch(statement, plan) {
            throw refusal(.conflict, code, words, plan, "look at the plan of now and sign that one")
        }
        try checkTimes(statement, plan)
        return PackApproval(
            how: "signed", by: statement.operatorName.text, reason: statement.reason,
            statement: Digest(hashing: envelope.payload))
    }

    /// The first thing the statement says differently.
    private func mismatch(_ statement: ApprovalStatement, _ plan: PackPlan) -> (String, String)? {
        let wanted = ApprovalStatement(
            packs: plan, operator: statement.operatorName, reason: statement.reason, notBefore: statement.notBefore,
            notAfter: statement.notAfter)
        if statement.decision != .approve { return ("approval_rejects", "The statement says no.") }
        if statement.target != wanted.target {
            return ("other_target", "The statement is for \(statement.target), this device is \(wanted.target).")
        }
        if statement.plan != wanted.plan {
            return ("stale_plan", "The statement is about plan \(statement.plan.short), this is \(wanted.plan.short).")
        }
        if statement.policy != wanted.policy { return ("other_policy", "The device's policy has changed since.") }
        if statement.downgrade != wanted.downgrade {
            return ("downgrade_not_acknowledged", "A pack gets older, and the statement does not say so.")
        }
        return statement == wanted ? nil : ("other_action", "The statement is about another change.")
    }

    private func checkTimes(_ statement: ApprovalStatement, _ plan: PackPlan) throws(Refusal) {
        guard now <= statement.notAfter, statement.notBefore <= statement.notAfter else {
            throw refusal(
                .conflict, "approval_expired", "The approval was valid until \(statement.notAfter).", plan,
                "sign a new one; check the clocks")
        }
        guard now >= statement.notBefore.adding(seconds: -Self.skewSeconds) else {
            throw refusal(
                .conflict, "approval_not_yet_valid", "The approval is valid from \(statement.notBefore) on.", plan,
                "wait until then; check the clocks")
        }
    }

    private func refusal(
        _ kind: Refusal.Kind, _ code: String, _ message: String, _ plan: PackPlan, _ remedy: String
    ) -> Refusal {
        Refusal(
            kind, code: code, message, subject: plan.digest.hex,
            rule: "nothing is activated without a valid, unused approval for exactly this plan", remedy: remedy,
            details: ["plan": JSONValue(plan.digest)])
    }
}

extension ApprovalStatement {
    /// What an operator signs to approve a plan of packs.
    package init(
        packs plan: PackPlan, operator name: UserName, reason: String, notBefore: Timestamp, notAfter: Timestamp
    ) {
        self.init(
            decision: .approve, operator: name, reason: reason, notBefore: notBefore, notAfter: notAfter,
            suggestion: plan.suggestion, plan: plan.digest, policy: plan.policy, action: plan.action.approved,
            target: plan.device, domain: .core, tree: plan.toSet, artifact: nil, downgrade: plan.isDowngrade)
    }
}

extension PackPlan {
    /// Whether any pack gets older.
    package var isDowngrade: Bool {
        changes.contains { change in
            guard let old = change.from, let new = change.to else { return false }
            return new.version < old.version
        }
    }
}
