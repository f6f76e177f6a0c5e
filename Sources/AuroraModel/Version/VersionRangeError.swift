/// Why a text is no version range: the token, where it stands and what to write instead.
package struct VersionRangeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The rule that was broken; stable, for tests and for callers that branch.
    package enum Rule: String, Sendable {
        case tooLong, tooManyComparators, unknownToken, missingVersion, missingComparator, badHyphenRange
        case leadingZero, tooManyNumbers, numberAfterWildcard, emptyIdentifier, partialPrerelease
    }

    package let rule: Rule
    /// The part that is not understood, harmless in one line; empty where something is missing.
    package let token: String
    /// Where it begins in the text, in code points from 1.
    package let column: Int
    package let problem: String
    package let remedy: String

    package init(rule: Rule, token: String, column: Int, problem: String, remedy: String) {
        self.rule = rule
        self.token = token.printable(limit: 60)
        self.column = column
        self.problem = problem
        self.remedy = remedy
    }

    package var description: String {
        "version range, column \(column): \(token.isEmpty ? "" : "\"\(token)\" ")\(problem); next: \(remedy)"
    }
}
