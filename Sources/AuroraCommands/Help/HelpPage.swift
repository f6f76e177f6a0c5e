import AuroraModel

/// Help as text, made from the command table.
struct HelpPage {
    let table: CommandTable

    /// The page for these words: nothing, a noun, a command or `exit-codes`.
    func text(_ words: [String]) throws(CommandError) -> String {
        var path = words
        if let first = words.first, let noun = table.noun(first) { path[0] = noun.name }
        if path.isEmpty { return overview }
        if path == ["exit-codes"] { return exitCodes }
        if let command = table.commands.first(where: { $0.path == path }) { return page(command) }
        let below = table.visible(below: path)
        guard !below.isEmpty else {
            let known = table.nouns.map(\.name) + table.general.map(\.name) + ["exit-codes"]
            let meant = Nearest.match(words[0], in: known)
            throw .usage(
                "there is no help on '\(words.joined(separator: " "))'",
                remedy: meant.map { "did you mean 'aurora help \($0)'?" } ?? "aurora help")
        }
        return nounPage(path, below)
    }

    private var overview: String {
        let nouns = table.nouns.map { noun in
            (noun.name, noun.summary + (Self.second(noun).map { "; also: \($0)" } ?? ""))
        }
        return """
            aurora: safe, approved, reversible software updates

            Usage: aurora <noun> <verb> [arguments] [options]

            Start here:
              aurora demo               the whole job, for real, on this machine
              aurora hub start          run a hub; prints a one-time login link
              aurora doctor             see what this machine offers

            Nouns:
            \(Self.columns(nouns))
            Other commands:
            \(Self.columns(table.general.map { ($0.name, $0.summary) }))
            Options of every command:
            \(Self.columns(CommandTable.globalOptions.map { ($0.usage, $0.summary) }))
            aurora help <noun> lists its verbs; aurora help exit-codes what scripts can rely on.

            """
    }

    /// A second word for a noun that is more than its plural.
    private static func second(_ noun: Noun) -> String? {
        noun.aliases.first { !$0.hasPrefix(noun.name) }
    }

    private func nounPage(_ path: [String], _ commands: [Command]) -> String {
        let title = path.joined(separator: " ")
        let noun = table.noun(path[0])
        let also = noun.map { $0.aliases.isEmpty ? "" : "\nAlso: " + $0.aliases.joined(separator: ", ") + "\n" }
        let summary = path.count == 1 ? noun?.summary ?? "" : "more verbs"
        return """
            aurora \(title): \(summary)

            \(Self.columns(commands.map { ($0.name, $0.summary) }))\(also ?? "")
            aurora help \(title) <verb> shows one of them.

            """
    }

    private func page(_ command: Command) -> String {
        var parts = ["aurora \(command.name): \(command.summary)", "Usage: aurora \(command.usage)"]
        if !command.discussion.isEmpty { parts.append(TextWrap.wrap(command.discussion, width: 80)) }
        if !command.arguments.isEmpty {
            parts.append(
                "Arguments:\n" + Self.columns(command.arguments.map { ($0.usage, $0.summary) }).withoutLastNewline)
        }
        if !command.options.isEmpty {
            parts.append("Options:\n" + Self.columns(command.options.map { ($0.usage, $0.summary) }).withoutLastNewline)
        }
        if !command.examples.isEmpty {
            parts.append("Examples:\n" + command.examples.map { "  aurora " + $0 }.joined(separator: "\n"))
        }
        parts.append("aurora help shows the options every command takes.")
        return parts.joined(separator: "\n\n") + "\n"
    }

    private var exitCodes: String {
        "Exit codes:\n" + Self.columns(ExitCode.allCases.map { (String($0.rawValue), $0.summary) })
    }

    /// Two columns, the second wrapped beside itself.
    private static func columns(_ rows: [(String, String)]) -> String {
        let width = min(26, (rows.map(\.0.count).max() ?? 0) + 2)
        return rows.map { left, right in
            let indent = String(repeating: " ", count: width + 2)
            let lines = TextWrap.lines(right, width: max(20, 78 - width))
            let pad = left.count < width ? String(repeating: " ", count: width - left.count) : "\n" + indent
            return "  " + left + pad + lines.joined(separator: "\n" + indent) + "\n"
        }.joined()
    }
}

/// Breaks text at blanks.
enum TextWrap {
    /// Paragraphs separated by an empty line, each broken to lines of at most `width` characters.
    static func wrap(_ text: String, width: Int) -> String {
        paragraphs(text).map { lines($0, width: width).joined(separator: "\n") }.joined(separator: "\n\n")
    }

    /// The paragraphs of a text.
    static func paragraphs(_ text: String) -> [String] {
        var paragraphs = [""]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty { paragraphs.append("") } else { paragraphs[paragraphs.count - 1] += " " + line }
        }
        return paragraphs.filter { !$0.isEmpty }
    }

    /// One paragraph in lines of at most `width` characters; a longer word gets a line of its own.
    static func lines(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(whereSeparator: \.isWhitespace) {
            if line.isEmpty {
                line = String(word)
            } else if line.count + 1 + word.count <= width {
                line += " " + word
            } else {
                lines.append(line)
                line = String(word)
            }
        }
        return lines + [line]
    }
}

extension String {
    fileprivate var withoutLastNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
