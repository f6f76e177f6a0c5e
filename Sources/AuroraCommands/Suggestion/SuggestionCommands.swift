import AuroraModel

/// The commands of `aurora suggestion`, also called `aurora approval`.
enum SuggestionCommands {
    static let commands: [Command] = [list, show, diff, request, approve, reject, start, withdraw]

    private static let suggestion = CommandArgument("suggestion", "its id, or the beginning", hint: .live(.suggestions))
    private static let plan = CommandOption.value(
        "plan", "DIGEST", "the plan you mean, or its beginning; anything else is refused")

    static let list = Command(
        "suggestion list", "list suggestions that wait for people",
        options: [
            .limit,
            .value("domain", "NAME", "only the queue of this domain, such as automotive"),
            .value("in-state", "STATE", "only those in this state, such as running"),
            .flag("all", "also those that are over"),
        ],
        examples: ["approvals list", "suggestion list --domain maritime --json"],
        run: { invocation in
            let state = invocation.line.value("in-state") ?? (invocation.line.has("all") ? nil : "waiting")
            let items = try invocation.hub().list(
                "/api/v1/suggestions", [("domain", invocation.line.value("domain")), ("state", state)],
                limit: try invocation.number("limit") ?? 50)
            var table = TextTable("SUGGESTION", "DOMAIN", "TARGET", "CHANGE", "STATE", "ASKED BY", "EXPIRES")
            for item in items {
                table.add(
                    item.text("id"), item.text("domain"), item.text("target"), SuggestionText.change(item),
                    item.text("state"), item.text("requestedBy"), item.moment("expires"))
            }
            invocation.console.show(
                "SuggestionList", list: items, name: "id", table: table,
                empty: "nobody waits for an approval; --all shows what is over")
            return .success
        })

    static let show = Command(
        "suggestion show", "show a suggestion with its plan and votes", arguments: [suggestion],
        examples: ["approval show sg-7f3k"],
        run: { invocation in
            let hub = try invocation.hub()
            let id = try Names(hub: hub).suggestion(invocation.argument("suggestion"))
            let suggestion = try hub.get("/api/v1/suggestions" + URLText.path(id))
            let plan = try PlanOnScreen.fetch(id, hub)
            let both = JSONObject(
                (suggestion.object?.members ?? []).map { ($0.key, $0.value) } + [("planDocument", plan.json)])
            invocation.console.show("Suggestion", .object(both), names: [id]) {
                SuggestionText.facts(suggestion) + "\n" + plan.text
            }
            return .success
        })

    static let diff = Command(
        "suggestion diff", "show which files a suggestion adds, removes and changes", arguments: [suggestion],
        options: [.flag("exit-code", "end with 20 when there are differences")],
        run: { invocation in
            let hub = try invocation.hub()
            let id = try Names(hub: hub).suggestion(invocation.argument("suggestion"))
            let diff = try hub.get("/api/v1/suggestions" + URLText.path(id, "diff"))
            let text = SuggestionText.diff(diff)
            invocation.console.show("Diff", diff) { text }
            if text.isEmpty { invocation.console.note("no file differs") }
            return invocation.line.has("exit-code") && !text.isEmpty ? .changesFound : .success
        })

    static let request = Command(
        "suggestion request", "ask for a change: make its plan and file the suggestion",
        arguments: [
            CommandArgument("target", "the target to change", hint: .live(.targets)),
            CommandArgument(
                "release", "the release to promote; none with --generation", count: .optional, hint: .live(.releases)),
        ],
        options: [.value("generation", "N", "roll back to this generation instead"), .reason],
        examples: ["approval request gateway gateway@2.4.0 --reason \"fixes the modem drop, T-221\""],
        run: { invocation in
            let hub = try invocation.hub()
            let target = invocation.argument("target")
            let reason = try invocation.reason(for: "change \(target)")
            var members: [(String, JSONValue)] = [("target", .string(target)), ("reason", .string(reason))]
            if let generation = try invocation.number("generation") {
                members += [("action", "rollback"), ("generation", .init(generation))]
            } else if let release = invocation.line.argument("release") {
                members += [("action", "promote"), ("release", .string(try Names(hub: hub).release(release)))]
            } else {
                throw CommandError.usage(
                    "name a release, or --generation N to roll back to", remedy: "aurora release list")
            }
            invocation.showPending(try hub.post("/api/v1/suggestions", members))
            return .success
        })

    static let approve = Command(
        "suggestion approve", "say yes to exactly this plan, signed with your operator key",
        discussion: """
            Fetches the plan's bytes, computes their digest here, shows the plan and signs a statement over it. \
            Where the policy accepts it, an account without an operator key may approve too; the hub then \
            countersigns and marks the approval as weaker.
            """,
        arguments: [suggestion],
        options: [plan, .reason, .key, .passphraseFile, .wait, .noWait],
        examples: ["approval approve sg-7f3k --reason \"48 h of lab soak were clean, T-221\""],
        run: { try Vote(invocation: $0, decision: .approve).cast() })

    static let reject = Command(
        "suggestion reject", "say no to exactly this plan, signed with your operator key",
        arguments: [suggestion],
        options: [plan, .reason, .key, .passphraseFile, .wait, .noWait],
        examples: ["approval reject sg-7f3k --reason \"no rollback test yet\""],
        run: { try Vote(invocation: $0, decision: .reject).cast() })

    static let start = Command(
        "suggestion start", "start an approved change whose policy says that a person starts it",
        arguments: [suggestion],
        options: [.wait, .noWait],
        run: { invocation in
            let hub = try invocation.hub()
            let id = try Names(hub: hub).suggestion(invocation.argument("suggestion"))
            let change = try hub.post("/api/v1/suggestions" + URLText.path(id, "start"))
            return try invocation.follow(change, hub) { "\($0.text("kind")) on \($0.text("target")) done" }
        })

    static let withdraw = Command(
        "suggestion withdraw", "take back a suggestion of your own", arguments: [suggestion], options: [.reason],
        run: { invocation in
            let hub = try invocation.hub()
            let id = try Names(hub: hub).suggestion(invocation.argument("suggestion"))
            let reason = try invocation.reason(for: "withdraw \(id)")
            let suggestion = try hub.post(
                "/api/v1/suggestions" + URLText.path(id, "withdraw"), [("reason", .string(reason))])
            invocation.console.show("Suggestion", suggestion, names: [id]) { SuggestionText.line(suggestion) }
            return .success
        })
}
