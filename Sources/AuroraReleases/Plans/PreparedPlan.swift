import AuroraActivation
package import AuroraModel

/// A plan with the full difference behind its counts.
package struct PreparedPlan: Hashable, Sendable {
    package let plan: Plan
    package let digest: Digest
    package let diff: TreeDiff
    /// The drift behind the plan's own list, as the engine wants it accepted.
    let drift: [DriftItem]

    init(plan: Plan, diff: TreeDiff, drift: [DriftItem]) {
        self.plan = plan
        digest = plan.digest
        self.diff = diff
        self.drift = drift
    }
}
