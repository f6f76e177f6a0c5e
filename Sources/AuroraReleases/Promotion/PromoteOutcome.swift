package import AuroraApprovals
package import AuroraModel

/// What came of asking for a change.
package enum PromoteOutcome: Sendable {
    /// The target runs these bytes already; nothing was done.
    case alreadyActive
    /// A suggestion with exactly this plan waits for people: a new one, or the one that was open.
    case approvalRequired(Suggestion)
    /// An approval for exactly this plan was there and is used now.
    case started(Change)
}

/// What recovery at start found on one target and did.
package struct TargetRecovery: Sendable {
    package let target: TargetName
    /// One sentence for the log.
    package let summary: String
    /// The interrupted change, now ended; nil when none was under way.
    package let change: ChangeID?
    /// Whether a person has to look at this target.
    package let needsAttention: Bool
}
