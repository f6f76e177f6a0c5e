/// The completion script of zsh, made from the command table.
///
/// `path` and `options` are zsh's own names: a function that takes `path` for itself finds no program any more.
struct ZshCompletion {
    let table: CommandTable

    /// The script.
    var script: String {
        """
        #compdef aurora
        # zsh completion of aurora, made by `aurora completion zsh`
        _aurora_live() {
            local -a names
            names=(${(f)"$(aurora complete $1 --no-input 2>/dev/null | sed -e 's/:/\\\\:/g' -e 's/\\t/:/')"})
            _describe $1 names
        }
        _aurora() {
            local place="" word i
            for (( i = 2; i < CURRENT; i++ )); do
                word=${words[i]}
                [[ $word == -* ]] && continue
                if [[ -z $place ]]; then
                    case $word in
        \(nounCases)
                    esac
                fi
                case "${place:+$place }$word" in
        \(pathCases)
                esac
            done
            if [[ ${words[CURRENT-1]} == --* ]]; then
                case ${words[CURRENT-1]#--} in
        \(valueCases)
                esac
            fi
            if [[ ${words[CURRENT]} == -* ]]; then
                local -a flags
                case $place in
        \(optionCases)
                esac
                flags+=(\(CommandTable.globalOptions.map(Self.described).joined(separator: " ")))
                _describe option flags
                return
            fi
            local -a next
            case $place in
        \(wordCases)
            esac
        }
        _aurora "$@"

        """
    }

    private var nounCases: String {
        table.nouns.map { "            \($0.aliases.joined(separator: "|"))) word=\($0.name) ;;" }
            .joined(separator: "\n")
    }

    private var pathCases: String {
        let paths = CompletionPaths(table: table).all.filter { !$0.isEmpty }
        let names = paths.map { "\"\($0.joined(separator: " "))\"" }.joined(separator: "|")
        return "        \(names)) place=\"${place:+$place }$word\" ;;"
    }

    private var valueCases: String {
        CompletionPaths(table: table).valueOptions.map { option in
            "        \(option.name)) \(action(option.hint)); return ;;"
        }.joined(separator: "\n")
    }

    private var optionCases: String {
        table.visible().filter { !$0.options.isEmpty }.map { command in
            "        \"\(command.name)\") flags=(\(command.options.map(Self.described).joined(separator: " "))) ;;"
        }.joined(separator: "\n")
    }

    private var wordCases: String {
        CompletionPaths(table: table).all.map { path in
            "    \"\(path.joined(separator: " "))\") \(next(path)) ;;"
        }.joined(separator: "\n")
    }

    private func next(_ path: [String]) -> String {
        if let command = table.commands.first(where: { $0.path == path }) {
            return command.arguments.first.map { action($0.hint) } ?? ":"
        }
        let words = CompletionPaths(table: table).next(path).map { Self.quote("\($0.word):\($0.summary)") }
        return "next=(\(words.joined(separator: " "))); _describe word next"
    }

    private func action(_ hint: ValueHint) -> String {
        switch hint {
        case .anything: ":"
        case .file: "_files"
        case .directory: "_files -/"
        case .choice(let words): "compadd -- " + words.joined(separator: " ")
        case .live(let kind): "_aurora_live \(kind.rawValue)"
        }
    }

    private static func described(_ option: CommandOption) -> String {
        quote("--\(option.name):\(option.summary)")
    }

    private static func quote(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
