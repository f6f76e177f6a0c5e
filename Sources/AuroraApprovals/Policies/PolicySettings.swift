import AuroraCrypto
package import AuroraModel
import AuroraTrust
package import AuroraYAML

/// What a configuration says about a policy; everything left out keeps its default (docs/formats/policy.md).
package struct PolicySettings: Hashable, Sendable {
    package var approvers: Int64?
    package var approverRoles: [Role]?
    package var signatures: Policy.Signatures?
    package var selfApproval: Bool?
    package var rejections: Int64?
    package var reasonLength: Int64?
    package var apply: Policy.Apply?
    package var approvalLifetimeSeconds: Int64?
    package var windows: [PolicyWindow]?
    package var allowUnsigned: Bool?
    package var requiresCountersignature: Bool?
    package var countersignKeys: [String]?

    package init() {}

    /// Reads a mapping with the keys of `aurora.yaml` (`approvers`, `self_approval`, …).
    ///
    /// - Parameter path: Where the mapping stands, such as `policies.core`, for errors.
    /// - Throws: ``JSONShapeError`` naming the field; unknown fields are errors.
    package init(_ value: JSONValue, path: String = "policy") throws(JSONShapeError) {
        var reader = try JSONReader(value, path: path)
        approvers = try reader.optionalInteger("approvers", in: 1...16)
        approverRoles = try PolicySettings.roles(&reader)
        signatures = try reader.optionalParsed("signatures", expected: "operator-signed or browser-accepted") {
            Policy.Signatures(rawValue: $0)
        }
        selfApproval = try reader.optionalBool("self_approval")
        rejections = try reader.optionalInteger("rejections", in: 1...16)
        reasonLength = try reader.optionalInteger("reason_length", in: 1...1000)
        apply = try reader.optionalParsed("apply", expected: "on-approval or by-hand") { Policy.Apply(rawValue: $0) }
        approvalLifetimeSeconds = try reader.optionalInteger("approval_lifetime_seconds", in: 60...31_536_000)
        windows = try PolicySettings.windows(&reader)
        allowUnsigned = try reader.optionalBool("allow_unsigned")
        requiresCountersignature = try reader.optionalBool("countersignature")
        countersignKeys = try PolicySettings.keys(&reader)
        try reader.finish()
    }

    /// Reads the mapping from YAML.
    /// - Throws: A ``Refusal`` with code `bad_policy` that names line and field.
    package init(yaml node: YAMLNode, path: String = "policy") throws(Refusal) {
        do { try self.init(node.settingsValue, path: path) } catch {
            let inner = error.path.dropFirst(path.count)
            let place = node.deepest(at: String(inner)).position
            throw Refusal(
                .unprocessable, code: "bad_policy", "line \(place.line): \(error)", subject: error.path,
                rule: "the policy settings of aurora.yaml", remedy: "correct \(error.path)")
        }
    }

    private static func roles(_ reader: inout JSONReader) throws(JSONShapeError) -> [Role]? {
        guard let names = try reader.optionalStrings("approver_roles") else { return nil }
        var roles: [Role] = []
        for name in names {
            guard let role = Role(rawValue: name), role.has(.vote), !roles.contains(role) else {
                throw reader.error("approver_roles", "names \"\(name.printable(limit: 40))\", a role that may not vote")
            }
            roles.append(role)
        }
        guard !roles.isEmpty else { throw reader.error("approver_roles", "is empty: nobody could approve") }
        return roles
    }

    private static func windows(_ reader: inout JSONReader) throws(JSONShapeError) -> [PolicyWindow]? {
        guard let texts = try reader.optionalStrings("windows") else { return nil }
        var windows: [PolicyWindow] = []
        for (index, text) in texts.enumerated() {
            guard let window = PolicyWindow(text) else {
                throw reader.error("windows[\(index)]", "must look like \"mon-fri 22:00-04:00\" (UTC)")
            }
            windows.append(window)
        }
        return windows
    }

    private static func keys(_ reader: inout JSONReader) throws(JSONShapeError) -> [String]? {
        guard let texts = try reader.optionalStrings("countersign_keys") else { return nil }
        for (index, text) in texts.enumerated() {
            do { _ = try OperatorPublicKey(text) } catch {
                throw reader.error("countersign_keys[\(index)]", "is no public key: aurora-ed25519:<base64url> name")
            }
        }
        return texts
    }

    func apply(to policy: inout Policy) {
        policy.approvers = approvers ?? policy.approvers
        policy.approverRoles = approverRoles ?? policy.approverRoles
        policy.signatures = signatures ?? policy.signatures
        policy.selfApproval = selfApproval ?? policy.selfApproval
        policy.rejections = rejections ?? policy.rejections
        policy.reasonLength = reasonLength ?? policy.reasonLength
        policy.apply = apply ?? policy.apply
        policy.approvalLifetimeSeconds = approvalLifetimeSeconds ?? policy.approvalLifetimeSeconds
        policy.windows = windows ?? policy.windows
        policy.allowUnsigned = allowUnsigned ?? policy.allowUnsigned
        policy.requiresCountersignature = requiresCountersignature ?? policy.requiresCountersignature
        policy.countersignKeys = countersignKeys ?? policy.countersignKeys
    }
}

extension YAMLNode {
    /// This node as a JSON value: plain `true`, `false`, integers and null get their types, all else stays text.
    package var settingsValue: JSONValue {
        switch value {
        case .sequence(let nodes): .array(nodes.map(\.settingsValue))
        case .mapping(let entries): .object(JSONObject(entries.map { ($0.key, $0.value.settingsValue) }))
        case .scalar(let text, let isPlain): isPlain ? plainValue(text) : .string(text)
        }
    }

    private func plainValue(_ text: String) -> JSONValue {
        if isNull { return .null }
        if text == "true" || text == "false" { return .bool(text == "true") }
        // Only the one spelling of each number, so that 010 and +1 stay text and are refused where a number is wanted.
        if let number = Int64(text), String(number) == text { return .integer(number) }
        return .string(text)
    }
}
