/// Everything the program can do, in the order help shows it.
package struct CommandTable: Sendable {
    /// The nouns, in the order of help.
    package let nouns: [Noun]
    /// Every command, hidden ones too.
    package let commands: [Command]

    /// Options every command takes.
    package static let globalOptions: [CommandOption] = [
        .value("hub", "URL", "the hub's operator address [$AURORA_HUB, else http://localhost:9711]"),
        .value("token-file", "FILE", hint: .file, "read the access token from FILE, - is standard input"),
        .value("ca-file", "FILE", hint: .file, "trust the certificate authorities of FILE for the hub's TLS"),
        .value("timeout", "SECONDS", "how long to wait for one answer or one change [600]"),
        .value(
            "output", "FORMAT", short: "o", hint: .choice(["table", "json", "name"]),
            "table for people, json for programs, name for names alone"),
        .flag("json", "same as --output json"),
        .flag("quiet", short: "q", "results and errors only"),
        .flag("verbose", short: "v", "say more: requests, and where an error came from"),
        .flag("no-color", "no colours [also $NO_COLOR]"),
        .flag("no-input", "never ask; fail with the option that answers instead"),
        .flag("yes", short: "y", "answer simple questions with yes"),
        .flag("help", short: "h", "show help and end"),
    ]

    /// The noun a word means, if any.
    package func noun(_ word: String) -> Noun? {
        nouns.first { $0.name == word || $0.aliases.contains(word) }
    }

    /// Commands that people see, below `path` or all of them.
    package func visible(below path: [String] = []) -> [Command] {
        commands.filter { !$0.isHidden && $0.path.starts(with: path) }
    }

    /// Commands without a noun, such as `login`.
    package var general: [Command] {
        visible().filter { command in command.path.count == 1 && noun(command.path[0]) == nil }
    }

    /// The option of that long name, wherever it is taken.
    ///
    /// A name means one shape in the whole table.
    package func option(named name: String) -> CommandOption? {
        Self.globalOptions.first { $0.name == name }
            ?? commands.lazy.flatMap(\.options).first { $0.name == name }
    }

    /// The option of that letter, wherever it is taken.
    package func option(short letter: Character) -> CommandOption? {
        Self.globalOptions.first { $0.short == letter }
            ?? commands.lazy.flatMap(\.options).first { $0.short == letter }
    }
}
