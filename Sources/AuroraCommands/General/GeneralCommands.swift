import AuroraModel

/// The commands that need no noun, and what only programs call.
enum GeneralCommands {
    static let commands: [Command] = [doctor, completion, version, help, complete, reference]

    static let doctor = Command(
        "doctor", "look at what this machine offers, and at the hub",
        discussion:
            "Says what is missing and how to get it. A missing sandbox layer makes Aurora refuse, never run weaker.",
        options: [.examinedState], examples: ["doctor", "doctor --state /mnt/aurora"],
        run: { try Doctor(invocation: $0).run() })

    static let completion = Command(
        "completion", "print the completion script of a shell",
        arguments: [CommandArgument("shell", "bash, zsh or fish", hint: .choice(["bash", "zsh", "fish"]))],
        examples: ["completion bash > /etc/bash_completion.d/aurora", "completion fish | source"],
        run: { invocation in
            let script =
                switch invocation.argument("shell") {
                case "zsh": ZshCompletion(table: invocation.table).script
                case "fish": FishCompletion(table: invocation.table).script
                default: BashCompletion(table: invocation.table).script
                }
            invocation.console.raw(script)
            return .success
        })

    static let version = Command(
        "version", "print the version",
        run: { invocation in
            invocation.console.show("Version", ["version": .string(AuroraVersion.text)], names: [AuroraVersion.text]) {
                "aurora " + AuroraVersion.text
            }
            return .success
        })

    static let help = Command(
        "help", "show help on a noun, a command, or exit-codes",
        arguments: [CommandArgument("words", "such as: release stage", count: .any)],
        examples: ["help release", "help target promote", "help exit-codes"],
        run: { invocation in
            let words = invocation.line.words("words")
            invocation.console.raw(try HelpPage(table: invocation.table).text(words))
            return .success
        })

    static let complete = Command(
        "complete", "print live names for the completion scripts",
        arguments: [
            CommandArgument("kind", "what to list", hint: .choice(LiveKind.allCases.map(\.rawValue)))
        ],
        isHidden: true,
        run: { LiveNames(invocation: $0).list() })

    static let reference = Command(
        "reference", "write manual pages, completions and the reference pages into a folder",
        arguments: [CommandArgument("folder", "where to", hint: .directory)],
        isHidden: true,
        run: { invocation in
            let pages = try TemporaryFolder.with("aurora-reference") { try invocation.services.referencePages($0) }
            let files = ReferenceFiles(table: invocation.table, pages: pages)
            try files.write(into: invocation.argument("folder"))
            return .success
        })
}
