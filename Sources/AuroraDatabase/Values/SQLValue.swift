/// One value that goes into a statement or comes out of a row.
package enum SQLValue: Hashable, Sendable {
    /// SQL's NULL.
    case null
    /// A whole number (BIGINT; also BOOLEAN as 0 and 1).
    case integer(Int64)
    /// Text in UTF-8; it may hold any character, U+0000 too.
    case text(String)
    /// Bytes (BYTEA).
    case bytes([UInt8])

    /// Wraps a Boolean as 0 or 1.
    package init(_ value: Bool) {
        self = .integer(value ? 1 : 0)
    }

    /// Wraps a number that may be absent.
    package init(_ value: Int64?) {
        self = value.map(SQLValue.integer) ?? .null
    }

    /// Wraps text that may be absent.
    package init(_ value: String?) {
        self = value.map(SQLValue.text) ?? .null
    }

    /// Wraps bytes that may be absent.
    package init(_ value: [UInt8]?) {
        self = value.map(SQLValue.bytes) ?? .null
    }

    /// The kind of the value, for messages.
    var kind: String {
        switch self {
        case .null: "null"
        case .integer: "integer"
        case .text: "text"
        case .bytes: "bytes"
        }
    }
}

extension SQLValue: ExpressibleByNilLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    /// Makes NULL.
    package init(nilLiteral: ()) {
        self = .null
    }

    /// Makes a number.
    package init(integerLiteral value: Int64) {
        self = .integer(value)
    }

    /// Makes text.
    package init(stringLiteral value: String) {
        self = .text(value)
    }
}
