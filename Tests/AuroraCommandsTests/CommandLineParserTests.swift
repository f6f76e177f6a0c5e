import Testing

@testable import AuroraCommands

@Suite("The parser")
struct CommandLineParserTests {
    private let parser = CommandLineParser(table: .standard)

    private func line(_ text: String) throws -> ParsedCommand {
        guard case .run(let line) = try parser.parse(try ShellWords.split(text)) else {
            throw CommandError.usage("\(text) is no command")
        }
        return line
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let text: String
        let command: String
        var arguments: [String: [String]] = [:]
        var options: [String: [String]] = [:]
        var testDescription: String { text }
    }

    @Test(
        "understands",
        arguments: [
            Case(text: "target list", command: "target list"),
            Case(text: "targets list", command: "target list"),
            Case(text: "approvals list", command: "suggestion list"),
            Case(text: "--json target list", command: "target list", options: ["json": []]),
            Case(text: "target --hub http://x list", command: "target list", options: ["hub": ["http://x"]]),
            Case(text: "target list --hub=http://x=y", command: "target list", options: ["hub": ["http://x=y"]]),
            Case(text: "target show gw", command: "target show", arguments: ["target": ["gw"]]),
            Case(
                text: "release upload a b -- --c", command: "release upload", arguments: ["file": ["a", "b", "--c"]]),
            Case(text: "audit tail -fn5", command: "audit tail", options: ["follow": [], "lines": ["5"]]),
            Case(text: "user key add k.pub", command: "user key add", arguments: ["file": ["k.pub"]]),
            Case(text: "user key add", command: "user key add", arguments: ["file": []]),
            Case(
                text: "release build t --name n --version 1.0.0 --hardware a --hardware b", command: "release build",
                arguments: ["folder": ["t"]],
                options: ["name": ["n"], "version": ["1.0.0"], "hardware": ["a", "b"]]),
            Case(text: "whoami -o json", command: "whoami", options: ["output": ["json"]]),
            Case(
                text: "approval approve sg-1 --reason \"two words\"", command: "suggestion approve",
                arguments: ["suggestion": ["sg-1"]], options: ["reason": ["two words"]]),
        ])
    func understands(_ example: Case) throws {
        let line = try line(example.text)
        #expect(line.command.name == example.command)
        #expect(line.arguments == example.arguments)
        #expect(line.options == example.options)
    }

    struct Mistake: CustomTestStringConvertible, Sendable {
        let text: String
        let says: String
        var next = ""
        var testDescription: String { text }
    }

    @Test(
        "refuses, and says what was probably meant",
        arguments: [
            Mistake(text: "relese list", says: "does not know 'relese'", next: "did you mean 'aurora release'?"),
            Mistake(text: "release lits", says: "does not know 'lits'", next: "did you mean 'aurora release list'?"),
            Mistake(
                text: "user key admti a b", says: "does not know 'admti'", next: "did you mean 'aurora user key admit'?"
            ),
            Mistake(text: "target list --jsno", says: "no option --jsno", next: "did you mean --json?"),
            Mistake(text: "target list --dev", says: "does not take --dev"),
            Mistake(text: "target list -Z", says: "no option -Z"),
            Mistake(text: "target list --hub", says: "--hub needs a value"),
            Mistake(text: "target list --json=yes", says: "--json takes no value"),
            Mistake(text: "target show", says: "needs <target>"),
            Mistake(text: "target show a b", says: "does not take another word: 'b'"),
            Mistake(text: "whoami -o yaml", says: "does not know 'yaml'", next: "use one of: table, json, name"),
            Mistake(text: "completion tcsh", says: "does not know 'tcsh'"),
            Mistake(text: "whoami --hub a --hub b", says: "--hub is given twice"),
            Mistake(text: "xyzzy", says: "does not know 'xyzzy'", next: "aurora help"),
        ])
    func refuses(_ mistake: Mistake) throws {
        let words = try ShellWords.split(mistake.text)
        let error = #expect(throws: CommandError.self) { try parser.parse(words) }
        #expect(error?.exit == .usage)
        #expect(error?.message.contains(mistake.says) == true, "\(error?.message ?? "")")
        #expect(mistake.next.isEmpty || error?.remedy == mistake.next, "\(error?.remedy ?? "")")
        #expect((error?.lines.count ?? 9) <= 3)
    }

    @Test(
        "nothing, a noun and --help ask for help", arguments: ["", "release", "release list --help", "-h", "user key"])
    func asksForHelp(_ text: String) throws {
        guard case .help = try parser.parse(try ShellWords.split(text)) else {
            Issue.record("\(text) is not taken as a question")
            return
        }
    }
}
