import AuroraModel

/// One suggestion: the plan, its diff, the votes so far, and the decision.
struct SuggestionPage {
    let viewer: Viewer
    let suggestion: JSONValue
    let plan: JSONValue
    let diff: JSONValue
    /// Votes with their kind, oldest first.
    let votes: [JSONValue]

    /// More rows than this are counted, not shown; the whole list is in the API and the command line.
    private static let mostRows = 500

    var content: [HTML] { [summary, planCard, diffCard, voteCard, decision] }

    private var id: String { suggestion["id"]?.string ?? "" }
    private var digest: String { suggestion["plan"]?.string ?? "" }

    private var summary: HTML {
        let missing = (suggestion["missing"]?.array ?? []).map { "<li>\(Parts.text($0))</li>" as HTML }
        let change: HTML =
            suggestion["change"]?.string.map { #"<p>Change: <a href="/changes/\#($0)">\#($0)</a></p>"# } ?? .nothing
        return """
            <section class="card" aria-labelledby="what">
            <h2 id="what">What is asked</h2>
            \(Parts.facts([
                ("State", Parts.state(suggestion["state"]?.string ?? "")),
                ("Target", #"<a href="/targets/\#(suggestion["target"]?.string ?? "")">\#(suggestion["target"]?.string ?? "")</a>"#),
                ("Asked by", Parts.text(suggestion["requestedBy"])),
                ("Reason", Parts.text(suggestion["reason"])),
                ("Asked", Parts.time(suggestion["created"])),
                ("Expires", Parts.time(suggestion["expires"])),
                ("Policy", Parts.text(suggestion["policy"])),
            ]))
            \(missing.isEmpty ? .nothing : "<h3>Still missing</h3><ul>\(missing)</ul>" as HTML)
            \(change)
            </section>
            """
    }

    private var planCard: HTML {
        """
        <section class="card" aria-labelledby="plan">
        <h2 id="plan">The plan</h2>
        \(Parts.facts(PlanText.facts(plan)))
        \(PlanText.warnings(plan))
        <p>Plan digest <code>\(digest)</code>. An approval binds exactly this plan; if anything in it changes, it is asked anew.</p>
        <details><summary>The plan as it is signed</summary><pre>\(String(decoding: plan.prettyBytes, as: UTF8.self))</pre></details>
        </section>
        """
    }

    private var diffCard: HTML {
        let rows = DiffText.rows(diff)
        let cut: HTML =
            rows.count > Self.mostRows
            ? "<p>\(rows.count - Self.mostRows) more; all of them: <code>aurora suggestion diff \(id)</code></p>"
            : .nothing
        return """
            <section class="card" aria-labelledby="diff">
            <h2 id="diff">Files</h2>
            <div class="diff">\(Parts.table("Files that change", heads: ["Change", "Path", "Size", "Kind", "SHA-256"], rows: Array(rows.prefix(Self.mostRows)), empty: "No file changes."))</div>
            \(cut)
            </section>
            """
    }

    private var voteCard: HTML {
        let rows = votes.map { vote -> HTML in
            """
            <tr><td>\(Parts.text(vote["voter"]))</td><td>\(Parts.text(vote["decision"]))</td><td>\(Parts.text(vote["reason"]))</td>\
            <td>\(VoteText.kind(vote["kind"]?.string ?? ""))</td><td>\(Parts.time(vote["time"]))</td></tr>
            """
        }
        return """
            <section class="card" aria-labelledby="votes">
            <h2 id="votes">Decisions so far</h2>
            \(Parts.table("Decisions", heads: ["Who", "Decision", "Reason", "Made how", "When"], rows: rows, empty: "Nobody has decided yet."))
            </section>
            """
    }

    private var decision: HTML {
        if suggestion["state"]?.string == "approved", viewer.may(.start) { return startForm }
        guard suggestion["state"]?.string == "waiting" else { return .nothing }
        guard suggestion["mayVote"]?.bool == true else {
            return #"<p class="notice warn">You cannot decide here: \#(whyNot)</p>"#
        }
        guard suggestion["signatures"]?.string != "operator-signed" else { return signElsewhere }
        return voteForms
    }

    private var whyNot: String {
        if !viewer.may(.vote) { return "your role does not approve changes." }
        if suggestion["requestedBy"]?.string == viewer.name { return "you asked for this change yourself." }
        return "you have decided already, or this policy asks somebody else."
    }

    private var signElsewhere: HTML {
        """
        <section class="card" aria-labelledby="sign">
        <h2 id="sign">Sign on your own machine</h2>
        <p>This target takes only approvals signed with an operator's own key, which no browser or hub has:</p>
        <pre>aurora approval approve \(id) --plan \(digest) --reason "…"</pre>
        </section>
        """
    }

    private var voteForms: HTML {
        """
        <div class="grid">
        <form class="card" method="post" action="/ui/approve">
        <h2>Approve</h2>
        \(hidden)
        \(Parts.reason("approve-reason", isRequired: !viewer.isDev))
        <button>Approve this plan</button>
        <p class="quiet">Made in a browser, the approval is countersigned by the hub and shown as such.</p>
        </form>
        <form class="card" method="post" action="/ui/reject">
        <h2>Reject</h2>
        \(hidden)
        \(Parts.reason("reject-reason", isRequired: !viewer.isDev))
        <button class="no">Reject this plan</button>
        </form>
        </div>
        """
    }

    private var startForm: HTML {
        """
        <form class="card" method="post" action="/ui/start">
        <h2>Start</h2>
        \(hidden)
        <p>The plan is approved and waits to be started by hand.</p>
        <button>Start now</button>
        </form>
        """
    }

    private var hidden: HTML {
        """
        \(Parts.csrf(viewer))<input type="hidden" name="suggestion" value="\(id)">\
        <input type="hidden" name="plan" value="\(digest)">
        """
    }
}

/// How a vote came about, in words; what the hub could have made up itself is called weaker.
enum VoteText {
    static func kind(_ kind: String) -> String {
        switch kind {
        case "operator": "signed with the operator's key"
        case "browser": "in a browser, countersigned by the hub (weaker)"
        case "token": "by token, countersigned by the hub (weaker)"
        default: kind
        }
    }
}
