import AuroraModel

/// Names for the completion scripts: quick, silent on every failure.
struct LiveNames {
    let invocation: Invocation

    /// Prints one name a line, with a description behind a tab.
    func list() -> ExitCode {
        guard let kind = LiveKind(rawValue: invocation.argument("kind")), let hub = try? invocation.hub() else {
            return .success
        }
        var request = HubRequest(method: "GET", target: "/api/v1/\(kind.rawValue)")
        request.timeout = 1
        guard let items = try? hub.send(request).json().list("items") else { return .success }
        let lines = items.map { item in
            let (name, description) = describe(item, kind)
            return name.onOneLine + "\t" + description.onOneLine + "\n"
        }
        invocation.console.raw(lines.joined())
        return .success
    }

    private func describe(_ item: JSONValue, _ kind: LiveKind) -> (String, String) {
        switch kind {
        case .releases: (item.text("sha256"), item.releaseTitle)
        case .targets: (item.text("name"), TargetText.content(item["active"] ?? .null))
        case .suggestions: (item.text("id"), "\(item.text("target")) \(SuggestionText.change(item))")
        case .changes: (item.text("id"), "\(item.text("kind")) \(item.text("state"))")
        case .users: (item.text("name"), item.text("role"))
        case .tokens: (item.text("id"), item.text("name"))
        case .artifacts: (item.text("filename"), item.digest("sha256"))
        }
    }
}
