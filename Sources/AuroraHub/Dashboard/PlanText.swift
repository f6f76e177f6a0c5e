import AuroraModel

/// A plan in words.
enum PlanText {
    static func facts(_ plan: JSONValue) -> [(String, HTML)] {
        let files = plan["files"] ?? .null
        return [
            ("Action", Parts.text(plan["action"])),
            ("From", side(plan["from"])),
            ("To", side(plan["to"])),
            ("Signature", signature(plan["signature"])),
            (
                "Files",
                "\(Parts.text(files["added"])) added, \(Parts.text(files["changed"])) changed, \(Parts.text(files["removed"])) removed"
            ),
            ("Trial", trial(plan["trial"])),
            ("Restart", command(plan["apply"] ?? plan["restart"])),
            ("Health check", command(plan["health"])),
        ]
    }

    /// What an approver must not overlook.
    static func warnings(_ plan: JSONValue) -> HTML {
        var lines: [HTML] = []
        if plan["downgrade"]?.bool == true || plan["downgrade"]?.string == "yes" {
            lines.append("This is a downgrade: the new version is older than the active one.")
        }
        if plan["downgrade"]?.string == "unknown" {
            lines.append("Whether this is a downgrade cannot be told: no signed release file names both versions.")
        }
        if plan["unsigned"]?.bool == true { lines.append("The artifact is not signed.") }
        let drift = plan["drift"]?.array ?? []
        if !drift.isEmpty {
            lines.append(
                "The active tree was changed by somebody: \(drift.count) entries differ from what was activated.")
        }
        return HTML.nothing.joining(lines.map { #"<p class="notice warn">\#($0)</p>"# })
    }

    private static func side(_ side: JSONValue?) -> HTML {
        guard let side, !side.isNull else { return "nothing" }
        let version: HTML = side["version"]?.string.map { "version \($0), " } ?? .nothing
        let generation: HTML = side["generation"]?.integer.map { "generation \($0), " } ?? .nothing
        return "\(version)\(generation)tree \(Parts.digest(side["tree"] ?? side["treeDigest"]))"
    }

    private static func signature(_ verdict: JSONValue?) -> HTML {
        guard let verdict, !verdict.isNull else { return Parts.state("unsigned") }
        let covers = verdict["covers"]?.string == "release" ? "covers name, version and bytes" : "covers the bytes only"
        return
            "\(Parts.state(verdict["state"]?.string ?? "unsigned")) \(Parts.text(verdict["explanation"])) (\(covers))"
    }

    private static func trial(_ trial: JSONValue?) -> HTML {
        guard let trial, !trial.isNull else { return "not run" }
        return Parts.text(trial["state"])
    }

    private static func command(_ words: JSONValue?) -> HTML {
        let words = words?.array?.compactMap(\.string) ?? []
        return words.isEmpty ? "none" : "<code>\(words.joined(separator: " "))</code>"
    }
}

/// The rows of a diff.
enum DiffText {
    static func rows(_ diff: JSONValue) -> [HTML] {
        let added = (diff["added"]?.array ?? []).map { row("added", "+", $0) }
        let removed = (diff["removed"]?.array ?? []).map { row("removed", "−", $0) }
        let changed = (diff["changed"]?.array ?? []).map(changedRow)
        return changed + added + removed
    }

    private static func row(_ kind: String, _ sign: String, _ file: JSONValue) -> HTML {
        """
        <tr class="\(kind)"><td><span aria-label="\(kind)">\(sign)</span></td><td>\(Parts.text(file["path"]))</td>\
        <td>\(Parts.size(file["size"]))</td><td>\(mode(file))</td><td>\(content(file))</td></tr>
        """
    }

    private static func changedRow(_ change: JSONValue) -> HTML {
        let old = change["from"] ?? .null
        let new = change["to"] ?? .null
        return """
            <tr class="changed"><td><span aria-label="changed">±</span></td><td>\(Parts.text(change["path"]))</td>\
            <td>\(Parts.size(old["size"])) → \(Parts.size(new["size"]))</td><td>\(mode(old)) → \(mode(new))</td>\
            <td>\(content(old)) → \(content(new))</td></tr>
            """
    }

    /// The one bit of a mode that is kept, or the kind of what is no plain file.
    private static func mode(_ file: JSONValue) -> HTML {
        if file["executable"]?.bool == true { return "program" }
        return Parts.text(file["kind"])
    }

    private static func content(_ file: JSONValue) -> HTML {
        if let target = file["linkTarget"]?.string { return "→ \(target)" }
        return file["sha256"]?.string == nil ? "" : Parts.digest(file["sha256"])
    }
}
