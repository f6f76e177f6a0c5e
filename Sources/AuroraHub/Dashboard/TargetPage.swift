import AuroraModel

/// One target: what is active, what was, and the two things one can ask for.
struct TargetPage {
    let viewer: Viewer
    let target: JSONValue
    /// Staged releases that could be promoted.
    let releases: [JSONValue]

    private var name: String { target["name"]?.string ?? "" }

    var content: [HTML] {
        [summary, driftCard, #"<div class="grid">"#, promoteForm, rollbackForm, "</div>", generations]
    }

    private var summary: HTML {
        """
        <section class="card">
        \(Parts.facts([
            ("Path", "<code>\(target["path"]?.string ?? "")</code>"),
            ("Kind", Parts.text(target["kind"])),
            ("Domain", Parts.text(target["domain"])),
            ("Safety class", target["safety"]?.string == "safety-critical" ? "safety-critical" : "routine"),
            ("State", target["degraded"]?.bool == true ? Parts.state("degraded") : Parts.state("active")),
        ]))
        </section>
        """
    }

    private var driftCard: HTML {
        let drift = target["drift"]?.array ?? []
        guard !drift.isEmpty else { return .nothing }
        let lines = drift.prefix(100).map {
            "<li><code>\(Parts.text($0["path"]))</code>: \(Parts.text($0["problem"]))</li>" as HTML
        }
        return """
            <section class="card"><h2>Drift</h2><p class="notice warn">The active tree is not as it was activated.</p>
            <ul>\(lines)</ul></section>
            """
    }

    private var promoteForm: HTML {
        guard viewer.may(.request) else { return .nothing }
        let options = releases.map {
            #"<option value="\#($0["sha256"]?.string ?? "")">\#(ReleaseText.title($0))</option>"# as HTML
        }
        guard !options.isEmpty else {
            return #"<section class="card"><h2>Promote</h2><p class="quiet">Stage a release first.</p></section>"#
        }
        return """
            <form class="card" method="post" action="/ui/promote">
            <h2>Promote</h2>
            \(Parts.csrf(viewer))<input type="hidden" name="target" value="\(name)">
            <label for="release">Release</label>
            <select id="release" name="release">\(options)</select>
            \(Parts.reason("promote-reason", isRequired: !viewer.isDev))
            <button>Ask for this change</button>
            </form>
            """
    }

    private var rollbackForm: HTML {
        guard viewer.may(.rollBack), (target["generations"]?.array ?? []).count > 1 else { return .nothing }
        return """
            <form class="card" method="post" action="/ui/rollback">
            <h2>Roll back</h2>
            \(Parts.csrf(viewer))<input type="hidden" name="target" value="\(name)">
            <p>Takes exactly the last promote back, in one step.</p>
            \(Parts.reason("rollback-reason", isRequired: !viewer.isDev))
            <button class="no">Roll back now</button>
            </form>
            """
    }

    private var generations: HTML {
        let rows = (target["generations"]?.array ?? []).map { generation -> HTML in
            """
            <tr><td>\(Parts.text(generation["number"]))</td><td>\(Parts.text(generation["version"]))</td>\
            <td>\(Parts.digest(generation["tree"]))</td><td>\(Parts.digest(generation["plan"]))</td>\
            <td>\(Parts.time(generation["time"]))</td><td>\(Parts.state(generation["state"]?.string ?? ""))</td></tr>
            """
        }
        return """
            <section class="card" aria-labelledby="generations"><h2 id="generations">Generations</h2>
            \(Parts.table("Generations", heads: ["Number", "Version", "Tree", "Plan", "When", "State"], rows: rows, empty: "Nothing has been activated yet."))
            </section>
            """
    }
}
