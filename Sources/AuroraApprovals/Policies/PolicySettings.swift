package import AuroraModel

/// What a configuration says about a policy; everything left out keeps its default (docs/reference/policy.md).
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
