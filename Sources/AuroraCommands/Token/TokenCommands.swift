import AuroraModel

/// The commands of `aurora token`.
enum TokenCommands {
    static let commands: [Command] = [create, list, revoke]

    static let create = Command(
        "token create", "make an access token for a program; its secret is shown this once",
        arguments: [CommandArgument("name", "what it is for, such as ci")],
        options: [
            .value(
                "role", "ROLE", hint: .choice(["viewer", "release", "approver", "admin"]),
                "no more than this [your own role]"),
            .value("expires", "TIME", "when it ends: 30d, 12h or 45m [90d]"),
            .value("into", "DIR", hint: .directory, "write the secret to DIR/NAME.token, mode 0600, instead"),
        ],
        examples: ["token create ci --role release --expires 30d"],
        run: { invocation in
            let name = invocation.argument("name")
            let seconds = try invocation.line.value("expires").map(Span.seconds)
            let token = try invocation.hub().post(
                "/api/v1/tokens",
                [
                    ("name", .string(name)), ("role", .init(invocation.line.value("role"))),
                    ("expiresInSeconds", .init(seconds)),
                ])
            invocation.console.note("\(token.text("id")) for \(name), until \(token.moment("expires"))")
            if let folder = invocation.line.value("into") {
                let path = folder + "/" + name + ".token"
                try LocalFile.write(path, Array((token.text("secret") + "\n").utf8), mode: 0o600)
                invocation.console.show(
                    "Token", ["id": .string(token.text("id")), "file": .string(path)], names: [path]
                ) { path }
                return .success
            }
            invocation.console.show("Token", token, names: [token.text("secret")]) { token.text("secret") }
            return .success
        })

    static let list = Command(
        "token list", "list access tokens, without their secrets",
        run: { invocation in
            let items = try invocation.hub().list("/api/v1/tokens")
            var table = TextTable("TOKEN", "NAME", "USER", "ROLE", "EXPIRES", "LAST USED")
            for item in items {
                table.add(
                    item.text("id"), item.text("name"), item.text("user"), item.text("role"),
                    item.moment("expires"), item.moment("lastUsed"))
            }
            invocation.console.show(
                "TokenList", list: items, name: "id", table: table, empty: "no tokens; next: aurora token create NAME")
            return .success
        })

    static let revoke = Command(
        "token revoke", "end a token at once",
        arguments: [CommandArgument("token", "its id, the beginning, or its name", hint: .live(.tokens))],
        run: { invocation in
            let hub = try invocation.hub()
            let id = try Names(hub: hub).token(invocation.argument("token"))
            try invocation.confirm("Whatever uses \(id) stops working now.")
            _ = try hub.send(HubRequest(method: "DELETE", target: "/api/v1/tokens" + URLText.path(id)))
            invocation.console.show("Revoked", ["token": .string(id)], names: [id]) { "\(id) is revoked" }
            return .success
        })
}

/// Lengths of time as people write them.
enum Span {
    /// `30d`, `12h`, `45m`, `90s` or plain seconds.
    static func seconds(_ text: String) throws(CommandError) -> Int {
        let units: [Character: Int] = ["d": 86400, "h": 3600, "m": 60, "s": 1]
        let unit = text.last.flatMap { units[$0] }
        let digits = unit == nil ? text[...] : text.dropLast()
        guard let number = Int(digits), number > 0, number < 10_000_000 else {
            throw .usage("'\(text)' is no length of time", remedy: "write it like 30d, 12h or 45m")
        }
        return number * (unit ?? 1)
    }
}
