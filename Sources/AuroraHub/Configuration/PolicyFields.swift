import AuroraApprovals
import AuroraFields
import AuroraModel
import AuroraTrust

/// One field of a policy: how it is read, what is said about it, and what a finished policy has there.
struct PolicyField: Sendable {
    let field: Field<PolicySettings>
    let shown: @Sendable (Policy) -> String

    init(_ field: Field<PolicySettings>, _ shown: @escaping @Sendable (Policy) -> String) {
        self.field = field
        self.shown = shown
    }
}

extension PolicySettings: FieldSection {
    static var fields: [Field<PolicySettings>] { table.map(\.field) }

    /// Every field of a policy; docs/reference/policy.md shows them with the shipped defaults.
    static let table: [PolicyField] = [
        PolicyField(.integer("approvers", \.approvers, 1...16, "people", fallback: "", "distinct people who say yes")) {
            "\($0.approvers)"
        },
        PolicyField(
            .list(
                "approver_roles", of: "a role that may vote", fallback: "", "whose votes count",
                { Role(rawValue: $0).flatMap { $0.has(.vote) ? $0 : nil } }, into: { $0.approverRoles = $1 })
        ) { "`[\($0.approverRoles.map(\.rawValue).joined(separator: ", "))]`" },
        PolicyField(
            .choice(
                "signatures", fallback: "",
                "which yes counts: signed with the operator's own key only, or also one given in a browser or by token",
                into: { $0.signatures = $1 })
        ) { "`\($0.signatures.rawValue)`" },
        PolicyField(
            .bool(
                "self_approval", fallback: "", "whether who asked may be one of the approvers",
                into: { $0.selfApproval = $1 })
        ) { "`\($0.selfApproval)`" },
        PolicyField(
            .integer("rejections", \.rejections, 1...16, "people", fallback: "", "how many a no must come from")
        ) { "\($0.rejections)" },
        PolicyField(
            .integer("reason_length", \.reasonLength, 1...1000, "characters", fallback: "", "the shortest reason")
        ) { "\($0.reasonLength)" },
        PolicyField(
            .choice(
                "apply", fallback: "", "whether an approved change starts by itself or waits for somebody to start it",
                into: { $0.apply = $1 })
        ) { "`\($0.apply.rawValue)`" },
        PolicyField(
            .integer(
                "approval_lifetime_seconds", \.approvalLifetimeSeconds, 60...31_536_000, "seconds", fallback: "",
                "how long a suggestion and the votes on it may be acted on")
        ) { Quantity.text($0.approvalLifetimeSeconds, "seconds") },
        PolicyField(
            .list(
                "windows", of: "a window such as mon-fri 22:00-04:00", fallback: "",
                "when, in UTC, a change may start", { PolicyWindow($0) }, into: { $0.windows = $1 })
        ) { $0.windows.isEmpty ? "always" : $0.windows.map(\.text).joined(separator: ", ") },
        PolicyField(
            .bool(
                "allow_unsigned", fallback: "", "whether artifacts without a good signature may be asked for",
                into: { $0.allowUnsigned = $1 })
        ) { "`\($0.allowUnsigned)`" },
        PolicyField(
            .bool(
                "countersignature", fallback: "", "whether one of `countersign_keys` must have signed as well",
                into: { $0.requiresCountersignature = $1 })
        ) { "`\($0.requiresCountersignature)`" },
        PolicyField(
            .list(
                "countersign_keys", of: "a public key: aurora-ed25519:<base64url> name", fallback: "",
                "the keys of the ground segment", { (try? OperatorPublicKey($0)) == nil ? nil : $0 },
                into: { $0.countersignKeys = $1 })
        ) { $0.countersignKeys.isEmpty ? "none" : $0.countersignKeys.joined(separator: ", ") },
    ]

    /// A list of roles that is empty or names one twice would make a policy that nobody can read right.
    mutating func check(_ reader: FieldReader) {
        guard let roles = approverRoles, roles.isEmpty || Set(roles).count != roles.count else { return }
        reader.complain(
            "approver_roles", "must name roles that may vote, each once", "write approver_roles: [approver]")
    }
}
