package import AuroraActivation
package import AuroraModel

/// Everything about one target that a page or command shows.
package struct TargetStatus: Sendable {
    package let description: TargetDescription
    package let active: Generation?
    /// The staged release behind the active generation; nil for adopted content.
    package let release: StagedRelease?
    /// What one rollback would bring back; nil when nothing can be taken back.
    package let rollbackTarget: Generation?
    package let generations: [Generation]
    /// Nil while a change is under way.
    package let drift: [DriftItem]?
    package let blocked: [TargetState.Block]
    /// Why the target needs a person; nil when all is well.
    package let degraded: String?
    package let change: ChangeID?
    package let apply: [String]
    package let health: [String]
}
