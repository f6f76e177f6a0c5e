import AuroraModel

/// Every request and every vote says why, in words that fit a line and a page.
struct ReasonRule {
    let policy: Policy

    /// The reason without blanks around it, or "none given" where the policy lets it be empty.
    func checked(_ reason: String) throws(Refusal) -> String {
        let text = trimmed(reason)
        guard text.count >= Int(policy.reasonLength) else {
            throw Refusal(
                .unprocessable, code: "reason_required",
                "a reason of at least \(policy.reasonLength) characters is needed",
                rule: "policy \(policy.name): reason_length \(policy.reasonLength)",
                remedy: "say in a sentence why this is to be done or not")
        }
        guard text.count <= NewSuggestionRequest.maximumReason else {
            throw Refusal(
                .tooLarge, code: "reason_too_long",
                "a reason has at most \(NewSuggestionRequest.maximumReason) characters", remedy: "shorten it")
        }
        return text.isEmpty ? "none given" : text
    }

    private func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
