import AuroraModel

/// Turns the words of a command line into a request, by the table alone.
package struct CommandLineParser: Sendable {
    private let table: CommandTable

    /// A parser for the commands of `table`.
    package init(table: CommandTable) { self.table = table }

    /// Understands a command line without the program's name.
    ///
    /// Options may stand anywhere; `--` ends them; `--name=value` and `--name value` mean the same.
    package func parse(_ line: [String]) throws(CommandError) -> Request {
        let split = try splitOptions(line)
        let (path, rest) = resolve(split.words)
        let command = table.commands.first { $0.path == path }
        if split.options["help"] != nil { return .help(path, global: split.options) }
        if path.isEmpty {
            guard let word = split.words.first else { return .help([], global: split.options) }
            throw unknownCommand(word, below: [])
        }
        guard let command else {
            guard let word = rest.first else { return .help(path, global: split.options) }
            throw unknownCommand(word, below: path)
        }
        try check(split.options, for: command)
        return .run(
            ParsedCommand(
                command: command, arguments: try assign(rest, to: command), options: split.options))
    }

    // MARK: Options

    private func splitOptions(
        _ line: [String]
    ) throws(CommandError) -> (words: [String], options: [String: [String]]) {
        var words: [String] = []
        var options: [String: [String]] = [:]
        var index = 0
        while index < line.count {
            let word = line[index]
            index += 1
            if word == "--" {
                words += line[index...]
                break
            } else if word.hasPrefix("--") {
                try takeLong(word, line, &index, &options)
            } else if word.hasPrefix("-"), word.count > 1 {
                try takeShort(word, line, &index, &options)
            } else {
                words.append(word)
            }
        }
        return (words, options)
    }

    private func takeLong(
        _ word: String, _ line: [String], _ index: inout Int, _ options: inout [String: [String]]
    ) throws(CommandError) {
        let body = word.dropFirst(2)
        let name = String(body.prefix { $0 != "=" })
        guard let option = table.option(named: name) else { throw unknownOption(name) }
        let inline = body.contains("=") ? String(body.drop { $0 != "=" }.dropFirst()) : nil
        if option.valueName == nil {
            guard inline == nil else { throw .usage("--\(name) takes no value", remedy: "write --\(name) alone") }
            options[name, default: []] += []
            return
        }
        let value = if let inline { inline } else { try next(line, &index, for: option) }
        try store(option, value: value, in: &options)
    }

    private func takeShort(
        _ word: String, _ line: [String], _ index: inout Int, _ options: inout [String: [String]]
    ) throws(CommandError) {
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
            guard let option = table.option(short: letter) else {
                throw .usage("there is no option -\(letter)", remedy: "aurora help")
            }
            if option.valueName == nil {
                options[option.name, default: []] += []
                continue
            }
            let value = letters.isEmpty ? try next(line, &index, for: option) : String(letters)
            try store(option, value: value, in: &options)
            return
        }
    }

    private func next(
        _ line: [String], _ index: inout Int, for option: CommandOption
    ) throws(CommandError) -> String {
        guard index < line.count else {
            throw .usage("--\(option.name) needs a value", remedy: "write \(option.usage)")
        }
        defer { index += 1 }
        return line[index]
    }

    private func store(
        _ option: CommandOption, value: String, in options: inout [String: [String]]
    ) throws(CommandError) {
        if case .choice(let words) = option.hint, !words.contains(value) {
            throw .usage(
                "--\(option.name) does not know '\(value)'", remedy: "use one of: " + words.joined(separator: ", "))
        }
        if !option.isRepeatable, let before = options[option.name], before != [value] {
            throw .usage("--\(option.name) is given twice", remedy: "keep one of them")
        }
        options[option.name] = (option.isRepeatable ? options[option.name] ?? [] : []) + [value]
    }

    private func check(_ options: [String: [String]], for command: Command) throws(CommandError) {
        let known = Set((command.options + CommandTable.globalOptions).map(\.name))
        for name in options.keys.sorted() where !known.contains(name) {
            throw .usage(
                "'aurora \(command.name)' does not take --\(name)", remedy: "aurora help \(command.name)")
        }
    }

    // MARK: Words

    /// The longest beginning of `words` that is a command or the way to one, with nouns by their singular name.
    private func resolve(_ words: [String]) -> (path: [String], rest: [String]) {
        var path: [String] = []
        for word in words {
            let canonical = path.isEmpty ? table.noun(word)?.name ?? word : word
            guard table.commands.contains(where: { $0.path.starts(with: path + [canonical]) }) else { break }
            path.append(canonical)
            // A command that ends here takes the rest as arguments, unless longer commands go on.
            if table.commands.contains(where: { $0.path == path }), !hasCommands(below: path) { break }
        }
        return (path, Array(words.dropFirst(path.count)))
    }

    private func hasCommands(below path: [String]) -> Bool {
        table.commands.contains { $0.path.count > path.count && $0.path.starts(with: path) }
    }

    private func assign(_ words: [String], to command: Command) throws(CommandError) -> [String: [String]] {
        var rest = words[...]
        var result: [String: [String]] = [:]
        for argument in command.arguments {
            let takes = argument.count == .oneOrMore || argument.count == .any ? rest.count : min(1, rest.count)
            let taken = Array(rest.prefix(takes))
            if taken.isEmpty, argument.count == .one || argument.count == .oneOrMore {
                throw .usage(
                    "'aurora \(command.name)' needs <\(argument.name)>", cause: argument.summary,
                    remedy: "aurora \(command.usage)")
            }
            if case .choice(let choices) = argument.hint, let wrong = taken.first(where: { !choices.contains($0) }) {
                throw .usage(
                    "'aurora \(command.name)' does not know '\(wrong)'",
                    remedy: "use one of: " + choices.joined(separator: ", "))
            }
            result[argument.name] = taken
            rest = rest.dropFirst(takes)
        }
        if let extra = rest.first {
            throw .usage(
                "'aurora \(command.name)' does not take another word: '\(extra)'", remedy: "aurora \(command.usage)")
        }
        return result
    }

    // MARK: What was meant

    private func unknownCommand(_ word: String, below path: [String]) -> CommandError {
        var candidates = Set(table.visible(below: path).compactMap { $0.path.dropFirst(path.count).first })
        if path.isEmpty { candidates.formUnion(table.nouns.flatMap { [$0.name] + $0.aliases }) }
        let prefix = (["aurora"] + path).joined(separator: " ")
        let meant = Nearest.match(word, in: candidates.sorted())
        return .usage(
            "'\(prefix)' does not know '\(word)'",
            remedy: meant.map { "did you mean '\(prefix) \($0)'?" } ?? (["aurora help"] + path).joined(separator: " "))
    }

    private func unknownOption(_ name: String) -> CommandError {
        let all = (CommandTable.globalOptions + table.commands.filter { !$0.isHidden }.flatMap(\.options)).map(\.name)
        let meant = Nearest.match(name, in: Set(all).sorted())
        return .usage(
            "there is no option --\(name)", remedy: meant.map { "did you mean --\($0)?" } ?? "aurora help")
    }
}
