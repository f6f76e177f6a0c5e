import AuroraCrypto

/// Strong entity tags and the conditional headers that carry them (RFC 9110 §8.8.3, §13.1).
enum EntityTag {
    /// The tag of some bytes: the first 128 bits of their SHA-256.
    static func of(_ bytes: [UInt8]) -> String {
        "\"" + Hex.encode(Array(SHA256.hash(bytes).prefix(16))) + "\""
    }

    /// Whether a list such as `"a", W/"b"` or `*` names `tag`; `weak` lets `W/` tags match (If-None-Match).
    static func list(_ header: String, contains tag: String, weak: Bool) -> Bool {
        if header.trimmed == "*" { return true }
        return header.split(separator: ",").contains { item in
            let item = String(item).trimmed
            if weak, item.hasPrefix("W/") { return item.dropFirst(2) == tag }
            return item == tag
        }
    }
}
