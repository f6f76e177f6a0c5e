import AuroraModel

/// Runs `aurora audit tail`.
struct AuditTail {
    let invocation: Invocation

    /// Shows the last entries, and new ones when asked to go on.
    func run() throws -> ExitCode {
        let hub = try invocation.hub()
        let count = try invocation.number("lines") ?? 20
        let entries = try hub.get("/api/v1/audit/last" + URLText.query([("n", String(count))])).list("items")
        guard invocation.line.has("follow") else {
            let text = entries.map { AuditText.line($0) + "\n" }.joined()
            invocation.console.show("AuditEntryList", ["items": .array(entries)]) { text }
            return .success
        }
        entries.forEach(show)
        try follow(hub, after: entries.last?["index"]?.integer ?? -1)
        return .interrupted
    }

    private func follow(_ hub: HubClient, after index: Int64) throws {
        let interrupts = try Interrupts()
        var next = index + 1
        while true {
            let page = try hub.get(
                "/api/v1/audit/entries" + URLText.query([("from", String(next)), ("limit", "500")]))
            for entry in page.list("items") {
                show(entry)
                next = (entry["index"]?.integer ?? next) + 1
            }
            if try interrupts.arrived(within: .seconds(1)) { return }
        }
    }

    /// One line an entry: text for people, one JSON value for programs.
    private func show(_ entry: JSONValue) {
        let isJSON = invocation.console.format == .json
        invocation.console.raw((isJSON ? entry.description : AuditText.line(entry)) + "\n")
    }
}
