import AuroraModel
import AuroraPacks
import AuroraSystem

/// The program behind the command line: parse, run, report, exit code.
package struct Program: Sendable {
    private let table: CommandTable
    private let services: LocalServices
    private let surroundings: Surroundings
    /// Answers requests instead of the network; tests set it.
    var transport: Transport?

    /// A program over `table` with what the executable gives it.
    package init(table: CommandTable = .standard, services: LocalServices, surroundings: Surroundings) {
        self.table = table
        self.services = services
        self.surroundings = surroundings
    }

    /// Runs one command line without the program's name.
    ///
    /// - Returns: the process's exit code.
    package func run(
        _ arguments: [String],
        output: @escaping @Sendable (String) -> Void = { Standard.writeOutput($0) },
        error: @escaping @Sendable (String) -> Void = { Standard.writeError($0) }
    ) -> Int32 {
        // `aurora --version` is what people try first.
        let arguments = arguments == ["--version"] ? ["version"] : arguments
        let writers = (output, error)
        do throws(CommandError) {
            switch try CommandLineParser(table: table).parse(arguments) {
            case .help(let words, _):
                output(try HelpPage(table: table).text(words))
                return ExitCode.success.rawValue
            case .run(let line):
                return run(line, console(line.options, writers))
            }
        } catch {
            console(arguments.contains("--json") ? ["json": []] : [:], writers).report(error)
            return error.exit.rawValue
        }
    }

    private func run(_ line: ParsedCommand, _ console: Console) -> Int32 {
        let invocation = Invocation(
            table: table, line: line, console: console, surroundings: surroundings, services: services,
            givenTransport: transport)
        do {
            return try line.command.run(invocation).rawValue
        } catch {
            let told = Self.told(error, by: line.command)
            console.report(told)
            return told.exit.rawValue
        }
    }

    /// What a command ended with, in the words and with the exit code of its kind.
    private static func told(_ error: any Error, by command: Command) -> CommandError {
        switch error {
        case let error as CommandError: error
        case let problem as CoreProblem: CommandError(problem)
        case let refusal as Refusal:
            CommandError(
                refusal.message, cause: refusal.rule, remedy: refusal.remedy, code: refusal.code,
                exit: HubProblem.exit(status: refusal.kind.status, code: refusal.code))
        default: CommandError("\(command.name) failed", cause: "\(error)", code: "failed")
        }
    }

    private func console(
        _ options: [String: [String]],
        _ writers: (output: @Sendable (String) -> Void, error: @Sendable (String) -> Void)
    ) -> Console {
        let format = options["json"] != nil ? .json : options["output"]?.last.flatMap(Console.Format.init) ?? .table
        let volume: Console.Volume =
            options["quiet"] != nil ? .quiet : options["verbose"] != nil ? .verbose : .normal
        return Console(
            format: format, volume: volume, isLive: Terminal.isTerminal(2) && !isDumb,
            usesColor: usesColor(options), width: Terminal.width(2), output: writers.output, error: writers.error)
    }

    private var isDumb: Bool { surroundings.environment["TERM"] == "dumb" }

    private func usesColor(_ options: [String: [String]]) -> Bool {
        func isSet(_ name: String) -> Bool { !(surroundings.environment[name] ?? "").isEmpty }
        if options["no-color"] != nil || isSet("NO_COLOR") { return false }
        return isSet("FORCE_COLOR") || (Terminal.isTerminal(1) && Terminal.isTerminal(2) && !isDumb)
    }
}

extension Refusal.Kind {
    /// The HTTP status the hub gives for it, so that both ways end with the same exit code.
    fileprivate var status: Int {
        switch self {
        case .badRequest: 400
        case .unauthenticated: 401
        case .forbidden: 403
        case .notFound: 404
        case .conflict: 409
        case .tooLarge: 413
        case .unprocessable: 422
        case .throttled: 429
        case .insufficientStorage: 507
        case .unavailable: 503
        }
    }
}
