/// Why bytes are not the JSON that Aurora accepts.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The rule that was broken; stable, for tests and for callers that branch.
    package enum Rule: String, Sendable {
        case tooLarge, tooDeep, unexpectedEnd, unexpectedCharacter, trailingData, duplicateKey
        case invalidUTF8, loneSurrogate, badEscape, controlCharacter, badNumber, numberOutOfRange, fraction
    }

    package let rule: Rule
    /// Position of the offending byte, counted from 0.
    package let offset: Int
    package let detail: String

    package init(rule: Rule, offset: Int, detail: String) {
        self.rule = rule
        self.offset = offset
        self.detail = detail
    }

    package var description: String { "not acceptable JSON at byte \(offset): \(detail)" }
}

/// A well-formed JSON document that does not have the shape its format asks for.
package struct JSONShapeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where, as member names joined by dots with `[index]` for elements; empty for the document itself.
    package let path: String
    package let problem: String

    package init(path: String, problem: String) {
        self.path = path
        self.problem = problem
    }

    package var description: String { path.isEmpty ? "the document \(problem)" : "\(path) \(problem)" }
}
