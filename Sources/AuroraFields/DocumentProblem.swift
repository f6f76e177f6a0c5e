/// One thing wrong in a text people write: where, which field, what, and what to write instead.
package struct DocumentProblem: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    /// Counted from 1; both 0 when the file as a whole is meant.
    package let line: Int
    package let column: Int
    /// The path of the field, such as `targets[0].kind`; empty for the document.
    package let field: String
    package let problem: String
    package let remedy: String

    /// A problem at a place; `line` and `column` 0 mean the file as a whole.
    package init(file: String, line: Int, column: Int, field: String, problem: String, remedy: String) {
        self.file = file
        self.line = line
        self.column = column
        self.field = field
        self.problem = problem
        self.remedy = remedy
    }

    /// One line such as `aurora.yaml:12:5: targets[0].kind: …; next: …`.
    package var description: String { "\(statement); next: \(remedy)" }

    /// The place and what is wrong there, without the remedy.
    package var statement: String {
        let place = line > 0 ? "\(file):\(line):\(column)" : file
        return "\(place): \(field.isEmpty ? "" : "\(field): ")\(problem)"
    }
}

/// All problems of one file, in the order of the file.
package struct DocumentError: Error, Hashable, Sendable, CustomStringConvertible {
    package let problems: [DocumentProblem]

    /// At least one problem.
    package init(problems: [DocumentProblem]) { self.problems = problems }

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
