/// Base64 (RFC 4648 §4) and its URL form without padding (§5), read strictly.
///
/// Strict means that each byte string has exactly one text: no line breaks, complete padding (standard form) or none
/// (URL form), and unused bits zero.
package enum Base64 {
    private static let standard = Alphabet(last: "+/")
    private static let url = Alphabet(last: "-_")

    /// Returns the standard form with padding.
    package static func encode(_ bytes: [UInt8]) -> String {
        encode(bytes, standard, padded: true)
    }

    /// Returns the bytes of the standard form, or `nil` when the text is not exactly what `encode` would write.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var utf8 = Array(text.utf8)
        guard utf8.count % 4 == 0 else { return nil }
        for _ in 0..<2 where utf8.last == UInt8(ascii: "=") { utf8.removeLast() }
        return decode(utf8, standard)
    }

    /// Returns the URL form, without padding.
    package static func encodeURL(_ bytes: [UInt8]) -> String {
        encode(bytes, url, padded: false)
    }

    /// Returns the bytes of the URL form, or `nil` when the text is not exactly what `encodeURL` would write.
    package static func decodeURL(_ text: some StringProtocol) -> [UInt8]? {
        decode(Array(text.utf8), url)
    }

    private struct Alphabet {
        let digits: [UInt8]
        let values: [UInt8]

        init(last: String) {
            digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\(last)".utf8)
            var values = [UInt8](repeating: 255, count: 256)
            for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
            self.values = values
        }
    }

    private static func encode(_ bytes: [UInt8], _ alphabet: Alphabet, padded: Bool) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
            for position in 0...group.count {
                text.append(alphabet.digits[Int(bits >> (18 - 6 * UInt32(position)) & 63)])
            }
            if padded { text.append(contentsOf: repeatElement(UInt8(ascii: "="), count: 3 - group.count)) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func decode(_ text: [UInt8], _ alphabet: Alphabet) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for digit in text {
            let value = alphabet.values[Int(digit)]
            guard value < 64 else { return nil }
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
                bits &= (1 << bitCount) - 1
            }
        }
        return bits == 0 ? bytes : nil
    }
}
