import AuroraModel

/// The commands of `aurora user`.
enum UserCommands {
    static let commands: [Command] = [list, show, add, setRole, link, remove, keyAdd, keyAdmit, keyRevoke]

    private static let user = CommandArgument("user", "the account's name", hint: .live(.users))
    private static let roles = ["viewer", "release", "approver", "admin"]
    private static let role = CommandOption.value(
        "role", "ROLE", hint: .choice(roles), "what the account may do: viewer, release, approver or admin")

    static let list = Command(
        "user list", "list accounts",
        run: { invocation in
            let items = try invocation.hub().list("/api/v1/users")
            var table = TextTable("USER", "ROLE", "ACTIVE", "KEYS", "SINCE")
            for item in items {
                let keys = item.list("keys").filter { $0.text("state") == "admitted" }.count
                table.add(
                    item.text("name"), item.text("role"), item.text("active"), String(keys), item.moment("created"))
            }
            invocation.console.show("UserList", list: items, name: "name", table: table, empty: "no accounts")
            return .success
        })

    static let show = Command(
        "user show", "show an account with its keys", arguments: [user],
        run: { invocation in
            let name = invocation.argument("user")
            let user = try invocation.hub().get("/api/v1/users" + URLText.path(name))
            invocation.console.show("User", user, names: [name]) { facts(user) }
            return .success
        })

    static let add = Command(
        "user add", "add an account and print its one-time login link",
        arguments: [CommandArgument("user", "the new account's name")],
        options: [role, .flag("no-link", "do not make a login link")],
        examples: ["user add ann --role approver"],
        run: { invocation in
            let hub = try invocation.hub()
            let name = invocation.argument("user")
            guard let role = invocation.line.value("role") else {
                throw CommandError.usage(
                    "an account needs a role", remedy: "add --role viewer, release, approver or admin")
            }
            let user = try hub.post("/api/v1/users", [("name", .string(name)), ("role", .string(role))])
            guard !invocation.line.has("no-link") else {
                invocation.console.show("User", user, names: [name]) { "\(name) may log in as \(role)" }
                return .success
            }
            return try showLink(invocation, hub, name)
        })

    static let setRole = Command(
        "user set-role", "give an account another role",
        arguments: [user, CommandArgument("role", "viewer, release, approver or admin", hint: .choice(roles))],
        run: { invocation in
            let name = invocation.argument("user")
            let user = try invocation.hub().post(
                "/api/v1/users" + URLText.path(name), [("role", .string(invocation.argument("role")))],
                method: "PATCH")
            invocation.console.show("User", user, names: [name]) { "\(name) is \(user.text("role")) now" }
            return .success
        })

    static let link = Command(
        "user link", "print a new one-time login link for an account", arguments: [user],
        run: { try showLink($0, try $0.hub(), $0.argument("user")) })

    static let remove = Command(
        "user remove", "end an account: its sessions and tokens stop at once",
        arguments: [user], options: [.confirm],
        run: { invocation in
            let name = invocation.argument("user")
            try invocation.confirm("This ends the account, its sessions and its tokens.", name: name)
            _ = try invocation.hub().send(HubRequest(method: "DELETE", target: "/api/v1/users" + URLText.path(name)))
            invocation.console.show("Removed", ["user": .string(name)], names: [name]) { "\(name) is gone" }
            return .success
        })

    static let keyAdd = Command(
        "user key add", "tell the hub your operator key's public half",
        discussion: "Another admin must admit the key before approvals signed with it count.",
        arguments: [CommandArgument("file", "a public key file, - is standard input", count: .optional, hint: .file)],
        options: [.key],
        run: { invocation in
            let text: String
            if let file = invocation.line.argument("file") {
                let bytes = try LocalFile.read(file, what: "public key", limit: 4096)
                text = String(decoding: bytes, as: UTF8.self).trimmed
            } else {
                text = try LocalOperatorKey.publicText(LocalOperatorKey.path(invocation))
            }
            let hub = try invocation.hub()
            let user = try hub.get("/api/v1/whoami").text("user")
            let key = try hub.post("/api/v1/users" + URLText.path(user, "keys"), [("key", .string(text))])
            invocation.console.show("Key", key, names: [key.text("id")]) {
                "key \(key.text("id")) of \(user) is \(key.text("state"))"
            }
            invocation.console.note("  next, as another admin: aurora user key admit \(user) \(key.text("id"))")
            return .success
        })

    private static let keyID = CommandArgument("key", "the key's id, 16 digits")

    static let keyAdmit = Command(
        "user key admit", "let another person's operator key count", arguments: [user, keyID],
        run: { invocation in
            let (name, id) = (invocation.argument("user"), invocation.argument("key"))
            let hub = try invocation.hub()
            let proposed = try hub.get("/api/v1/users" + URLText.path(name)).list("keys").first { $0.text("id") == id }
            if let proposed { invocation.console.note("\(name): \(proposed.text("key"))") }
            try invocation.confirm("Approvals of \(name) signed with key \(id) will count.")
            let key = try hub.post("/api/v1/users" + URLText.path(name, "keys", id, "admit"))
            invocation.console.show("Key", key, names: [id]) { "key \(id) of \(name) is \(key.text("state"))" }
            return .success
        })

    static let keyRevoke = Command(
        "user key revoke", "end a key: approvals signed with it do not count any more",
        arguments: [user, keyID], options: [.confirm],
        run: { invocation in
            let (name, id) = (invocation.argument("user"), invocation.argument("key"))
            try invocation.confirm("Approvals of \(name) signed with key \(id) will not count.", name: id)
            _ = try invocation.hub().send(
                HubRequest(method: "DELETE", target: "/api/v1/users" + URLText.path(name, "keys", id)))
            invocation.console.show("Revoked", ["user": .string(name), "key": .string(id)], names: [id]) {
                "key \(id) of \(name) is revoked"
            }
            return .success
        })

    private static func showLink(_ invocation: Invocation, _ hub: HubClient, _ name: String) throws -> ExitCode {
        let code = try hub.post("/api/v1/login-codes", [("user", .string(name))])
        invocation.console.show("LoginLink", code, names: [code.text("link")]) { code.text("link") }
        invocation.console.note(
            "for \(name), once, until \(code.moment("expires")); in a browser, or: aurora login")
        return .success
    }

    private static func facts(_ user: JSONValue) -> String {
        var facts = Facts()
        facts.add("user", user.text("name"))
        facts.add("role", user.text("role"))
        facts.add("active", user.text("active"))
        facts.add("password", user.text("hasPassword"))
        facts.add("since", user.moment("created"))
        for key in user.list("keys") {
            facts.add("key " + key.text("id"), "\(key.text("state")), \(key.text("key"))")
        }
        return facts.text
    }
}
