import AuroraModel

/// The audit log with the state of its verification.
enum AuditPage {
    static func content(state: JSONValue, entries: [JSONValue], older: String?) -> [HTML] {
        let rows = entries.map { entry -> HTML in
            """
            <tr><td>\(Parts.text(entry["index"]))</td><td>\(Parts.time(entry["time"]))</td><td>\(Parts.text(entry["actor"]))</td>\
            <td>\(Parts.text(entry["action"]))</td><td><code>\(Parts.text(entry["subject"]))</code></td>\
            <td>\(outcome(entry))</td><td>\(Parts.text(entry["reason"]))</td></tr>
            """
        }
        let more: HTML = older.map { #"<p><a href="/audit?before=\#($0)">Older entries</a></p>"# } ?? .nothing
        return [
            #"<section class="card">\#(ribbon(state))</section>"#,
            """
            <section class="card">\(Parts.table("Entries, newest first", heads: ["Number", "Time", "Who", "Action", "Subject", "Outcome", "Reason"], rows: rows, empty: "The log is empty."))\(more)</section>
            """,
        ]
    }

    /// One line that says whether the log holds, and up to which entry.
    static func ribbon(_ state: JSONValue) -> HTML {
        let size = state["size"]?.integer ?? 0
        if state["verified"]?.bool == true {
            return """
                <p class="chain">\(Parts.state("verified")) <span>\(size) entries, published to \(Parts.text(state["published"])),
                last verified \(Parts.time(state["checkedAt"])).</span></p>
                <p class="quiet">Check it without us: <code>aurora audit verify</code></p>
                """
        }
        guard state["problem"]?.string != nil else {
            return #"<p class="chain">\#(Parts.state("waiting")) <span>\#(size) entries, not verified yet.</span></p>"#
        }
        return """
            <p class="chain">\(Parts.state("broken")) <span>\(Parts.text(state["problem"]))</span></p>
            <p class="notice bad">The log does not verify. Stop approving, keep this machine as it is, and compare with a checkpoint kept elsewhere.</p>
            """
    }

    private static func outcome(_ entry: JSONValue) -> HTML {
        guard entry["outcome"]?.string == "refused" else { return "accepted" }
        return "\(Parts.state("rejected")) <code>\(Parts.text(entry["code"]))</code>"
    }
}
