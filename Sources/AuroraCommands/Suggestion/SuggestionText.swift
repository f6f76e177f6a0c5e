import AuroraModel

/// Suggestions in words.
enum SuggestionText {
    /// From what to what, in the shortest form that means something.
    static func change(_ suggestion: JSONValue) -> String {
        let from = side(suggestion["from"] ?? .null)
        let to = side(suggestion["to"] ?? .null)
        return suggestion.text("action") == "rollback" ? "back \(from) → \(to)" : "\(from) → \(to)"
    }

    /// One line: what it is and what it waits for.
    static func line(_ suggestion: JSONValue) -> String {
        let missing = suggestion.list("missing").compactMap(\.string).joined(separator: "; ")
        let state = suggestion.text("state")
        return "\(suggestion.text("id")) \(state): \(suggestion.text("target")) \(change(suggestion))"
            + (state == "waiting" && !missing.isEmpty ? "; waits for \(missing)" : "")
    }

    /// Everything but the plan, line by line.
    static func facts(_ suggestion: JSONValue) -> String {
        var facts = Facts()
        facts.add("suggestion", suggestion.text("id"))
        facts.add("state", suggestion.text("state"))
        facts.add("queue", suggestion.text("domain"))
        facts.add("asked by", "\(suggestion.text("requestedBy")) (\(suggestion.text("source")))")
        facts.add("reason", suggestion.text("reason"))
        facts.add("filed", suggestion.moment("created"))
        facts.add("expires", suggestion.moment("expires"))
        facts.add("policy", "\(suggestion.text("policy")), \(suggestion.text("signatures"))")
        for vote in suggestion.list("votes") {
            facts.add(
                vote.text("decision"),
                "\(vote.text("voter")), \(vote.text("kind")), \(vote.moment("time")): \(vote.text("reason"))")
        }
        for missing in suggestion.list("missing") { facts.add("missing", missing.string ?? "") }
        facts.add("change", suggestion.text("change"))
        return facts.text
    }

    /// Added, removed and changed files, one a line, like a patch's headings.
    static func diff(_ diff: JSONValue) -> String {
        var lines: [String] = []
        for file in diff.list("added") { lines.append("+ " + entry(file)) }
        for file in diff.list("removed") { lines.append("- " + entry(file)) }
        for file in diff.list("changed") {
            lines.append("~ \(file.text("path").onOneLine)  \(detail(file["from"])) → \(detail(file["to"]))")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func side(_ state: JSONValue) -> String {
        let version = state.text("version")
        if !version.isEmpty { return version }
        let artifact = state.digest("artifact")
        if !artifact.isEmpty { return artifact }
        let tree = state.digest("treeDigest")
        return tree.isEmpty ? "nothing" : tree
    }

    private static func entry(_ file: JSONValue) -> String {
        "\(file.text("path").onOneLine)  \(detail(file))"
    }

    private static func detail(_ file: JSONValue?) -> String {
        guard let file else { return "" }
        let link = file.text("linkTarget")
        if !link.isEmpty { return "link to \(link.onOneLine)" }
        let size = file["size"]?.integer.map { ByteCount.text($0) } ?? ""
        return [file.text("mode"), size, file.digest("sha256")].filter { !$0.isEmpty }.joined(separator: " ")
    }
}
