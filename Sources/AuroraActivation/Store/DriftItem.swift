package import AuroraModel

/// One way in which a tree differs from its manifest.
package struct DriftItem: Hashable, Sendable {
    package enum Problem: String, Hashable, Sendable {
        case added
        case removed
        /// Another kind, content or link target.
        case changed
        /// The execute bit, or a write or set-id bit on a tree that Aurora made read-only.
        case mode
        /// The tree as a whole is not the one that was activated; the path is empty.
        case replaced
        /// The tree cannot be compared: it was adopted with content that a manifest cannot describe.
        case unknown
    }

    /// Relative to the tree's root.
    package let path: String
    package let problem: Problem

    package init(path: String, problem: Problem) {
        self.path = path
        self.problem = problem
    }

    /// The same fact in the words of a plan, which has three of them.
    package var planDrift: PlanDrift {
        let shown = path.isEmpty ? "." : path
        switch problem {
        case .added: return PlanDrift(path: shown, problem: .added)
        case .removed: return PlanDrift(path: shown, problem: .removed)
        case .changed, .mode, .replaced, .unknown: return PlanDrift(path: shown, problem: .changed)
        }
    }
}
