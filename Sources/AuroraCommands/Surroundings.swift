package import AuroraSystem

/// What a command sees of the machine around it; tests give their own.
package struct Surroundings: Sendable {
    /// Environment variables.
    package var environment: [String: String]
    /// The path of this very program, to start it again.
    package var executable: String
    /// Whether a person can be asked on standard input.
    package var isInteractive: Bool
    /// The time of day.
    package var clock: WallClock
    /// Reads a line of standard input; nil at its end.
    package var readLine: @Sendable () -> String?
    /// Asks for a secret on the terminal, without echo.
    package var readSecret: @Sendable (_ prompt: String) throws -> [UInt8]

    /// Everything a command may look at.
    package init(
        environment: [String: String], executable: String, isInteractive: Bool, clock: WallClock = .system,
        readLine: @escaping @Sendable () -> String? = { Swift.readLine() },
        readSecret: @escaping @Sendable (String) throws -> [UInt8] = { try Terminal.readPassphrase(prompt: $0) }
    ) {
        self.environment = environment
        self.executable = executable
        self.isInteractive = isInteractive
        self.clock = clock
        self.readLine = readLine
        self.readSecret = readSecret
    }

    /// The folder of this user's settings: `$XDG_CONFIG_HOME/aurora`, else `~/.config/aurora`.
    var configurationFolder: String {
        if let folder = environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") { return folder + "/aurora" }
        return (environment["HOME"] ?? "/root") + "/.config/aurora"
    }

    /// The hub's state folder: `$AURORA_STATE`, else `/var/lib/aurora` for root and the XDG state folder otherwise.
    func stateFolder(isRoot: Bool) -> String {
        if let folder = environment["AURORA_STATE"], !folder.isEmpty { return folder }
        if isRoot { return "/var/lib/aurora" }
        if let folder = environment["XDG_STATE_HOME"], folder.hasPrefix("/") { return folder + "/aurora" }
        return (environment["HOME"] ?? "/") + "/.local/state/aurora"
    }
}
