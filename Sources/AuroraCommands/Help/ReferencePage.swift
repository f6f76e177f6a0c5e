/// The reference pages of the documentation, made from the command table.
struct ReferencePage {
    let table: CommandTable

    /// The text of `docs/reference/cli.md`.
    var commands: String {
        var text = """
            # The command line

            Made from the command table by `make docs`; do not edit. Every command also takes the options of the last
            section.


            """
        for noun in table.nouns {
            let aliases = noun.aliases.map { "`\($0)`" }.joined(separator: ", ")
            text += "## aurora \(noun.name)\n\n\(noun.summary.capitalizedFirst). Also: \(aliases).\n\n"
            text += table.visible(below: [noun.name]).map(section).joined()
        }
        text += "## Other commands\n\n" + table.general.map(section).joined()
        text += "## Options of every command\n\n" + Self.options(CommandTable.globalOptions)
        return text.withoutEmptyEnd
    }

    /// The text of `docs/reference/exit-codes.md`.
    var exitCodes: String {
        let rows = ExitCode.allCases.map { "| \($0.rawValue) | \($0.summary) |\n" }.joined()
        return """
            # Exit codes

            Made from the program by `make docs`; do not edit. The numbers never change their meaning.

            | code | meaning |
            | --- | --- |
            \(rows)
            """
    }

    private func section(_ command: Command) -> String {
        var text = "### aurora \(command.name)\n\n\(command.summary.capitalizedFirst).\n\n"
        text += "```text\naurora \(command.usage)\n```\n\n"
        if !command.discussion.isEmpty { text += command.discussion + "\n\n" }
        for argument in command.arguments { text += "- `\(argument.usage)`: \(argument.summary)\n" }
        if !command.arguments.isEmpty { text += "\n" }
        text += Self.options(command.options)
        if !command.examples.isEmpty {
            text += "```sh\n" + command.examples.map { "aurora \($0)\n" }.joined() + "```\n\n"
        }
        return text
    }

    private static func options(_ options: [CommandOption]) -> String {
        guard !options.isEmpty else { return "" }
        let rows = options.map { "| `\($0.usage)` | \(escape($0.summary)) |\n" }.joined()
        return "| option | meaning |\n| --- | --- |\n" + rows + "\n"
    }

    private static func escape(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}

extension String {
    fileprivate var capitalizedFirst: String {
        guard let first else { return self }
        return first.uppercased() + dropFirst()
    }

    fileprivate var withoutEmptyEnd: String {
        var text = self
        while text.hasSuffix("\n\n") { text.removeLast() }
        return text
    }
}
