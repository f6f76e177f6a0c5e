/// The ways through the command table, for the completion scripts.
struct CompletionPaths {
    let table: CommandTable

    /// Every beginning of a visible command, the empty one first.
    var all: [[String]] {
        var seen: Set<[String]> = []
        var paths: [[String]] = []
        for command in table.visible() {
            for length in 0...command.path.count {
                let path = Array(command.path.prefix(length))
                if seen.insert(path).inserted { paths.append(path) }
            }
        }
        return paths
    }

    /// The words that may follow `path`, with what they mean.
    func next(_ path: [String]) -> [(word: String, summary: String)] {
        var seen: Set<String> = []
        var words: [(String, String)] = []
        for command in table.visible(below: path) where command.path.count > path.count {
            let word = command.path[path.count]
            guard seen.insert(word).inserted else { continue }
            let isEnd = command.path.count == path.count + 1
            words.append((word, isEnd ? command.summary : table.noun(word)?.summary ?? "more verbs"))
        }
        return words
    }

    /// Options whose value can be completed, each name once.
    var valueOptions: [CommandOption] {
        var seen: Set<String> = []
        return (CommandTable.globalOptions + table.visible().flatMap(\.options)).filter { option in
            option.valueName != nil && option.hint != .anything && seen.insert(option.name).inserted
        }
    }
}
