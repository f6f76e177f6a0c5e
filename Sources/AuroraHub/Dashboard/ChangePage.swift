import AuroraModel

/// Changes: a list, and one with its tasks, which follows while it runs.
enum ChangePage {
    static func list(_ changes: [JSONValue], next: String?) -> [HTML] {
        let rows = changes.map { change -> HTML in
            let id = change["id"]?.string ?? ""
            return """
                <tr><td><a href="/changes/\(id)">\(id)</a></td><td>\(Parts.text(change["kind"]))</td><td>\(Parts.text(change["subject"]))</td>\
                <td>\(Parts.text(change["actor"]))</td><td>\(Parts.time(change["created"]))</td>\
                <td>\(Parts.state(change["state"]?.string ?? ""))</td></tr>
                """
        }
        let more: HTML = next.map { #"<p><a href="/changes?cursor=\#($0)">Older ones</a></p>"# } ?? .nothing
        return [
            """
            <section class="card">\(Parts.table("Changes", heads: ["Change", "Kind", "Subject", "Asked by", "When", "State"], rows: rows, empty: "Nothing has been changed yet."))\(more)</section>
            """
        ]
    }

    static func one(_ change: JSONValue) -> [HTML] {
        let state = change["state"]?.string ?? ""
        let follow: HTML =
            ["queued", "running"].contains(state)
            ? #"<p data-follow="\#(change["id"]?.string ?? "")" data-state="\#(state)" class="quiet">This page moves on by itself.</p>"#
            : .nothing
        return [
            """
            <section class="card">
            \(Parts.facts([
                ("State", Parts.state(state)),
                ("Kind", Parts.text(change["kind"])),
                ("Subject", Parts.text(change["subject"])),
                ("Reason", Parts.text(change["reason"])),
                ("Asked by", Parts.text(change["actor"])),
                ("Began", Parts.time(change["created"])),
                ("Ended", Parts.time(change["finished"])),
                ("Suggestion", suggestion(change)),
            ]))
            \(follow)
            \(problem(change["error"]))
            </section>
            """, tasks(change),
        ]
    }

    private static func suggestion(_ change: JSONValue) -> HTML {
        change["suggestion"]?.string.map { #"<a href="/suggestions/\#($0)">\#($0)</a>"# } ?? "none"
    }

    private static func problem(_ error: JSONValue?) -> HTML {
        guard let message = error?["message"]?.string else { return .nothing }
        return #"<p class="notice bad">\#(message.asSentence) \#((error?["remedy"]?.string ?? "").asSentence)</p>"#
    }

    private static func tasks(_ change: JSONValue) -> HTML {
        let rows = (change["tasks"]?.array ?? []).map { task -> HTML in
            "<tr><td>\(Parts.text(task["name"]))</td><td>\(Parts.state(task["state"]?.string ?? ""))</td><td>\(Parts.text(task["detail"]))</td></tr>"
        }
        return """
            <section class="card"><h2>Steps</h2>\(Parts.table("Steps", heads: ["Step", "State", "Detail"], rows: rows, empty: "No step has begun."))</section>
            """
    }
}
