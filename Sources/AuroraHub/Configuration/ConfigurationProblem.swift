/// One thing wrong in `aurora.yaml`: where, which field, what, and what to write instead.
package struct ConfigurationProblem: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    /// Counted from 1; both 0 when the file as a whole is meant.
    package let line: Int
    package let column: Int
    /// The path of the field, such as `targets[0].kind`; empty for the document.
    package let field: String
    package let problem: String
    package let remedy: String

    /// One line such as `aurora.yaml:12:5: targets[0].kind: …; next: …`.
    package var description: String {
        let place = line > 0 ? "\(file):\(line):\(column)" : file
        return "\(place): \(field.isEmpty ? "" : "\(field): ")\(problem); next: \(remedy)"
    }
}

/// All problems of one file, in the order of the file.
package struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    package let problems: [ConfigurationProblem]

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
