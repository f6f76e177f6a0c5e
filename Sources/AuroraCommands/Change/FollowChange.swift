import AuroraModel

extension Invocation {
    /// Shows a change that was started: follows it to its end, or prints it when the line says `--no-wait`.
    ///
    /// - Parameter done: what to say when it ended well.
    func follow(_ change: JSONValue, _ hub: HubClient, done: (JSONValue) throws -> String) throws -> ExitCode {
        let id = change.text("id")
        guard !line.has("no-wait") else {
            console.show("Change", change, names: [id]) { "\(id) \(change.text("state"))" }
            console.note("  next: aurora change watch \(id)")
            return .success
        }
        let ended = try ChangeWatcher(hub: hub, console: console, patience: try patience).watch(id)
        return try conclude(ended, done: done)
    }

    /// Shows how a change ended, and ends with its exit code.
    func conclude(_ ended: JSONValue, done: (JSONValue) throws -> String) throws -> ExitCode {
        let exit = ChangeWatcher.exit(ended)
        guard exit != .success else {
            let words = try done(ended)
            console.show("Change", ended, names: [ended.text("id")]) { words }
            return exit
        }
        let problem = ended["error"] ?? .null
        if console.format == .json { console.show("Change", ended) { "" } }
        let state = ChangeText.state(ended.text("state"))
        throw CommandError(
            "\(ended.text("kind")) \(ended.text("id")) \(state)", cause: problem.text("message"),
            remedy: problem.text("remedy").isEmpty ? "aurora change show \(ended.text("id"))" : problem.text("remedy"),
            code: problem.text("code").isEmpty ? "change_" + ended.text("state") : problem.text("code"), exit: exit)
    }
}

/// Changes in words.
enum ChangeText {
    /// A state as part of a sentence.
    static func state(_ state: String) -> String {
        switch state {
        case "rolled-back": "failed and was rolled back"
        case "failed": "failed"
        case "aborted": "was aborted"
        case "interrupted": "was interrupted"
        default: state
        }
    }

    /// Everything about one change, line by line.
    static func facts(_ change: JSONValue) -> String {
        var facts = Facts()
        facts.add("change", change.text("id"))
        facts.add("kind", change.text("kind"))
        facts.add("about", change.text("subject"))
        facts.add("target", change.text("target"))
        facts.add("suggestion", change.text("suggestion"))
        facts.add("state", change.text("state"))
        facts.add("by", change.text("requestedBy"))
        facts.add("begun", change.moment("created"))
        facts.add("ended", change.moment("finished"))
        for task in change.list("tasks") {
            facts.add(
                "  " + task.text("name"),
                [task.text("state"), task.text("detail")].filter { !$0.isEmpty }.joined(separator: ": "))
        }
        if let error = change["error"], !error.isNull {
            facts.add("why", error.text("message"))
            facts.add("next", error.text("remedy"))
        }
        return facts.text
    }
}
