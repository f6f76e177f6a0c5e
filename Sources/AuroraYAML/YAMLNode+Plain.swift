extension YAMLNode {
    /// What a plain scalar is that is no text.
    package enum PlainKind: String, Hashable, Sendable {
        case nothing = "nothing"
        case truth = "a truth value"
        case number = "a number"
    }

    /// What a scalar without quotes is to YAML readers, those of YAML 1.1 included; nil where it is text to all of them.
    package var plainKind: PlainKind? {
        guard case .scalar(let text, isPlain: true) = value else { return nil }
        if isNull { return .nothing }
        if Self.truths.contains(text.lowercased()) { return .truth }
        return Self.isNumber(text) ? .number : nil
    }

    private static let truths: Set<String> = ["true", "false", "yes", "no", "on", "off", "y", "n"]

    /// Integers in any base, grouped, in sixties, and floating point numbers.
    private static func isNumber(_ text: String) -> Bool {
        var rest = Substring(text.lowercased())
        if rest.first == "+" || rest.first == "-" { rest.removeFirst() }
        if rest == ".inf" || rest == ".nan" { return true }
        for (prefix, digits) in [("0x", "0123456789abcdef_"), ("0o", "01234567_"), ("0b", "01_")]
        where rest.hasPrefix(prefix) {
            return rest.count > 2 && rest.dropFirst(2).allSatisfy(digits.contains)
        }
        guard let first = rest.first(where: { $0 != "." }), ("0"..."9").contains(first) else { return false }
        let parts = rest.split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 {
            let power = parts[1].drop { $0 == "+" || $0 == "-" }
            guard !power.isEmpty, power.allSatisfy({ ("0"..."9").contains($0) }) else { return false }
        }
        return parts[0].allSatisfy { ("0"..."9").contains($0) || $0 == "_" || $0 == ":" || $0 == "." }
            && parts[0].count { $0 == "." } <= 1
    }
}
