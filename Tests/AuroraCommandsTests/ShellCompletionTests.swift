import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraCommands

/// The completion scripts in the shells they are for.
@Suite struct ShellCompletionTests {
    private let table = CommandTable.standard

    struct Completion: CustomTestStringConvertible, Sendable {
        let words: [String]
        let offers: [String]
        var testDescription: String { words.joined(separator: " ") }
    }

    /// Half a line, and the one way it goes on.
    private static let single = [
        Completion(words: ["rel"], offers: ["release"]),
        Completion(words: ["releases", "st"], offers: ["stage"]),
        Completion(words: ["approval", "appr"], offers: ["approve"]),
        Completion(words: ["target", "promote", "--rea"], offers: ["--reason"]),
        Completion(words: ["whoami", "--output", "j"], offers: ["json"]),
    ]
    private static let several = [
        Completion(words: ["user", "key", "a"], offers: ["add", "admit"]),
        Completion(words: ["completion", ""], offers: ["bash", "fish", "zsh"]),
    ]
    /// The name comes from a hub; the tests answer for it.
    private static let live = Completion(words: ["target", "show", "al"], offers: ["alpha"])

    @Test("bash offers the words that fit", arguments: single + several)
    func bashCompletes(_ example: Completion) throws {
        let words = (["aurora"] + example.words).map { "'\($0)'" }.joined(separator: " ")
        let script =
            BashCompletion(table: table).script
            + "COMP_WORDS=(\(words)); COMP_CWORD=\(example.words.count); _aurora; printf '%s\\n' \"${COMPREPLY[@]}\" | sort\n"
        let (offered, said) = try Self.lines(of: "bash", ["-c", script])
        #expect(offered == example.offers, "\(said)")
    }

    @Test("fish offers the words that fit, live names too", arguments: single + several + [live])
    func fishCompletes(_ example: Completion) throws {
        try withTemporaryDirectory { folder in
            try write(FishCompletion(table: table).script, to: "\(folder)/aurora.fish")
            let line = (["aurora"] + example.words).joined(separator: " ")
            let script = """
                function aurora; test "$argv[1]" = complete; and printf 'alpha\\tthe first\\n'; end
                source '\(folder)/aurora.fish'; complete -C '\(line)'
                """
            let (lines, said) = try Self.lines(of: "fish", ["--no-config", "-c", script], home: folder)
            // A word, a tab, what it is for.
            #expect(
                lines.compactMap { $0.split(separator: "\t").first.map(String.init) }.sorted() == example.offers,
                "\(said)")
        }
    }

    /// Typed into a real zsh on a terminal of its own: the line that is run afterwards tells what TAB made of it.
    @Test("zsh completes what is typed, live names too", arguments: single + [live])
    func zshCompletes(_ example: Completion) throws {
        try withTemporaryDirectory { folder in
            try write(ZshCompletion(table: table).script, to: "\(folder)/functions/_aurora")
            try write(
                """
                PROMPT='' RPROMPT=''
                fpath=('\(folder)/functions' $fpath)
                autoload -U compinit && compinit -u -D
                aurora() {
                    if [[ $1 == complete ]]; then print 'alpha\\tthe first'; else print "made:$*:"; fi
                }
                print ready:
                """, to: "\(folder)/start")
            let line = (["aurora"] + example.words).joined(separator: " ")
            let script = """
                zmodload zsh/zpty
                zpty query zsh -f -i
                zpty -w query 'source \(folder)/start'
                zpty -r query seen '*ready:*'
                zpty -w -n query '\(line)'$'\\t\\n'
                zpty -r query seen '*made:*:*'
                print -r -- "${${seen##*made:}%%:*}"
                """
            let (lines, said) = try Self.lines(of: "zsh", ["-f", "-c", script], home: folder)
            let words = lines.last?.split(separator: " ").map(String.init) ?? []
            #expect(words.last == example.offers[0] && words.count == example.words.count, "\(lines) \(said)")
        }
    }

    @Test("zsh and fish take their scripts whole")
    func parses() throws {
        try withTemporaryDirectory { folder in
            let scripts = [
                ("zsh", ZshCompletion(table: table).script), ("fish", FishCompletion(table: table).script),
            ]
            for (shell, script) in scripts {
                try write(script, to: "\(folder)/\(shell)")
                let (_, said) = try Self.lines(of: shell, ["-n", "\(folder)/\(shell)"], home: folder)
                #expect(said.isEmpty, "\(shell): \(said)")
            }
        }
    }

    /// What a shell prints on its two streams.
    private static func lines(
        of shell: String, _ arguments: [String], home: String = "/nonexistent"
    ) throws -> (output: [String], errors: String) {
        let result = try Processes.run(
            ProcessSpec(
                executable: "/usr/bin/\(shell)", arguments: arguments,
                environment: ["HOME": home, "PATH": "/usr/bin:/bin", "TERM": "dumb", "LANG": "C.UTF-8"],
                timeout: .seconds(120)))
        let output = String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(String.init)
        return (output, String(decoding: result.errorOutput, as: UTF8.self))
    }
}
