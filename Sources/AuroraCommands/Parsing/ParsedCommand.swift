/// A command line that has been understood.
package struct ParsedCommand: Sendable {
    /// What was asked for.
    package let command: Command
    /// The positional words by the name of their argument.
    package let arguments: [String: [String]]
    /// The values of the options by long name; a switch has an empty list.
    package let options: [String: [String]]

    /// Whether the option stands on the line.
    func has(_ option: String) -> Bool { options[option] != nil }

    /// The last value of the option.
    func value(_ option: String) -> String? { options[option]?.last }

    /// Every value of a repeatable option.
    func values(_ option: String) -> [String] { options[option] ?? [] }

    /// The word given for an optional argument.
    func argument(_ name: String) -> String? { arguments[name]?.first }

    /// The words given for a repeated argument.
    func words(_ name: String) -> [String] { arguments[name] ?? [] }
}

/// What a command line asks for.
package enum Request: Sendable {
    case run(ParsedCommand)
    /// Help on these words: nothing, a noun or a command.
    case help([String], global: [String: [String]])
}
