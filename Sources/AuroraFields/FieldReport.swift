package import AuroraYAML

/// Collects the problems of a whole file.
///
/// Threading: none; it lives as long as one reading.
package final class FieldReport {
    /// The name of the file, as it is shown.
    package let file: String
    /// Whether a value must be written in its own type, as JSON Schema has it: text that could be read as a number or a
    /// truth value stands in quotes, numbers do not, and a field that is named has a value.
    package let isStrict: Bool
    /// At most a hundred; more help nobody.
    package private(set) var problems: [DocumentProblem] = []

    private static let limit = 100

    /// Whether no more problems are taken.
    var isFull: Bool { problems.count >= Self.limit }

    /// No problems yet.
    package init(file: String, isStrict: Bool = false) {
        self.file = file
        self.isStrict = isStrict
    }

    /// Notes a problem.
    package func add(_ position: YAMLPosition, _ field: String, _ problem: String, _ remedy: String) {
        guard !isFull else { return }
        problems.append(
            DocumentProblem(
                file: file, line: position.line, column: position.column, field: field, problem: problem,
                remedy: remedy))
    }

    /// The problems in the order of the file.
    package var sorted: [DocumentProblem] {
        problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }

    /// - Throws: every problem there is.
    package func finish() throws(DocumentError) {
        guard problems.isEmpty else { throw DocumentError(problems: sorted) }
    }
}
