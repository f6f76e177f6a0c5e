/// Why a text was not accepted as YAML, and where.
package struct YAMLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The rule that was broken.
    package enum Rule: String, Hashable, Sendable {
        /// Not well-formed YAML, not UTF-8, or cut off; the text is libyaml's.
        case syntax
        /// `&anchor`, `*alias` or a `!tag`: they make a text mean more than it shows.
        case aliasOrTag
        case duplicateKey
        /// A key that is a list or a mapping.
        case complexKey
        case tooDeep
        case tooManyNodes
        case tooLarge
        case empty
        /// More than one document in one text.
        case severalDocuments
    }

    package let rule: Rule
    package let position: YAMLPosition
    /// What is wrong and what to write instead; no trailing full stop.
    package let message: String

    package init(rule: Rule, position: YAMLPosition, message: String) {
        self.rule = rule
        self.position = position
        self.message = message
    }

    package var description: String { "line \(position.line), column \(position.column): \(message)" }
}
