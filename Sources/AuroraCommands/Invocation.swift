import AuroraModel

/// Everything a command's `run` gets: what was asked, and the world it may touch.
package struct Invocation: Sendable {
    /// The table the program runs with, for help and completions.
    let table: CommandTable
    /// What was asked.
    let line: ParsedCommand
    /// Where words go.
    let console: Console
    /// What can be seen of the machine.
    let surroundings: Surroundings
    /// What can be done on this machine.
    let services: LocalServices
    /// What answers requests instead of the network, in tests.
    let givenTransport: Transport?

    // MARK: Reading the line

    /// The word of a required argument; the parser has made sure it is there.
    func argument(_ name: String) -> String { line.argument(name) ?? "" }

    /// The value of an option as a number.
    func number(_ option: String) throws -> Int? {
        guard let text = line.value(option) else { return nil }
        guard let number = Int(text), number >= 0 else {
            throw CommandError.usage(
                "--\(option) takes a whole number from 0 on, not '\(text)'", remedy: "write such a number")
        }
        return number
    }

    /// How long to wait for a change, in seconds.
    var patience: Int { get throws { try number("timeout") ?? 600 } }

    // MARK: Asking

    var mayAsk: Bool { surroundings.isInteractive && !line.has("no-input") && console.format != .json }

    /// The reason given with `--reason`, or asked for.
    func reason(for act: String) throws -> String {
        if let reason = line.value("reason") { return reason }
        guard mayAsk else {
            throw CommandError.usage("a reason is needed to \(act)", remedy: "add --reason \"why\"")
        }
        console.prompt("Reason to \(act): ")
        let answer = (surroundings.readLine() ?? "").trimmed
        guard !answer.isEmpty else {
            throw CommandError.usage("a reason is needed to \(act)", remedy: "say why in a sentence")
        }
        return answer
    }

    /// Asks whether to go on; `--yes` answers.
    func confirm(_ effect: String) throws {
        if line.has("yes") { return }
        guard mayAsk else {
            throw CommandError.usage(effect, cause: "nobody can be asked here", remedy: "add --yes to go on")
        }
        console.prompt("\(effect)\nGo on? [y/N] ")
        let answer = (surroundings.readLine() ?? "").lowercased().trimmed
        guard ["y", "yes"].contains(answer) else {
            throw CommandError("nothing was done", code: "declined", exit: .usage)
        }
    }

    /// For severe acts: the exact name must be given, `--yes` alone is not enough.
    func confirm(_ effect: String, name: String) throws {
        if let given = line.value("confirm") {
            guard given == name else {
                throw CommandError.usage(
                    "--confirm says '\(given)', but this is about '\(name)'", remedy: "--confirm \(name)")
            }
            return
        }
        guard mayAsk else {
            throw CommandError.usage(effect, cause: "this needs to be confirmed", remedy: "add --confirm \(name)")
        }
        console.prompt("\(effect)\nType \(name) to go on: ")
        guard (surroundings.readLine() ?? "").trimmed == name else {
            throw CommandError("nothing was done", code: "declined", exit: .usage)
        }
    }

    /// The passphrase of an operator key, from `--passphrase-file` or the terminal.
    func passphrase(prompt: String, twice: Bool = false) throws -> [UInt8] {
        if let file = line.value("passphrase-file") { return try LocalFile.secret(file, what: "passphrase") }
        guard mayAsk else {
            throw CommandError.usage("a passphrase is needed", remedy: "add --passphrase-file FILE")
        }
        let first = try surroundings.readSecret(prompt + ": ")
        guard twice else { return first }
        guard try surroundings.readSecret("Again: ") == first else {
            throw CommandError.usage("the two passphrases differ", remedy: "try again")
        }
        return first
    }
}

extension String {
    /// Without blanks and line ends at both sides.
    var trimmed: String {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text = text.dropFirst() }
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return String(text)
    }
}
