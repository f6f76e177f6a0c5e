import AuroraModel
import AuroraSystem
import Glibc

/// The commands of `aurora hub`.
enum HubCommands {
    static let commands: [Command] = [start, status, backup, restore]

    static let start = Command(
        "hub start", "run a hub until it is told to stop",
        discussion: """
            Listens on loopback unless told otherwise: 9710 for updaters, 9711 for operators. The first start prints \
            a one-time login link. Listening elsewhere needs TLS, or --behind-proxy when a proxy in front does it.
            """,
        options: [
            .state,
            .value("config", "FILE", hint: .file, "the configuration [aurora.yaml in the state folder]"),
            .value(
                "only", "HALF", hint: .choice(["updater", "dashboard"]),
                "serve one half only; one process for each state folder"),
            .flag("dev", "development mode: loopback only, unsigned and self-approved for core; marked in red"),
            .value("listen", "ADDRESS", "listen here [127.0.0.1]"),
            .value("updater-port", "PORT", "the updater's port, 0 takes a free one [9710]"),
            .value("dashboard-port", "PORT", "the dashboard's port, 0 takes a free one [9711]"),
            .value("tls-cert", "FILE", hint: .file, "certificate chain for TLS, PEM"),
            .value("tls-key", "FILE", hint: .file, "private key for TLS, PEM"),
            .flag("behind-proxy", "a proxy in front does TLS"),
            .value("log-format", "FORMAT", hint: .choice(["text", "json"]), "text or json [text on a terminal]"),
        ],
        examples: [
            "hub start", "hub start --dev", "hub start --state /srv/hub --listen :: --tls-cert c.pem --tls-key k.pem",
        ],
        run: { invocation in
            try invocation.services.startHub(try startRequest(invocation))
            return .success
        })

    static let status = Command(
        "hub status", "say whether the hub answers, and how it is",
        run: { invocation in
            let hub = try invocation.hub()
            let health = try hub.get("/healthz")
            let audit = try? hub.get("/api/v1/audit/state")
            var members = health.object?.members.map { ($0.key, $0.value) } ?? []
            members.append(("hub", .string(hub.base)))
            if let audit { members.append(("audit", audit)) }
            invocation.console.show("HubStatus", .object(JSONObject(members))) {
                var facts = Facts()
                facts.add("hub", hub.base)
                facts.add("status", health.text("status"))
                facts.add("version", health.text("version"))
                facts.add("ready", health.text("ready"))
                facts.add("log", health.text("log"))
                let troubles = health.list("troubles").compactMap(\.string)
                if !troubles.isEmpty { facts.add("look at", troubles.joined(separator: ", ")) }
                facts.add("audit", audit.map(AuditText.state) ?? "log in to see: aurora login")
                return facts.text
            }
            return health["ready"]?.bool == false ? .failure : .success
        })

    static let backup = Command(
        "hub backup", "save a hub's state while it runs, and check the copy",
        arguments: [CommandArgument("folder", "a new folder for the copy", hint: .directory)],
        options: [.state],
        examples: ["hub backup /srv/backup/2026-11-20"],
        run: { invocation in
            let folder = invocation.argument("folder")
            let facts = try invocation.services.backup(stateFolder(invocation), folder)
            invocation.console.show("Backup", ["folder": .string(folder), "facts": JSONValue(facts)], names: [folder]) {
                (["saved to \(folder)"] + facts.map { "  " + $0 }).joined(separator: "\n")
            }
            return .success
        })

    static let restore = Command(
        "hub restore", "put a saved state where no state is",
        arguments: [CommandArgument("folder", "a folder hub backup made", hint: .directory)],
        options: [.state, .confirm],
        run: { invocation in
            let state = stateFolder(invocation)
            try invocation.confirm("This makes \(state) a hub with the saved accounts, keys and log.", name: state)
            let facts = try invocation.services.restore(invocation.argument("folder"), state)
            invocation.console.show("Restore", ["state": .string(state), "facts": JSONValue(facts)], names: [state]) {
                (["restored to \(state)"] + facts.map { "  " + $0 }).joined(separator: "\n")
            }
            return .success
        })

    private static func stateFolder(_ invocation: Invocation) -> String {
        invocation.line.value("state") ?? invocation.surroundings.stateFolder(isRoot: geteuid() == 0)
    }

    private static func startRequest(_ invocation: Invocation) throws -> HubStart {
        let line = invocation.line
        var request = HubStart(state: stateFolder(invocation))
        request.configuration = line.value("config")
        request.only = line.value("only")
        request.isDevelopment = line.has("dev")
        request.listen = line.value("listen")
        request.updaterPort = try invocation.number("updater-port")
        request.dashboardPort = try invocation.number("dashboard-port")
        request.certificate = line.value("tls-cert")
        request.certificateKey = line.value("tls-key")
        request.isBehindProxy = line.has("behind-proxy")
        request.logFormat = line.value("log-format")
        guard (request.certificate == nil) == (request.certificateKey == nil) else {
            throw CommandError.usage("TLS needs both halves", remedy: "give --tls-cert and --tls-key")
        }
        return request
    }
}
