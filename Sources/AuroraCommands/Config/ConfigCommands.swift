import AuroraModel

/// The commands of `aurora config`.
enum ConfigCommands {
    static let commands: [Command] = [check]

    static let check = Command(
        "config check", "read a configuration file as the hub would, and say what is wrong",
        arguments: [CommandArgument("file", "the file [aurora.yaml]", count: .optional, hint: .file)],
        examples: ["config check /var/lib/aurora/aurora.yaml"],
        run: { invocation in
            let path = invocation.line.argument("file") ?? "aurora.yaml"
            let facts = try invocation.services.checkConfiguration(path)
            invocation.console.show("ConfigCheck", ["file": .string(path), "facts": JSONValue(facts)]) {
                (["\(path) is valid"] + facts.map { "  " + $0 }).joined(separator: "\n")
            }
            return .success
        })
}
