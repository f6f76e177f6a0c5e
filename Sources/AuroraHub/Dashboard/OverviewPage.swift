import AuroraModel

/// The first page: what waits for a decision, the targets, the releases, and whether the log holds.
struct OverviewPage {
    let viewer: Viewer
    /// Open suggestions, as `GET /api/v1/suggestions` lists them.
    let suggestions: [JSONValue]
    let targets: [JSONValue]
    let releases: [JSONValue]
    /// Uploaded and not staged yet.
    let artifacts: [JSONValue]
    let audit: JSONValue

    var content: [HTML] {
        [waiting, targetCards, #"<div class="grid">"#, uploadCard, logCard, "</div>", artifactTable, releaseTable]
    }

    private var waiting: HTML {
        let mine = suggestions.filter { $0["mayVote"]?.bool == true }
        let words =
            mine.isEmpty ? "Nothing waits for you." : "\(mine.count) of these wait for your decision." as HTML
        return """
            <section class="card" aria-labelledby="waiting">
            <h2 id="waiting">Waiting for approval</h2>
            <p>\(words)</p>
            \(SuggestionsPage.table(suggestions, empty: "No suggestion is open. Ask for a change at one of the targets."))
            </section>
            """
    }

    private var targetCards: HTML {
        let cards = targets.map(card)
        guard !cards.isEmpty else {
            return """
                <section class="card"><h2>Targets</h2><p class="quiet">No target is registered. Add one to
                <code>aurora.yaml</code> and start the hub again.</p></section>
                """
        }
        return
            #"<section aria-labelledby="targets"><h2 id="targets">Targets</h2><div class="grid">\#(cards)</div></section>"#
    }

    private func card(_ target: JSONValue) -> HTML {
        let name = target["name"]?.string ?? ""
        let active = target["active"] ?? .null
        return """
            <section class="card">
            <h3><a href="/targets/\(name)">\(name)</a></h3>
            \(Parts.facts([
                ("Active", active.isNull ? "nothing yet" : "generation \(Parts.text(active["number"])), version \(Parts.text(active["version"]))"),
                ("Since", Parts.time(active["time"])),
                ("Domain", "\(Parts.text(target["domain"])), \(target["safety"]?.string == "safety-critical" ? "safety-critical" : "routine")"),
                ("State", state(of: target)),
            ]))
            </section>
            """
    }

    private func state(of target: JSONValue) -> HTML {
        if target["degraded"]?.bool == true { return Parts.state("degraded") }
        if let change = target["busy"]?.string {
            return #"\#(Parts.state("running")) <a href="/changes/\#(change)">\#(change)</a>"#
        }
        return Parts.state("active")
    }

    private var uploadCard: HTML {
        guard viewer.may(.upload) else { return .nothing }
        return """
            <form class="card" method="post" action="/ui/upload" enctype="multipart/form-data" data-upload>
            <h2>Upload</h2>
            \(Parts.csrf(viewer))
            <label for="artifact">Artifact, signature (.asc), checksum (.sha256) or release file</label>
            <input id="artifact" name="artifact" type="file" required>
            <button>Upload</button>
            <progress hidden aria-label="Upload progress"></progress>
            <p class="notice" data-notice role="status" hidden></p>
            </form>
            """
    }

    private var logCard: HTML {
        """
        <section class="card" aria-labelledby="log">
        <h2 id="log">Audit log</h2>
        \(AuditPage.ribbon(audit))
        <p><a href="/audit">Read the log</a></p>
        </section>
        """
    }

    private var artifactTable: HTML {
        let rows = artifacts.map { artifact -> HTML in
            """
            <tr><td>\(Parts.text(artifact["filename"]))</td><td>\(Parts.digest(artifact["sha256"]))</td>\
            <td>\(Parts.size(artifact["size"]))</td><td>\(Parts.text(artifact["uploadedBy"]))</td>\
            <td>\(Parts.time(artifact["created"]))</td><td>\(stageForm(artifact))</td></tr>
            """
        }
        return """
            <section class="card" aria-labelledby="uploads"><h2 id="uploads">Uploaded, not staged</h2>
            \(Parts.table("Uploaded files", heads: ["File", "SHA-256", "Size", "By", "When", "Act"], rows: rows, empty: "Every uploaded artifact is staged."))
            </section>
            """
    }

    private func stageForm(_ artifact: JSONValue) -> HTML {
        guard viewer.may(.stage), let digest = artifact["sha256"]?.string else { return .nothing }
        let name = artifact["filename"]?.string ?? digest
        return """
            <form method="post" action="/ui/stage">\(Parts.csrf(viewer))<input type="hidden" name="artifact" value="\(digest)">\
            <button aria-label="Stage \(name)">Stage</button></form>
            """
    }

    private var releaseTable: HTML {
        let rows = releases.map { release -> HTML in
            """
            <tr><td>\(ReleaseText.title(release))</td><td>\(Parts.digest(release["sha256"]))</td>\
            <td>\(Parts.state(release["signature"]?["state"]?.string ?? "unsigned"))</td>\
            <td>\(Parts.size(release["bytes"]))</td><td>\(Parts.time(release["staged"]))</td></tr>
            """
        }
        return """
            <section class="card" aria-labelledby="releases"><h2 id="releases">Staged releases</h2>
            \(Parts.table("Staged releases", heads: ["Release", "SHA-256", "Signature", "Unpacked", "Staged"], rows: rows, empty: "Nothing is staged. Upload an artifact and its signature, then stage it."))
            </section>
            """
    }
}

/// How a release is called on pages: its name and version when signed facts say so, else its file name.
enum ReleaseText {
    static func title(_ release: JSONValue) -> HTML {
        if let name = release["name"]?.string, let version = release["version"]?.string { return "\(name) \(version)" }
        if let file = release["filename"]?.string { return "\(file)" }
        return "\(String((release["sha256"]?.string ?? "").prefix(12)))"
    }
}
