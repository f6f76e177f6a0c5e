package import AuroraFields

/// Something that a look at a pack has found.
package struct PackFinding: Hashable, Sendable, CustomStringConvertible {
    /// How much it matters.
    package enum Severity: String, CaseIterable, Hashable, Sendable {
        /// The pack cannot be staged.
        case error
        /// The pack can be staged, and surely was meant otherwise.
        case warning
        /// Worth knowing.
        case note
    }

    package let severity: Severity
    package let problem: DocumentProblem

    /// A finding of this weight.
    package init(_ severity: Severity, _ problem: DocumentProblem) {
        self.severity = severity
        self.problem = problem
    }

    /// One line such as `warning: manifest.yaml:19:15: pack.artifacts[0].sha256: is empty; next: …`.
    package var description: String { "\(severity.rawValue): \(problem)" }
}
