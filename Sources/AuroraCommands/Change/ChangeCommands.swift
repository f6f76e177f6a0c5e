import AuroraModel

/// The commands of `aurora change`.
enum ChangeCommands {
    static let commands: [Command] = [list, show, watch, abort]

    private static let change = CommandArgument("change", "its id, or the beginning", hint: .live(.changes))

    static let list = Command(
        "change list", "list changes, newest first",
        options: [
            .limit,
            .value(
                "in-state", "STATE", hint: .choice(ChangeState.allCases.map(\.rawValue)), "only those in this state"),
            .value("target", "NAME", hint: .live(.targets), "only those of this target"),
        ],
        run: { invocation in
            let items = try invocation.hub().list(
                "/api/v1/changes",
                [("state", invocation.line.value("in-state")), ("target", invocation.line.value("target"))],
                limit: try invocation.number("limit") ?? 50)
            var table = TextTable("CHANGE", "KIND", "SUBJECT", "STATE", "BEGUN", "BY")
            for item in items {
                let subject = item.text("subject")
                table.add(
                    item.text("id"), item.text("kind"), subject.count == 64 ? String(subject.prefix(12)) : subject,
                    item.text("state"), item.moment("created"), item.text("actor"))
            }
            invocation.console.show(
                "ChangeList", list: items, name: "id", table: table, empty: "nothing has been changed yet")
            return .success
        })

    static let show = Command(
        "change show", "show a change with its steps", arguments: [change],
        run: { invocation in
            let hub = try invocation.hub()
            let id = try Names(hub: hub).change(invocation.argument("change"))
            let change = try hub.get("/api/v1/changes" + URLText.path(id))
            invocation.console.show("Change", change, names: [id]) { ChangeText.facts(change) }
            return .success
        })

    static let watch = Command(
        "change watch", "follow a change to its end",
        discussion: "Ctrl-C detaches; the change goes on. The exit code says how the change ended.",
        arguments: [change],
        run: { invocation in
            let hub = try invocation.hub()
            let id = try Names(hub: hub).change(invocation.argument("change"))
            let ended = try ChangeWatcher(
                hub: hub, console: invocation.console, patience: try invocation.patience
            ).watch(id)
            return try invocation.conclude(ended) { "\($0.text("kind")) \(id) done" }
        })

    static let abort = Command(
        "change abort", "stop a change that has not switched anything yet", arguments: [change],
        options: [.reason],
        run: { invocation in
            let hub = try invocation.hub()
            let id = try Names(hub: hub).change(invocation.argument("change"))
            let reason = try invocation.reason(for: "abort \(id)")
            let change = try hub.post(
                "/api/v1/changes" + URLText.path(id, "abort"), [("reason", .string(reason))])
            invocation.console.show("Change", change, names: [id]) { "\(id) \(change.text("state"))" }
            return .success
        })
}
