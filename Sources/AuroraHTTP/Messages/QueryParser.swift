/// Decodes queries and URL-encoded forms (WHATWG URL standard, application/x-www-form-urlencoded).
package enum QueryParser {
    /// Splits at `&`, decodes `+` and percent sequences once, and keeps order and repeated names.
    ///
    /// - Throws: ``TransportRefusal`` for broken percent sequences, control characters and text that is not UTF-8.
    package static func parse(_ text: some StringProtocol) throws(TransportRefusal) -> [QueryItem] {
        var items: [QueryItem] = []
        for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
            let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = try decode(halves[0])
            let value = halves.count > 1 ? try decode(halves[1]) : ""
            items.append(QueryItem(name, value))
        }
        return items
    }

    private static func decode(_ bytes: some Collection<UInt8>) throws(TransportRefusal) -> String {
        guard
            let decoded = PercentDecoding.decode(bytes, plusIsSpace: true),
            !decoded.contains(0),
            let text = String(validating: decoded, as: UTF8.self)
        else {
            throw TransportRefusal(
                .queryMalformed, detail: "a query or form field is not percent-encoded UTF-8 text without NUL")
        }
        return text
    }
}

/// Percent decoding (RFC 3986 section 2.1), once.
enum PercentDecoding {
    /// The decoded bytes, or `nil` when a `%` is not followed by two hexadecimal digits.
    static func decode(_ bytes: some Collection<UInt8>, plusIsSpace: Bool = false) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard
                    let high = iterator.next().flatMap(digit), let low = iterator.next().flatMap(digit)
                else { return nil }
                result.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace:
                result.append(UInt8(ascii: " "))
            default:
                result.append(byte)
            }
        }
        return result
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
