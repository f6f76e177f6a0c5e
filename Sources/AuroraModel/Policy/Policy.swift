/// Who must say yes, and how, before a target may change (`aurora-policy-v1`, docs/formats/policy.md).
package struct Policy: Hashable, Sendable {
    package static let format = "aurora-policy-v1"

    /// Which kind of yes counts.
    package enum Signatures: String, Sendable, CaseIterable {
        /// Only statements signed with the operator's own key, which the hub does not have.
        case operatorSigned = "operator-signed"
        /// Also approvals made in a logged-in browser or by token, which the hub countersigns. Weaker.
        case browserAccepted = "browser-accepted"
    }

    /// What happens once enough people said yes.
    package enum Apply: String, Sendable, CaseIterable {
        case onApproval = "on-approval"
        case byHand = "by-hand"
    }

    /// Where it comes from: a domain, or a domain with a target's overrides.
    package var name: String
    package var domain: Domain
    package var safetyClass: SafetyClass
    /// Distinct people who must approve; 1 to 16.
    package var approvers: Int64 = 1
    /// Roles whose votes count, checked when the vote is cast and again before activation.
    package var approverRoles: [Role] = [.approver]
    package var signatures: Signatures = .operatorSigned
    /// Whether the person who asked may be one of the approvers.
    package var selfApproval = false
    /// Rejections that end a suggestion; 1 to 16.
    package var rejections: Int64 = 1
    /// Fewest characters of a reason; 0 only in development mode.
    package var reasonLength: Int64 = 10
    package var apply: Apply = .onApproval
    /// How long a suggestion, and each vote on it, may be acted on.
    package var approvalLifetimeSeconds: Int64 = 86400
    /// When a change may start, in UTC; empty means always.
    package var windows: [PolicyWindow] = []
    /// Whether artifacts without a good signature may be asked for at all.
    package var allowUnsigned = false
    /// Whether one of ``countersignKeys`` must have signed an approving statement too.
    package var requiresCountersignature = false
    /// Public keys in text form (`aurora-ed25519:… name`) of the ground segment.
    package var countersignKeys: [String] = []

    package init(name: String, domain: Domain, safetyClass: SafetyClass) {
        self.name = name
        self.domain = domain
        self.safetyClass = safetyClass
    }

    /// The policy that ships for `domain`, for its usual safety class or the one given.
    ///
    /// `core` routine: one approver, a browser's approval is accepted. Routine elsewhere: one approver with his own key.
    /// Safety-critical anywhere: two people with their own keys, never the one who asked. `satellite` also wants the
    /// countersignature of a ground-segment key.
    package static func defaults(for domain: Domain, safety: SafetyClass? = nil) -> Policy {
        let safety = safety ?? domain.defaultSafetyClass
        var policy = Policy(name: domain.name, domain: domain, safetyClass: safety)
        if safety == .safetyCritical { policy.approvers = 2 }
        if domain == .core, safety == .routine { policy.signatures = .browserAccepted }
        policy.requiresCountersignature = domain == .satellite
        return policy
    }

    /// What is weaker than a safety-critical target may be, as a sentence; nil when nothing is.
    package var safetyProblem: String? {
        guard safetyClass == .safetyCritical else { return nil }
        if approvers < 2 { return "a safety-critical target needs at least two approvers" }
        if signatures != .operatorSigned { return "a safety-critical target accepts operator-signed approvals only" }
        if selfApproval { return "a safety-critical target never allows self-approval" }
        if allowUnsigned { return "a safety-critical target never accepts unsigned artifacts" }
        if reasonLength < 10 { return "a safety-critical target needs reasons of at least 10 characters" }
        if domain == .satellite, !requiresCountersignature {
            return "a safety-critical satellite target needs the ground segment's countersignature"
        }
        return nil
    }

    /// The canonical bytes that ``digest`` names.
    package var bytes: [UInt8] { json.documentBytes }
    package var digest: Digest { Digest(hashing: bytes) }
}

extension Policy {
    package var json: JSONValue {
        [
            "format": .string(Policy.format), "name": .string(name), "domain": .string(domain.name),
            "safetyClass": .string(safetyClass.rawValue), "approvers": .integer(approvers),
            "approverRoles": JSONValue(approverRoles.map(\.rawValue)), "signatures": .string(signatures.rawValue),
            "selfApproval": .bool(selfApproval), "rejections": .integer(rejections),
            "reasonLength": .integer(reasonLength), "apply": .string(apply.rawValue),
            "approvalLifetimeSeconds": .integer(approvalLifetimeSeconds),
            "windows": .array(windows.map { .string($0.text) }), "allowUnsigned": .bool(allowUnsigned),
            "requiresCountersignature": .bool(requiresCountersignature),
            "countersignKeys": JSONValue(countersignKeys),
        ]
    }

    /// Reads what ``json`` wrote.
    package init(_ value: JSONValue) throws(JSONShapeError) {
        var reader = try JSONReader(value)
        _ = try reader.parsed("format", expected: Policy.format) { $0 == Policy.format ? $0 : nil }
        name = try reader.string("name")
        domain = try reader.domain("domain")
        safetyClass = try reader.safetyClass("safetyClass")
        approvers = try reader.integer("approvers", in: 1...16)
        approverRoles = []
        for role in try reader.strings("approverRoles") {
            guard let role = Role(rawValue: role) else { throw reader.error("approverRoles", "names an unknown role") }
            approverRoles.append(role)
        }
        signatures = try reader.parsed("signatures", expected: "a kind of signature") { Signatures(rawValue: $0) }
        selfApproval = try reader.bool("selfApproval")
        rejections = try reader.integer("rejections", in: 1...16)
        reasonLength = try reader.integer("reasonLength", in: 0...1000)
        apply = try reader.parsed("apply", expected: "on-approval or by-hand") { Apply(rawValue: $0) }
        approvalLifetimeSeconds = try reader.integer("approvalLifetimeSeconds", in: 1...31_536_000)
        windows = []
        for text in try reader.strings("windows") {
            guard let window = PolicyWindow(text) else { throw reader.error("windows", "holds a bad window") }
            windows.append(window)
        }
        allowUnsigned = try reader.bool("allowUnsigned")
        requiresCountersignature = try reader.bool("requiresCountersignature")
        countersignKeys = try reader.strings("countersignKeys")
        try reader.finish()
    }
}
