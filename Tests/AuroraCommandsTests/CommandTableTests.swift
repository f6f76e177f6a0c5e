import Testing

@testable import AuroraCommands

@Suite("The command table")
struct CommandTableTests {
    private let table = CommandTable.standard

    @Test("no two commands have the same words, and no command is the beginning of another")
    func pathsAreDistinct() {
        for (index, command) in table.commands.enumerated() {
            for other in table.commands[(index + 1)...] {
                #expect(command.path != other.path)
                #expect(!other.path.starts(with: command.path), "\(command.name) hides \(other.name)")
            }
        }
    }

    @Test("every noun has commands, and no word means two nouns")
    func nounsAreDistinct() {
        var seen: Set<String> = []
        for noun in table.nouns {
            #expect(!table.visible(below: [noun.name]).isEmpty)
            for word in [noun.name] + noun.aliases { #expect(seen.insert(word).inserted, "\(word) twice") }
        }
    }

    @Test("an option has one shape wherever it is taken")
    func optionsAreConsistent() {
        var shapes: [String: CommandOption] = [:]
        for option in CommandTable.globalOptions + table.commands.flatMap(\.options) {
            if let before = shapes[option.name] {
                #expect((before.valueName == nil) == (option.valueName == nil), "--\(option.name)")
                #expect(before.short == option.short, "--\(option.name)")
                #expect(before.isRepeatable == option.isRepeatable, "--\(option.name)")
            } else {
                shapes[option.name] = option
            }
        }
        let letters = shapes.values.compactMap(\.short)
        #expect(letters.count == Set(letters).count)
    }

    @Test("summaries are one line without a full stop")
    func summariesAreShort() {
        for command in table.commands {
            #expect(!command.summary.isEmpty && !command.summary.hasSuffix(".") && !command.summary.contains("\n"))
            #expect(command.summary.count <= 90, "\(command.name)")
            for option in command.options {
                #expect(!option.summary.hasSuffix("."), "\(command.name) --\(option.name)")
            }
        }
    }

    @Test("no option takes a secret on the command line")
    func noSecretsInArguments() {
        for option in CommandTable.globalOptions + table.commands.flatMap(\.options) where option.valueName != nil {
            for word in ["password", "passphrase", "token", "code", "secret"] where option.name.hasPrefix(word) {
                #expect(option.name == "exit-code" || option.name.hasSuffix("-file"), "--\(option.name)")
            }
        }
    }

    @Test("every example is a command line the parser takes")
    func examplesParse() throws {
        let parser = CommandLineParser(table: table)
        for command in table.commands {
            for example in command.examples {
                let words = try ShellWords.split(example)
                guard case .run(let line) = try parser.parse(words) else {
                    Issue.record("\(example) is no command")
                    continue
                }
                #expect(line.command.path == command.path, "\(example)")
            }
        }
    }

    @Test("every act that changes something can say why or be confirmed, and every wait can be left")
    func actsTakeReasons() {
        for name in ["target rollback", "target promote", "suggestion approve", "suggestion reject", "change abort"] {
            let command = table.commands.first { $0.name == name }
            #expect(command?.options.contains { $0.name == "reason" } == true, "\(name)")
        }
        for command in table.commands where command.options.contains(where: { $0.name == "wait" }) {
            #expect(command.options.contains { $0.name == "no-wait" }, "\(command.name)")
        }
    }
}

/// Splits an example the way a shell would: blanks, double quotes, and nothing after a pipe or a redirection.
enum ShellWords {
    static func split(_ line: String) throws -> [String] {
        var words: [String] = []
        var word: String?
        var isQuoted = false
        for character in line {
            switch character {
            case "\"":
                isQuoted.toggle()
                word = word ?? ""
            case " " where !isQuoted:
                if let done = word { words.append(done) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        try #require(!isQuoted)
        if let word { words.append(word) }
        return words.firstIndex { $0 == "|" || $0 == ">" }.map { Array(words[..<$0]) } ?? words
    }
}
