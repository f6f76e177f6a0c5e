/// The exact description of a change before it happens (`aurora-plan-v1`, docs/formats/plan.md).
///
/// Approvers sign its digest, so everything that makes two changes different stands in it, and nothing that is mere
/// circumstance (no clock, no requester): made again from the same state it has the same bytes.
package struct Plan: Hashable, Sendable {
    package static let format = "aurora-plan-v1"

    package enum Action: String, Sendable, CaseIterable {
        case promote
        case rollback
    }

    /// Whether the new version is older than the active one.
    package enum Downgrade: String, Sendable, CaseIterable {
        case no
        case yes
        /// No signed release file on one of the sides, so nobody can tell.
        case unknown
    }

    package let action: Action
    package let target: TargetDescription
    package let from: PlanState
    package let to: PlanState
    package let signature: SignatureVerdict
    package let files: PlanFiles
    /// How the active tree differs from what was activated.
    package let drift: [PlanDrift]
    /// The argument list run after the switch; empty when nothing is restarted.
    package let restart: [String]
    /// The argument list that proves health; empty when there is no check.
    package let health: [String]
    /// Nil when no trial was made.
    package let trial: PlanTrial?
    package let downgrade: Downgrade
    package let policy: PlanPolicy

    package init(
        action: Action, target: TargetDescription, from: PlanState, to: PlanState, signature: SignatureVerdict,
        files: PlanFiles, drift: [PlanDrift] = [], restart: [String] = [], health: [String] = [],
        trial: PlanTrial? = nil, downgrade: Downgrade = .unknown, policy: PlanPolicy
    ) {
        self.action = action
        self.target = target
        self.from = from
        self.to = to
        self.signature = signature
        self.files = files
        self.drift = drift
        self.restart = restart
        self.health = health
        self.trial = trial
        self.downgrade = downgrade
        self.policy = policy
    }

    /// Whether the artifact carries no good signature.
    package var isUnsigned: Bool { !signature.isGood }

    /// The canonical bytes: what is stored, served and signed.
    package var bytes: [UInt8] { json.documentBytes }

    /// The SHA-256 of ``bytes``, which approvals name.
    package var digest: Digest { Digest(hashing: bytes) }
}

extension Plan {
    package var json: JSONValue {
        var object: JSONObject = [
            "format": .string(Plan.format), "action": .string(action.rawValue), "target": target.json,
            "from": from.json, "to": to.json, "signature": signature.json, "files": files.json,
            "drift": .array(drift.map(\.json)), "restart": JSONValue(restart), "health": JSONValue(health),
            "downgrade": .string(downgrade.rawValue), "unsigned": .bool(isUnsigned), "policy": policy.json,
        ]
        if let trial { object["trial"] = trial.json }
        return .object(object)
    }

    package init(_ value: JSONValue) throws(JSONShapeError) {
        var reader = try JSONReader(value)
        _ = try reader.parsed("format", expected: Plan.format) { $0 == Plan.format ? $0 : nil }
        action = try reader.parsed("action", expected: "promote or rollback") { Action(rawValue: $0) }
        target = try TargetDescription(try reader.reader("target"))
        from = try PlanState(try reader.reader("from"))
        to = try PlanState(try reader.reader("to"))
        signature = try SignatureVerdict(try reader.reader("signature"))
        files = try PlanFiles(try reader.reader("files"))
        var drift: [PlanDrift] = []
        for item in try reader.readers("drift") { drift.append(try PlanDrift(item)) }
        self.drift = drift
        restart = try reader.strings("restart")
        health = try reader.strings("health")
        if let trial = try reader.optionalReader("trial") { self.trial = try PlanTrial(trial) } else { trial = nil }
        downgrade = try reader.parsed("downgrade", expected: "no, yes or unknown") { Downgrade(rawValue: $0) }
        policy = try PlanPolicy(try reader.reader("policy"))
        let unsigned = try reader.bool("unsigned")
        try reader.finish()
        guard unsigned == isUnsigned else { throw reader.error("unsigned", "contradicts the signature") }
    }

    /// Reads a stored or received plan; the bytes must be exactly the canonical ones.
    /// - Throws: A ``Refusal`` with code `bad_json`, `bad_document` or `plan_not_canonical`.
    package init(bytes: [UInt8]) throws(Refusal) {
        let value: JSONValue
        do { value = try JSONParser.parse(bytes, maximumBytes: 4_194_304) } catch {
            throw Refusal(error, of: "the plan")
        }
        do { try self.init(value) } catch { throw Refusal(error, of: "the plan") }
        guard self.bytes == bytes else {
            throw Refusal(
                .badRequest, code: "plan_not_canonical", "the plan is not in canonical form",
                rule: "a plan is named by the digest of its canonical bytes",
                remedy: "fetch the plan from the hub and use those bytes unchanged")
        }
    }
}
