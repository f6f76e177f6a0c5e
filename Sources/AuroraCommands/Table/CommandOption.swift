/// A word that starts with dashes.
package struct CommandOption: Hashable, Sendable {
    /// The long name without dashes.
    package let name: String
    /// The one-letter form, where one exists.
    package let short: Character?
    /// What stands for the value in help, such as `URL`; nil for a switch.
    package let valueName: String?
    /// What it does, one line, no full stop.
    package let summary: String
    /// What may stand as value; drives the check and the completions.
    package let hint: ValueHint
    /// Whether it may be given more than once.
    package let isRepeatable: Bool

    /// A switch: there or not there.
    static func flag(_ name: String, short: Character? = nil, _ summary: String) -> CommandOption {
        CommandOption(
            name: name, short: short, valueName: nil, summary: summary, hint: .anything, isRepeatable: false)
    }

    /// An option with a value.
    static func value(
        _ name: String, _ valueName: String, short: Character? = nil, hint: ValueHint = .anything,
        isRepeatable: Bool = false, _ summary: String
    ) -> CommandOption {
        CommandOption(
            name: name, short: short, valueName: valueName, summary: summary, hint: hint,
            isRepeatable: isRepeatable)
    }

    /// How help shows it: `-o, --output FORMAT`.
    package var usage: String {
        let long = "--" + name + (valueName.map { " " + $0 } ?? "")
        return short.map { "-\($0), \(long)" } ?? long
    }
}

/// What may stand in a place of the command line.
package enum ValueHint: Hashable, Sendable {
    case anything
    case file
    case directory
    /// One of these words; anything else is a usage error.
    case choice([String])
    /// The name of something the hub knows; completed live.
    case live(LiveKind)
}

/// Things whose names the hub can list for completion.
package enum LiveKind: String, CaseIterable, Hashable, Sendable {
    case releases, targets, suggestions, changes, users, tokens, artifacts
}
