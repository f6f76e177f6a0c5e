/// A positional word of a command.
package struct CommandArgument: Hashable, Sendable {
    /// How often it stands on the line.
    package enum Count: Hashable, Sendable {
        case one
        case optional
        case oneOrMore
        case any
    }

    /// The name help shows between angle brackets.
    package let name: String
    /// What it is, one line, no full stop.
    package let summary: String
    /// How often it stands on the line.
    package let count: Count
    /// What may stand there.
    package let hint: ValueHint

    init(_ name: String, _ summary: String, count: Count = .one, hint: ValueHint = .anything) {
        self.name = name
        self.summary = summary
        self.count = count
        self.hint = hint
    }

    /// How the usage line shows it.
    package var usage: String {
        switch count {
        case .one: "<\(name)>"
        case .optional: "[<\(name)>]"
        case .oneOrMore: "<\(name)>…"
        case .any: "[<\(name)>…]"
        }
    }
}
