import AuroraModel

/// The commands of `aurora target`.
enum TargetCommands {
    static let commands: [Command] = [list, show, promote, rollback, unblock]

    private static let target = CommandArgument("target", "its name", hint: .live(.targets))

    static let list = Command(
        "target list", "list targets and what runs on them",
        run: { invocation in
            let items = try invocation.hub().get("/api/v1/targets").list("items")
            var table = TextTable("TARGET", "DOMAIN", "SAFETY", "ACTIVE", "GENERATION", "STATE")
            for item in items {
                let active = item["active"] ?? .null
                table.add(
                    item.text("name"), item.text("domain"), item.text("safety"), TargetText.content(active),
                    active.text("number"), TargetText.state(item))
            }
            invocation.console.show(
                "TargetList", list: items, name: "name", table: table,
                empty: "no targets; name them in aurora.yaml and restart the hub")
            return .success
        })

    static let show = Command(
        "target show", "show a target: generations, drift, policy", arguments: [target],
        run: { invocation in
            let name = invocation.argument("target")
            let target = try invocation.hub().get("/api/v1/targets" + URLText.path(name))
            invocation.console.show("Target", target, names: [name]) { TargetText.facts(target) }
            return .success
        })

    static let promote = Command(
        "target promote", "make a staged release the active one, or ask for the approval it needs",
        discussion: """
            When an approved suggestion for exactly this change exists, it starts. Otherwise the suggestion is filed \
            with its plan, and the exit code is 10.
            """,
        arguments: [
            target, CommandArgument("release", "SHA-256, its beginning, or name@version", hint: .live(.releases)),
        ],
        options: [.reason, .wait, .noWait],
        examples: ["target promote gateway gateway@2.4.0 --reason \"fixes the modem drop, T-221\""],
        run: { invocation in
            let hub = try invocation.hub()
            let name = invocation.argument("target")
            let release = try Names(hub: hub).release(invocation.argument("release"))
            let reason = try invocation.reason(for: "promote \(release.prefix(12)) on \(name)")
            return try invocation.orPending {
                let answer = try hub.post(
                    "/api/v1/targets" + URLText.path(name, "promote"),
                    [("release", .string(release)), ("reason", .string(reason))])
                guard answer["active"]?.bool == true else {
                    return try invocation.follow(answer, hub) { _ in "\(name) now runs \(release.prefix(12))" }
                }
                invocation.console.show("Promotion", answer, names: [release]) {
                    "\(release.prefix(12)) is already active on \(name)"
                }
                return .success
            }
        })

    static let rollback = Command(
        "target rollback", "bring the previous generation back, at once",
        discussion: """
            An approved promote carries the right to take exactly that change back; any other generation needs an \
            approval of its own and is filed as a suggestion.
            """,
        arguments: [target],
        options: [
            .value("generation", "N", "this generation instead of the previous one"), .reason, .confirm, .wait,
            .noWait,
        ],
        examples: ["target rollback gateway --reason \"modem drops after 20 minutes\" --confirm gateway"],
        run: { invocation in
            let hub = try invocation.hub()
            let name = invocation.argument("target")
            let generation = try invocation.number("generation")
            let reason = try invocation.reason(for: "roll \(name) back")
            try invocation.confirm("This takes \(name) back and restarts what runs on it.", name: name)
            return try invocation.orPending {
                let change = try hub.post(
                    "/api/v1/targets" + URLText.path(name, "rollback"),
                    [("reason", .string(reason)), ("generation", .init(generation))])
                return try invocation.follow(change, hub) { _ in
                    let target = try hub.get("/api/v1/targets" + URLText.path(name))
                    return "\(name) rolled back; it now runs \(TargetText.content(target["active"] ?? .null))"
                }
            }
        })

    static let unblock = Command(
        "target unblock", "allow a digest again that failed here before",
        arguments: [target, CommandArgument("digest", "the blocked digest, or its beginning")],
        options: [.reason, .confirm],
        run: { invocation in
            let hub = try invocation.hub()
            let name = invocation.argument("target")
            let wanted = invocation.argument("digest")
            let target = try hub.get("/api/v1/targets" + URLText.path(name))
            let blocked = target.list("blocked").compactMap(\.string).filter { $0.hasPrefix(wanted) }
            guard let digest = blocked.first, blocked.count == 1 else {
                throw CommandError(
                    "'\(wanted)' is not one blocked digest of \(name)", remedy: "aurora target show \(name)",
                    code: "not_found", exit: .notFound)
            }
            let reason = try invocation.reason(for: "unblock \(digest.prefix(12))")
            try invocation.confirm("\(digest.prefix(12)) failed on \(name) before.", name: name)
            try hub.post(
                "/api/v1/targets" + URLText.path(name, "blocked", digest), [("reason", .string(reason))],
                method: "DELETE")
            invocation.console.show("Unblocked", ["target": .string(name), "digest": .string(digest)]) {
                "\(digest.prefix(12)) may be promoted on \(name) again"
            }
            return .success
        })
}

/// Targets in words.
enum TargetText {
    /// What a generation holds: a version, or the beginning of a digest.
    static func content(_ generation: JSONValue) -> String {
        guard !generation.isNull else { return "nothing" }
        let version = generation.text("version")
        if !version.isEmpty { return version }
        let artifact = generation.digest("artifact")
        return artifact.isEmpty ? "tree " + generation.digest("tree") : artifact
    }

    /// What somebody should know at a glance.
    static func state(_ target: JSONValue) -> String {
        var words: [String] = []
        if target["degraded"]?.bool == true { words.append("DEGRADED") }
        if !target.text("busy").isEmpty { words.append("busy: " + target.text("busy")) }
        if !target.list("drift").isEmpty { words.append("drift") }
        return words.isEmpty ? "ok" : words.joined(separator: ", ")
    }

    /// Everything about one target, line by line.
    static func facts(_ target: JSONValue) -> String {
        var facts = Facts()
        facts.add("target", target.text("name"))
        facts.add("path", "\(target.text("path")) (\(target.text("kind")))")
        facts.add("domain", "\(target.text("domain")), \(target.text("safety"))")
        facts.add("active", content(target["active"] ?? .null))
        facts.add("state", state(target))
        for item in target.list("drift") { facts.add("drift", "\(item.text("path")): \(item.text("change"))") }
        for item in target.list("blocked") { facts.add("blocked", item.string ?? "") }
        for generation in target.list("generations") {
            facts.add(
                "generation " + generation.text("number"),
                "\(content(generation)), \(generation.text("state")), \(generation.moment("time"))")
        }
        return facts.text
    }
}
