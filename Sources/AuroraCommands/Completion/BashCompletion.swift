/// The completion script of bash, made from the command table.
///
/// Bash only gets word lists per command path; live names come from `aurora complete`.
struct BashCompletion {
    let table: CommandTable

    /// The script.
    var script: String {
        """
        # bash completion of aurora, made by `aurora completion bash`
        _aurora_words() {
            case "$1" in
        \(wordCases)
            *) return 1 ;;
            esac
        }
        _aurora_options() {
            case "$1" in
        \(optionCases)
            esac
            printf '%s\\n' \(CommandTable.globalOptions.map { "--" + $0.name }.joined(separator: " "))
        }
        _aurora_values() {
            case "$1" in
        \(valueCases)
            *) return 1 ;;
            esac
        }
        _aurora_live() { aurora complete "$1" --no-input 2>/dev/null | cut -f1; }
        _aurora() {
            local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" path="" word list
            for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                [[ $word == -* ]] && continue
                word=$(_aurora_noun "$word" "$path")
                if _aurora_words "${path:+$path }$word" >/dev/null; then path="${path:+$path }$word"; fi
            done
            if [[ $previous == --* ]] && list=$(_aurora_values "${previous#--}"); then
                :
            elif [[ $current == -* ]]; then
                list=$(_aurora_options "$path")
            else
                list=$(_aurora_words "$path")
            fi
            if [[ $list == @file ]]; then
                mapfile -t COMPREPLY < <(compgen -f -- "$current")
            else
                mapfile -t COMPREPLY < <(compgen -W "$list" -- "$current")
            fi
        }
        _aurora_noun() {
            [[ -z $2 ]] || { printf '%s' "$1"; return; }
            case "$1" in
        \(nounCases)
            *) printf '%s' "$1" ;;
            esac
        }
        complete -o filenames -F _aurora aurora

        """
    }

    /// For every beginning of a command line: the words that may come next.
    private var wordCases: String {
        CompletionPaths(table: table).all.map { path in
            "    \"\(path.joined(separator: " "))\") \(next(path)) ;;"
        }.joined(separator: "\n")
    }

    private func next(_ path: [String]) -> String {
        guard let command = table.commands.first(where: { $0.path == path }) else {
            return "printf '%s\\n' " + CompletionPaths(table: table).next(path).map(\.word).joined(separator: " ")
        }
        return command.arguments.first.map { words($0.hint) } ?? ":"
    }

    private func words(_ hint: ValueHint) -> String {
        switch hint {
        case .anything: ":"
        case .file, .directory: "printf '@file'"
        case .choice(let words): "printf '%s\\n' " + words.joined(separator: " ")
        case .live(let kind): "_aurora_live \(kind.rawValue)"
        }
    }

    private var optionCases: String {
        table.visible().filter { !$0.options.isEmpty }.map { command in
            "    \"\(command.name)\") printf '%s\\n' \(command.options.map { "--" + $0.name }.joined(separator: " ")) ;;"
        }.joined(separator: "\n")
    }

    private var valueCases: String {
        CompletionPaths(table: table).valueOptions.map { option in
            "    \(option.name)) \(words(option.hint)) ;;"
        }.joined(separator: "\n")
    }

    private var nounCases: String {
        table.nouns.map { noun in
            "    \(noun.aliases.joined(separator: "|"))) printf '%s' \(noun.name) ;;"
        }.joined(separator: "\n")
    }
}
