/// Splits and decodes the path of a request target, once, and refuses every known trick (S-19).
package enum PathParser {
    /// Splits `target` into decoded path segments and its undecoded query.
    ///
    /// - Throws: ``TransportRefusal`` with `target_malformed` or `path_unsafe`.
    package static func split(_ target: String) throws(TransportRefusal) -> (path: [String], query: Substring.UTF8View)
    {
        let bytes = target.utf8
        guard bytes.first == UInt8(ascii: "/") else {
            throw TransportRefusal(.targetMalformed, detail: "the request target must start with '/'")
        }
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
            throw TransportRefusal(
                .targetMalformed, detail: "the request target has a blank, '#', control or non-ASCII byte")
        }
        let end = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        let path = try segments(bytes[bytes.index(after: bytes.startIndex)..<end])
        let queryStart = end == bytes.endIndex ? end : bytes.index(after: end)
        return (path, bytes[queryStart...])
    }

    private static func segments(_ path: Substring.UTF8View) throws(TransportRefusal) -> [String] {
        guard !path.isEmpty else { return [] }
        var result: [String] = []
        let raw = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for (index, segment) in raw.enumerated() {
            if segment.isEmpty {
                // "/a/" ends in an empty segment; one anywhere else is "//".
                guard index == raw.count - 1, index > 0 else { throw unsafe("an empty segment ('//')") }
                result.append("")
            } else {
                result.append(try decode(segment))
            }
        }
        return result
    }

    private static func decode(_ segment: Substring.UTF8View) throws(TransportRefusal) -> String {
        guard let decoded = PercentDecoding.decode(segment) else { throw unsafe("a broken percent sequence") }
        for byte in decoded {
            switch byte {
            case 0...0x1F, 0x7F: throw unsafe("a control character")
            case UInt8(ascii: "/"): throw unsafe("an encoded '/'")
            case UInt8(ascii: "\\"): throw unsafe("a '\\\\'")
            case UInt8(ascii: ";"): throw unsafe("a ';'")
            default: continue
            }
        }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw unsafe("bytes that are not UTF-8")
        }
        guard text != ".", text != ".." else { throw unsafe("a '.' or '..' segment") }
        return text
    }

    private static func unsafe(_ what: String) -> TransportRefusal {
        TransportRefusal(.pathUnsafe, detail: "the path has \(what)")
    }
}
