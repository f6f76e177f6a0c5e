/// Manual pages in mdoc, made from the command table.
struct ManualPage {
    let table: CommandTable

    /// The pages by file name: `aurora.1`, and one for every noun.
    var pages: [(file: String, text: String)] {
        [("aurora.1", overview)] + table.nouns.map { ("aurora-\($0.name).1", page($0)) }
    }

    private var overview: String {
        let nouns = table.nouns.map { ".It Xr aurora-\($0.name) 1\n\(Self.sentence($0.summary))" }
        let verbs = table.general.map { Self.item($0) }
        return head("aurora", "safe, approved, reversible software updates")
            + """
            .Sh SYNOPSIS
            .Nm
            .Ar noun
            .Ar verb
            .Op Ar arguments
            .Op Ar options
            .Sh DESCRIPTION
            Aurora verifies signed software, asks people for their approval of exactly those bytes,
            makes it active in one atomic step and takes it back in one step, with every act in a verifiable log.
            .Ss Nouns
            .Bl -tag -width Ds
            \(nouns.joined(separator: "\n"))
            .El
            .Ss Other commands
            .Bl -tag -width Ds
            \(verbs.joined(separator: "\n"))
            .El
            .Ss Options of every command
            \(Self.options(CommandTable.globalOptions))
            \(Self.environment)
            .Sh EXIT STATUS
            .Bl -tag -width Ds
            \(ExitCode.allCases.map { ".It \($0.rawValue)\n\(Self.sentence($0.summary))" }.joined(separator: "\n"))
            .El
            .Sh SEE ALSO
            \(table.nouns.map { ".Xr aurora-\($0.name) 1" }.sorted().joined(separator: " ,\n"))

            """
    }

    private static let environment = """
        .Sh ENVIRONMENT
        .Bl -tag -width Ds
        .It Ev AURORA_HUB
        The hub's operator address.
        .It Ev AURORA_TOKEN_FILE
        A file that holds the access token.
        .It Ev AURORA_API_TOKEN
        The access token itself, for CI.
        .It Ev AURORA_STATE
        The hub's state folder.
        .It Ev NO_COLOR
        No colours.
        .El
        """

    private func page(_ noun: Noun) -> String {
        let commands = table.visible(below: [noun.name])
        let synopsis = commands.map { command in
            ([".Nm aurora " + command.name] + command.arguments.map(Self.synopsis) + [".Op Ar options"])
                .joined(separator: "\n")
        }
        return head("aurora-\(noun.name)", noun.summary)
            + """
            .Sh SYNOPSIS
            \(synopsis.joined(separator: "\n"))
            .Sh DESCRIPTION
            .Bl -tag -width Ds
            \(commands.map { Self.item($0) }.joined(separator: "\n"))
            .El
            .Sh EXIT STATUS
            See
            .Xr aurora 1 .
            .Sh SEE ALSO
            .Xr aurora 1

            """
    }

    private func head(_ name: String, _ summary: String) -> String {
        """
        .Dd November 20, 2026
        .Dt \(name.uppercased()) 1
        .Os
        .Sh NAME
        .Nm \(name)
        .Nd \(Self.escape(summary))

        """
    }

    private static func item(_ command: Command) -> String {
        var lines = [".It Ic " + ([command.name] + command.arguments.map(\.usage)).map(escape).joined(separator: " ")]
        lines.append(sentence(command.summary))
        for paragraph in TextWrap.paragraphs(command.discussion) {
            lines += [".Pp"] + sentences(paragraph)
        }
        if !command.options.isEmpty { lines.append(options(command.options)) }
        if !command.examples.isEmpty {
            lines += [".Pp", "Examples:", ".Bd -literal -offset indent"]
            lines += command.examples.map { escape("aurora " + $0) } + [".Ed"]
        }
        return lines.joined(separator: "\n")
    }

    private static func options(_ options: [CommandOption]) -> String {
        let items = options.map { option in
            let short = option.short.map { "Fl \($0) , " } ?? ""
            let value = option.valueName.map { " Ar " + $0 } ?? ""
            return ".It \(short)Fl -\(option.name)\(value)\n\(sentence(option.summary))"
        }
        return ([".Bl -tag -width Ds"] + items + [".El"]).joined(separator: "\n")
    }

    private static func synopsis(_ argument: CommandArgument) -> String {
        switch argument.count {
        case .one: ".Ar \(argument.name)"
        case .oneOrMore: ".Ar \(argument.name) ..."
        case .optional: ".Op Ar \(argument.name)"
        case .any: ".Op Ar \(argument.name) ..."
        }
    }

    private static func sentence(_ text: String) -> String {
        let escaped = escape(text)
        guard let first = escaped.first else { return "" }
        return first.uppercased() + escaped.dropFirst() + "."
    }

    /// A paragraph with every sentence on a line of its own, as roff wants it.
    private static func sentences(_ text: String) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
            if word.hasSuffix(".") || word.hasSuffix("?") { lines.append("") }
        }
        return lines.filter { !$0.isEmpty }.map(escape)
    }

    /// Text that roff takes literally.
    private static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\e"
            case "…": result += "..."
            case "→": result += "\\(->"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result.hasPrefix(".") || result.hasPrefix("'") ? "\\&" + result : result
    }
}
