/// What the command line asks for.
struct BenchOptions {
    /// Names of the groups to run; empty runs all.
    var only: [String] = []
    /// Smaller files, fewer rounds; the table says so.
    var isQuick = false
    /// Also one artifact of 4 GiB: some minutes and 13 GiB of disk more.
    var isLarge = false
    /// Where `aurora` and `aurora-launcher` lie; nil is the folder of this program.
    var programs: String?

    /// - Returns: nil when help was asked for.
    init?(_ words: [String], groups: [String]) throws {
        var words = words[...]
        while let word = words.popFirst() {
            switch word {
            case "--quick": isQuick = true
            case "--large": isLarge = true
            case "--only":
                only += (words.popFirst() ?? "").split(separator: ",").map(String.init)
                guard !only.isEmpty, only.allSatisfy(groups.contains) else {
                    throw BenchError("--only takes names out of: \(groups.joined(separator: ", "))")
                }
            case "--programs": programs = words.popFirst()
            case "--help", "-h": return nil
            default: throw BenchError("\(word) is not an option; see --help")
            }
        }
    }

    /// Whether a group is to be run.
    func wants(_ group: Group) -> Bool {
        if group.isOptional, isLarge { return true }
        return only.isEmpty ? !group.isOptional : only.contains(group.name)
    }

    /// Rounds of a measurement; every round measures ours and the peer, in turns.
    var rounds: Int { isQuick ? 2 : 5 }

    static func help(_ groups: [String]) -> String {
        """
        usage: aurora-bench [--quick] [--large] [--only GROUP[,GROUP]] [--programs FOLDER]

          --quick     smaller files and fewer rounds: a look, not a figure
          --large     also one artifact of 4 GiB: some minutes and 13 GiB of disk more
          --only      run these groups only: \(groups.joined(separator: ", "))
          --programs  where aurora and aurora-launcher lie [beside this program]

        """
    }
}

/// Why something could not be measured.
struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
