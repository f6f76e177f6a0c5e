/// What an operator says about one plan: an in-toto Statement v1 (docs/formats/approval.md).
///
/// The signature is over these bytes inside a DSSE envelope. The statement repeats the facts that matter, so that a
/// device can check them without the hub, and names the suggestion, so that a second request needs a second statement.
package struct ApprovalStatement: Hashable, Sendable {
    package static let statementType = "https://in-toto.io/Statement/v1"
    package static let predicateType = "https://aurora.dev/attestation/approval/v1"
    /// The DSSE payload type of in-toto statements.
    package static let payloadType = "application/vnd.in-toto+json"

    package enum Decision: String, Sendable, CaseIterable {
        case approve
        case reject
    }

    package let decision: Decision
    package let operatorName: UserName
    package let reason: String
    /// The statement says nothing before this moment and nothing after ``notAfter``.
    package let notBefore: Timestamp
    package let notAfter: Timestamp
    package let suggestion: SuggestionID
    package let plan: Digest
    package let policy: Digest
    package let action: Plan.Action
    package let target: TargetName
    package let domain: Domain
    /// The tree that becomes active, nil only if the plan has none.
    package let tree: Digest?
    package let artifact: Digest?
    /// Whether the speaker knows that the new version is older.
    package let downgrade: Bool

    /// A statement about a plan of any kind, by its digest.
    package init(
        decision: Decision, operator operatorName: UserName, reason: String, notBefore: Timestamp,
        notAfter: Timestamp, suggestion: SuggestionID, plan: Digest, policy: Digest, action: Plan.Action,
        target: TargetName, domain: Domain, tree: Digest?, artifact: Digest?, downgrade: Bool
    ) {
        self.decision = decision
        self.operatorName = operatorName
        self.reason = reason
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.suggestion = suggestion
        self.plan = plan
        self.policy = policy
        self.action = action
        self.target = target
        self.domain = domain
        self.tree = tree
        self.artifact = artifact
        self.downgrade = downgrade
    }

    /// Says `decision` about exactly `plan`, as asked for in `suggestion`.
    package init(
        plan: Plan, suggestion: SuggestionID, decision: Decision, operator operatorName: UserName, reason: String,
        notBefore: Timestamp, notAfter: Timestamp
    ) {
        self.decision = decision
        self.operatorName = operatorName
        self.reason = reason
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.suggestion = suggestion
        self.plan = plan.digest
        policy = plan.policy.digest
        action = plan.action
        target = plan.target.name
        domain = plan.target.domain
        tree = plan.to.treeDigest
        artifact = plan.to.artifact
        downgrade = plan.downgrade == .yes
    }

    /// The payload that is signed.
    package var bytes: [UInt8] { json.documentBytes }
}

extension ApprovalStatement {
    package var json: JSONValue {
        var subjects: [JSONValue] = [ApprovalStatement.subject("plan", plan)]
        if let tree { subjects.append(ApprovalStatement.subject("tree", tree)) }
        if let artifact { subjects.append(ApprovalStatement.subject("artifact", artifact)) }
        return [
            "_type": .string(ApprovalStatement.statementType), "subject": .array(subjects),
            "predicateType": .string(ApprovalStatement.predicateType),
            "predicate": [
                "decision": .string(decision.rawValue), "operator": .string(operatorName.text),
                "reason": .string(reason), "notBefore": JSONValue(notBefore), "notAfter": JSONValue(notAfter),
                "suggestion": .string(suggestion.text), "policy": JSONValue(policy),
                "action": .string(action.rawValue), "target": .string(target.text), "domain": .string(domain.name),
                "downgrade": .bool(downgrade),
            ],
        ]
    }

    private static func subject(_ name: String, _ digest: Digest) -> JSONValue {
        ["name": .string(name), "digest": ["sha256": JSONValue(digest)]]
    }

    /// Reads a signed payload of at most 64 KiB, strictly.
    /// - Throws: A ``Refusal`` with code `bad_json` or `bad_document`.
    package init(bytes: [UInt8]) throws(Refusal) {
        let value: JSONValue
        do { value = try JSONParser.parse(bytes, maximumBytes: 65536, depth: 8) } catch {
            throw Refusal(error, of: "the approval statement")
        }
        do { try self.init(value) } catch { throw Refusal(error, of: "the approval statement") }
    }

    package init(_ value: JSONValue) throws(JSONShapeError) {
        var reader = try JSONReader(value)
        _ = try reader.parsed("_type", expected: ApprovalStatement.statementType) {
            $0 == ApprovalStatement.statementType ? $0 : nil
        }
        _ = try reader.parsed("predicateType", expected: ApprovalStatement.predicateType) {
            $0 == ApprovalStatement.predicateType ? $0 : nil
        }
        let subjects = try ApprovalStatement.subjects(try reader.readers("subject"))
        guard let plan = subjects["plan"] else { throw reader.error("subject", "names no plan") }
        self.plan = plan
        tree = subjects["tree"]
        artifact = subjects["artifact"]
        var predicate = try reader.reader("predicate")
        try reader.finish()
        decision = try predicate.parsed("decision", expected: "approve or reject") { Decision(rawValue: $0) }
        operatorName = try predicate.identifier("operator")
        reason = try predicate.string("reason")
        notBefore = try predicate.timestamp("notBefore")
        notAfter = try predicate.timestamp("notAfter")
        suggestion = try predicate.identifier("suggestion")
        policy = try predicate.digest("policy")
        action = try predicate.parsed("action", expected: "promote or rollback") { Plan.Action(rawValue: $0) }
        target = try predicate.identifier("target")
        domain = try predicate.domain("domain")
        downgrade = try predicate.bool("downgrade")
        try predicate.finish()
    }

    private static func subjects(_ readers: [JSONReader]) throws(JSONShapeError) -> [String: Digest] {
        var subjects: [String: Digest] = [:]
        for reader in readers {
            var reader = reader
            let name = try reader.parsed("name", expected: "plan, tree or artifact") { name in
                ["plan", "tree", "artifact"].first { $0.hasSameCodePoints(as: name) }
            }
            var digests = try reader.reader("digest")
            let digest = try digests.digest("sha256")
            try digests.finish()
            try reader.finish()
            guard subjects.updateValue(digest, forKey: name) == nil else {
                throw reader.error("name", "appears twice")
            }
        }
        return subjects
    }
}
