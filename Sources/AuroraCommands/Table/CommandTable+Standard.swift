extension CommandTable {
    /// The table of this program.
    package static let standard = CommandTable(nouns: standardNouns, commands: standardCommands)

    private static let standardNouns = [
        Noun("hub", aliases: ["hubs"], "run, save and look after a hub"),
        Noun("release", aliases: ["releases"], "build, sign, upload, stage and try releases"),
        Noun("target", aliases: ["targets"], "what runs where: promote, roll back"),
        Noun(
            "suggestion", aliases: ["suggestions", "approval", "approvals"],
            "proposed changes that wait for people: look, approve, reject"),
        Noun("change", aliases: ["changes"], "long operations: follow or stop them"),
        Noun("audit", aliases: ["audits"], "the log of everything that happened, and its proof"),
        Noun("device", aliases: ["devices"], "this machine: what it is and what it offers"),
        Noun("key", aliases: ["keys"], "your own operator keys, on this machine"),
        Noun("user", aliases: ["users"], "people and programs that may use the hub"),
        Noun("token", aliases: ["tokens"], "secrets for programs"),
        Noun("agent", aliases: ["agents"], "the process that keeps this device's packs running"),
        Noun("pack", aliases: ["packs"], "software of this device: stage, install, roll back, start, look"),
        Noun("config", aliases: ["configs"], "check a configuration file"),
    ]

    private static let standardCommands: [Command] =
        DemoCommand.commands + HubCommands.commands + ReleaseCommands.commands + TargetCommands.commands
        + SuggestionCommands.commands + ChangeCommands.commands + AuditCommands.commands + KeyCommands.commands
        + UserCommands.commands + TokenCommands.commands + ConfigCommands.commands + PackCommands.commands
        + PackDataCommands.commands + PackServiceCommands.commands + [PackFilesCommand.command] + AgentCommands.commands
        + ManifestCommands.commands
        + DeviceCommands.commands
        + AccountCommands.commands
        + GeneralCommands.commands
}
