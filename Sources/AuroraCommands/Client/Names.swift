import AuroraModel

/// Finds the one thing somebody means by the beginning of its name.
struct Names {
    let hub: HubClient

    /// The SHA-256 of a release: given whole, by its beginning, as `name@version`, or by its file name.
    func release(_ text: String) throws -> String {
        if Digest(hex: text) != nil { return text }
        let items = try hub.list("/api/v1/releases")
        let matches = items.filter { item in
            item.text("filename") == text || "\(item.text("name"))@\(item.text("version"))" == text
                || (text.count >= 4 && item.text("sha256").hasPrefix(text))
        }
        return try one(matches, "sha256", called: text, noun: "release", among: items, label: { $0.releaseTitle })
    }

    /// The id of a suggestion, given whole or by its beginning.
    func suggestion(_ text: String) throws -> String {
        try identifier(text, prefix: "sg-", path: "/api/v1/suggestions", noun: "suggestion")
    }

    /// The id of a change, given whole or by its beginning.
    func change(_ text: String) throws -> String {
        try identifier(text, prefix: "ch-", path: "/api/v1/changes", noun: "change")
    }

    /// The id of a token, given whole, by its beginning or by its name.
    func token(_ text: String) throws -> String {
        let items = try hub.list("/api/v1/tokens")
        let matches = items.filter { $0.text("id").hasPrefix(text) || $0.text("name") == text }
        return try one(matches, "id", called: text, noun: "token", among: items, label: { $0.text("id") })
    }

    private func identifier(_ text: String, prefix: String, path: String, noun: String) throws -> String {
        let wanted = text.hasPrefix(prefix) ? text : prefix + text
        if wanted.count == prefix.count + 16 { return wanted }
        let items = try hub.list(path)
        return try one(
            items.filter { $0.text("id").hasPrefix(wanted) }, "id", called: text, noun: noun, among: items,
            label: { $0.text("id") })
    }

    private func one(
        _ matches: [JSONValue], _ key: String, called text: String, noun: String, among items: [JSONValue],
        label: (JSONValue) -> String
    ) throws -> String {
        if let match = matches.first, matches.count == 1 { return match.text(key) }
        guard matches.isEmpty else {
            let names = matches.prefix(4).map { "\(label($0)) (\($0.text(key).prefix(12)))" }
            throw CommandError.usage(
                "'\(text)' means \(matches.count) \(noun)s: \(names.joined(separator: ", "))",
                remedy: "write more of the name")
        }
        let known = items.flatMap { item in
            [item.text(key), label(item), item.text("filename"), "\(item.text("name"))@\(item.text("version"))"]
        }
        let meant = Nearest.match(text, in: known.filter { $0.count > 1 })
        throw CommandError(
            "there is no \(noun) '\(text)'",
            remedy: meant.map { "did you mean '\($0)'?" } ?? "aurora \(noun) list", code: "not_found", exit: .notFound)
    }
}
