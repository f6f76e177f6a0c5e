/// What distinguishes one sort of identifier from another: its name in messages and its rule.
package protocol IdentifierKind: Sendable {
    /// How a message calls it, such as "target name".
    static var noun: String { get }
    /// What a valid one looks like, in words, for the remedy of a refusal.
    static var rule: String { get }
    static func isValid(_ text: String) -> Bool
}

/// A name or id that has been checked; identifiers of different kinds are different types.
///
/// All kinds are ASCII, so comparison needs no Unicode rules, and none can hold a slash, a blank or a control
/// character, so each is safe as one path component and in one log line.
package struct Identifier<Kind: IdentifierKind>: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String

    /// Checks `text`; nil when it breaks the kind's rule.
    package init?(_ text: String) {
        guard text.utf8.count <= 128, Kind.isValid(text) else { return nil }
        self.text = text
    }

    package var description: String { text }

    package static func < (left: Self, right: Self) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    /// Checks `text` as something a client sent.
    /// - Throws: A ``Refusal`` with code `bad_identifier` that says what a valid one looks like.
    package static func require(_ text: String) throws(Refusal) -> Self {
        guard let identifier = Self(text) else {
            throw Refusal(
                .badRequest, code: "bad_identifier", "\"\(text.printable(limit: 80))\" is not a \(Kind.noun)",
                subject: text.printable(limit: 80), rule: Kind.rule, remedy: "use a \(Kind.noun) of that form")
        }
        return identifier
    }
}

/// Kinds whose ids the hub makes itself: a prefix, a dash and 80 random bits in 16 characters of base 32.
package protocol GeneratedIdentifierKind: IdentifierKind {
    /// Two letters, such as "sg".
    static var prefix: String { get }
}

extension GeneratedIdentifierKind {
    package static var rule: String { "\(prefix)- and 16 characters of a-z and 2-7" }

    package static func isValid(_ text: String) -> Bool {
        let parts = text.utf8
        guard text.hasPrefix(prefix + "-"), parts.count == prefix.utf8.count + 17 else { return false }
        return parts.dropFirst(prefix.utf8.count + 1).allSatisfy(Base32.isDigit)
    }
}

extension Identifier where Kind: GeneratedIdentifierKind {
    /// Makes an id from at least ten random bytes; further bytes are ignored.
    ///
    /// Randomness is handed in so that this module does no I/O and tests can repeat a run.
    package init(random bytes: [UInt8]) {
        precondition(bytes.count >= 10, "an identifier needs 80 random bits")
        text = Kind.prefix + "-" + Base32.encode(bytes.prefix(10))
    }
}

/// RFC 4648 base 32 in lower case, for whole groups of five bytes.
private enum Base32 {
    static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    static func isDigit(_ byte: UInt8) -> Bool { alphabet.contains(byte) }

    static func encode(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        var buffer: UInt32 = 0
        var bits = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(buffer >> UInt32(bits) & 31)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension JSONReader {
    /// Reads an identifier of any kind; the error says what a valid one looks like.
    package mutating func identifier<Kind>(
        _ key: String, _ type: Identifier<Kind>.Type = Identifier<Kind>.self
    ) throws(JSONShapeError) -> Identifier<Kind> {
        try parsed(key, expected: "a \(Kind.noun) (\(Kind.rule))") { Identifier<Kind>($0) }
    }

    package mutating func optionalIdentifier<Kind>(
        _ key: String, _ type: Identifier<Kind>.Type = Identifier<Kind>.self
    ) throws(JSONShapeError) -> Identifier<Kind>? {
        optional(key) == nil ? nil : try identifier(key, type)
    }
}
