/// The completion script of fish, made from the command table.
struct FishCompletion {
    let table: CommandTable

    /// The script.
    var script: String {
        """
        # fish completion of aurora, made by `aurora completion fish`
        function __aurora_path
            set -l path
            for word in (commandline -opc)[2..-1]
                string match -q -- '-*' $word; and continue
                if test -z "$path"
                    switch $word
        \(nounCases)
                    end
                end
                switch (string join ' ' $path $word)
                    case \(pathNames)
                        set -a path $word
                end
            end
            string join ' ' $path
        end
        function __aurora_at
            set -l path (__aurora_path)
            test "$path" = "$argv"
        end
        function __aurora_live
            aurora complete $argv --no-input 2>/dev/null
        end
        complete -c aurora -f
        \(lines.joined(separator: "\n"))

        """
    }

    private var nounCases: String {
        table.nouns.map { noun in
            "            case \(noun.aliases.joined(separator: " "))\n                set word \(noun.name)"
        }.joined(separator: "\n")
    }

    private var pathNames: String {
        CompletionPaths(table: table).all.filter { !$0.isEmpty }.map { Self.quote($0.joined(separator: " ")) }
            .joined(separator: " ")
    }

    private var lines: [String] {
        let paths = CompletionPaths(table: table).all
        return paths.flatMap(words) + table.visible().flatMap(options)
            + CommandTable.globalOptions.map { line(for: $0, condition: nil) }
    }

    private func words(_ path: [String]) -> [String] {
        let condition = Self.condition(path)
        if let command = table.commands.first(where: { $0.path == path }) {
            return command.arguments.first.flatMap { values($0.hint) }.map {
                ["complete -c aurora -n \(condition) \($0)"]
            }
                ?? []
        }
        return CompletionPaths(table: table).next(path).map { next in
            "complete -c aurora -n \(condition) -a \(next.word) -d \(Self.quote(next.summary))"
        }
    }

    private func options(_ command: Command) -> [String] {
        command.options.map { line(for: $0, condition: Self.condition(command.path)) }
    }

    private func line(for option: CommandOption, condition: String?) -> String {
        var parts = ["complete -c aurora"]
        if let condition { parts.append("-n " + condition) }
        parts.append("-l " + option.name)
        if let short = option.short { parts.append("-s \(short)") }
        if option.valueName != nil { parts.append("-r") }
        if let values = values(option.hint) { parts.append(values) }
        parts.append("-d " + Self.quote(option.summary))
        return parts.joined(separator: " ")
    }

    private func values(_ hint: ValueHint) -> String? {
        switch hint {
        case .anything: nil
        case .file: "-F"
        case .directory: "-a '(__fish_complete_directories)'"
        case .choice(let words): "-a " + Self.quote(words.joined(separator: " "))
        case .live(let kind): "-a '(__aurora_live \(kind.rawValue))'"
        }
    }

    private static func condition(_ path: [String]) -> String {
        quote("__aurora_at " + path.joined(separator: " "))
    }

    private static func quote(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "\\'") + "'"
    }
}
