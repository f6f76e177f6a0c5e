import AuroraCrypto

/// A SHA-256 digest: the name of an artifact, a tree, a plan or a policy.
package struct Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Exactly 32 bytes.
    package let bytes: [UInt8]

    /// Takes 32 digest bytes; nil for any other length.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Reads 64 hexadecimal digits of either case; nil for anything else.
    package init?(hex: String) {
        guard hex.utf8.count == 64 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        var high: UInt8?
        for character in hex.utf8 {
            guard let nibble = Digest.nibble(character) else { return nil }
            if let first = high {
                bytes.append(first << 4 | nibble)
                high = nil
            } else {
                high = nibble
            }
        }
        self.bytes = bytes
    }

    /// The SHA-256 of `data`.
    package init(hashing data: [UInt8]) {
        bytes = SHA256.hash(data)
    }

    /// 64 lower-case hexadecimal digits.
    package var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The first twelve digits, for people.
    package var short: String { String(hex.prefix(12)) }

    package var description: String { hex }

    package static func < (left: Digest, right: Digest) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    private static func nibble(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension Digest: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let hex = try container.decode(String.self)
        guard let digest = Digest(hex: hex) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not 64 hexadecimal digits")
        }
        self = digest
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }
}

extension JSONValue {
    /// The digest as a hexadecimal string, or null for nil.
    package init(_ digest: Digest?) { self.init(digest?.hex) }
}

extension JSONReader {
    package mutating func digest(_ key: String) throws(JSONShapeError) -> Digest {
        try parsed(key, expected: "64 hexadecimal digits (SHA-256)") { Digest(hex: $0) }
    }

    package mutating func optionalDigest(_ key: String) throws(JSONShapeError) -> Digest? {
        optional(key) == nil ? nil : try digest(key)
    }
}
