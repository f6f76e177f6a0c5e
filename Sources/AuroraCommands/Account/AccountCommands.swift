import AuroraModel

/// The commands that say who you are to a hub.
enum AccountCommands {
    static let commands: [Command] = [login, logout, whoami]

    static let login = Command(
        "login", "log in to a hub and keep a token for it",
        discussion: """
            Takes a one-time login link or its code: asked for on the terminal, or read from --code-file. With \
            --user it takes that account's password instead; the very first login of a hub also takes --user to name \
            its first admin. The token is kept in a file only you can read.
            """,
        options: [
            .value("user", "NAME", "log in with this account's password, or name the first admin"),
            .value("code-file", "FILE", hint: .file, "read the link or code from FILE, - is standard input"),
            .value("password-file", "FILE", hint: .file, "read the password from FILE"),
            .value("expires", "TIME", "when the token ends: 30d, 12h or 45m [30d]"),
        ],
        examples: ["login", "login --hub https://hub.example.org:9711 --user ann"],
        run: { try Login(invocation: $0).run() })

    static let logout = Command(
        "logout", "end the token of a hub and forget it",
        run: { invocation in
            let base = invocation.hubAddress
            let credentials = Credentials(invocation.surroundings)
            guard let stored = try credentials.stored(for: base) else {
                invocation.console.note("not logged in to \(base)")
                return .success
            }
            let hub = HubClient(base: base, token: stored.token, transport: try invocation.transport())
            let request = HubRequest(method: "DELETE", target: "/api/v1/tokens" + URLText.path(stored.tokenID))
            do {
                _ = try hub.send(request)
            } catch let error as CommandError {
                invocation.console.warn("the hub did not end the token: \(error.message)")
            }
            try credentials.forget(base)
            invocation.console.show("Logout", ["hub": .string(base)]) { "logged out of \(base)" }
            return .success
        })

    static let whoami = Command(
        "whoami", "show who you are to the hub, and what you may do",
        run: { invocation in
            let hub = try invocation.hub()
            let me = try hub.get("/api/v1/whoami")
            invocation.console.show("Account", me, names: [me.text("user")]) {
                var facts = Facts()
                facts.add("hub", hub.base)
                facts.add("user", me.text("user"))
                facts.add("role", me.text("role"))
                facts.add("rights", me.text("rights"))
                facts.add("by", me.text("via"))
                facts.add("until", me.moment("expires"))
                facts.add("mode", me["dev"]?.bool == true ? "DEVELOPMENT" : "")
                return facts.text
            }
            return .success
        })
}
