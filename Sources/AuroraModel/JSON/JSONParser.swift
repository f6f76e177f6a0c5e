/// Reads JSON strictly (RFC 8259), for bytes that come from outside or that carry a signature.
///
/// Refused beside what the RFC refuses: duplicate keys (by code points), lone surrogates, invalid UTF-8, a byte order
/// mark, integers outside Int64, more than `depth` levels, more than `maximumBytes`; fractions and exponents unless
/// allowed. Linear in time; recursion is bounded by `depth`.
package struct JSONParser {
    private let bytes: [UInt8]
    private let maximumDepth: Int
    private let allowsFractions: Bool
    private var position = 0
    /// Where each value and member name stands, in the order of the text; nil when nobody asked.
    private var places: [Range<Int>]?

    /// Parses `bytes` as exactly one JSON value with optional white space around it.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8 without a byte order mark.
    ///   - maximumBytes: Refuses longer input before looking at it. 1 MiB unless told.
    ///   - depth: Levels of arrays and objects. 64 unless told.
    ///   - allowsFractions: Accepts `1.5` and `1e3` as ``JSONValue/double(_:)``.
    package static func parse(
        _ bytes: [UInt8], maximumBytes: Int = 1_048_576, depth: Int = 64, allowsFractions: Bool = false
    ) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes: bytes, maximumDepth: depth, allowsFractions: allowsFractions)
        return try parser.document(maximumBytes)
    }

    /// Parses without fractions, and tells where everything stands.
    ///
    /// - Returns: the value, and the bytes of every value and member name in the order in which they begin: an object's
    ///   own range first, then the name and the value of each member.
    package static func parseWithPlaces(
        _ bytes: [UInt8], maximumBytes: Int, depth: Int
    ) throws(JSONError) -> (value: JSONValue, places: [Range<Int>]) {
        var parser = JSONParser(bytes: bytes, maximumDepth: depth, allowsFractions: false)
        parser.places = []
        let value = try parser.document(maximumBytes)
        return (value, parser.places ?? [])
    }

    /// Parses the UTF-8 bytes of `text`.
    package static func parse(_ text: String) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8))
    }

    private init(bytes: [UInt8], maximumDepth: Int, allowsFractions: Bool) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
        self.allowsFractions = allowsFractions
    }

    private mutating func document(_ maximumBytes: Int) throws(JSONError) -> JSONValue {
        guard bytes.count <= maximumBytes else {
            throw JSONError(
                rule: .tooLarge, offset: maximumBytes,
                detail: "\(bytes.count) bytes are more than the \(maximumBytes) allowed")
        }
        let value = try value(depth: 0)
        skipWhiteSpace()
        guard position == bytes.count else {
            throw failure(.trailingData, "more text after the end of the value")
        }
        return value
    }

    private func failure(_ rule: JSONError.Rule, _ detail: String) -> JSONError {
        JSONError(rule: rule, offset: position, detail: detail)
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipWhiteSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func unexpected(_ wanted: String) -> JSONError {
        guard let byte = current else { return failure(.unexpectedEnd, "the text ends where \(wanted) should be") }
        let shown = byte > 0x20 && byte < 0x7F ? "'\(Character(UnicodeScalar(byte)))'" : "byte \(byte)"
        return failure(.unexpectedCharacter, "\(shown) stands where \(wanted) should be")
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        skipWhiteSpace()
        guard let index = places?.count else { return try bareValue(depth: depth) }
        let start = position
        places?.append(start..<start)
        let value = try bareValue(depth: depth)
        places?[index] = start..<position
        return value
    }

    private mutating func bareValue(depth: Int) throws(JSONError) -> JSONValue {
        switch current {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case let byte? where byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte): return try number()
        default: throw unexpected("a value")
        }
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for byte in text.description.utf8 {
            guard current == byte else { throw unexpected("the word \(text)") }
            position += 1
        }
        return value
    }

    private func checkDepth(_ depth: Int) throws(JSONError) {
        guard depth <= maximumDepth else {
            throw failure(.tooDeep, "more than \(maximumDepth) levels of arrays and objects")
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        try checkDepth(depth)
        position += 1
        var elements: [JSONValue] = []
        skipWhiteSpace()
        if current == UInt8(ascii: "]") {
            position += 1
            return .array(elements)
        }
        while true {
            elements.append(try value(depth: depth))
            skipWhiteSpace()
            switch current {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"):
                position += 1
                return .array(elements)
            default: throw unexpected("',' or ']'")
            }
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        try checkDepth(depth)
        position += 1
        var members: [(key: String, value: JSONValue)] = []
        var seen = KeySet()
        skipWhiteSpace()
        if current == UInt8(ascii: "}") {
            position += 1
            return .object(JSONObject(distinct: members))
        }
        while true {
            skipWhiteSpace()
            let start = position
            guard current == UInt8(ascii: "\"") else { throw unexpected("a member name") }
            let key = try string()
            places?.append(start..<position)
            guard seen.insert(key) else {
                throw JSONError(rule: .duplicateKey, offset: start, detail: "the member \"\(key)\" appears twice")
            }
            skipWhiteSpace()
            guard current == UInt8(ascii: ":") else { throw unexpected("':'") }
            position += 1
            members.append((key, try value(depth: depth)))
            skipWhiteSpace()
            switch current {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                position += 1
                return .object(JSONObject(distinct: members))
            default: throw unexpected("',' or '}'")
            }
        }
    }
}

// MARK: Numbers

extension JSONParser {
    private mutating func digits() -> Int {
        let start = position
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        return position - start
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        if current == UInt8(ascii: "-") { position += 1 }
        let first = current
        let count = digits()
        guard count > 0 else { throw failure(.badNumber, "a minus sign without digits") }
        guard count == 1 || first != UInt8(ascii: "0") else {
            throw failure(.badNumber, "a number with a leading zero")
        }
        let isInteger = try fractionAndExponent()
        guard position - start <= 1024 else {
            throw failure(.numberOutOfRange, "a number of more than 1024 characters")
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger {
            guard let value = Int64(text) else {
                throw failure(.numberOutOfRange, "the integer does not fit 64 bits")
            }
            return .integer(value)
        }
        guard allowsFractions else { throw failure(.fraction, "a number with fraction or exponent") }
        guard let value = Double(text), value.isFinite else {
            throw failure(.numberOutOfRange, "the number is out of range")
        }
        return .double(value)
    }

    /// Reads the optional fraction and exponent; returns whether neither was there.
    private mutating func fractionAndExponent() throws(JSONError) -> Bool {
        var isInteger = true
        if current == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            guard digits() > 0 else { throw failure(.badNumber, "a decimal point without digits after it") }
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            guard digits() > 0 else { throw failure(.badNumber, "an exponent without digits") }
        }
        return isInteger
    }
}

// MARK: Strings

extension JSONParser {
    private mutating func string() throws(JSONError) -> String {
        let start = position
        position += 1
        var text: [UInt8] = []
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                // Everything outside strings must be ASCII, so checking each string checks the whole document.
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw JSONError(rule: .invalidUTF8, offset: start, detail: "the string is not valid UTF-8")
                }
                return string
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &text)
            case 0..<0x20:
                throw failure(.controlCharacter, "a control character inside a string; write it as \\u00XX")
            default:
                text.append(byte)
                position += 1
            }
        }
        throw failure(.unexpectedEnd, "the text ends inside a string")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard let byte = current else { throw failure(.unexpectedEnd, "the text ends inside an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(Character(try unicodeEscape())).utf8)
        default:
            position -= 1
            throw failure(.badEscape, "an unknown escape after a backslash")
        }
    }

    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let first = try hexQuad()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, current == UInt8(ascii: "\\"), position + 1 < bytes.count,
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw failure(.loneSurrogate, "half of a surrogate pair") }
        position += 2
        let second = try hexQuad()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw failure(.loneSurrogate, "half of a surrogate pair") }
        return scalar
    }

    private mutating func hexQuad() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
                throw failure(.badEscape, "\\u needs four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}

/// The keys of one object seen so far, by code points; a hash set only where an object is large.
private struct KeySet {
    private var few: [String] = []
    private var many: Set<[UInt8]> = []

    /// Adds `key`; false when it was there already.
    mutating func insert(_ key: String) -> Bool {
        if many.isEmpty {
            if few.contains(where: { $0.hasSameCodePoints(as: key) }) { return false }
            few.append(key)
            if few.count > 16 { many = Set(few.map { Array($0.utf8) }) }
            return true
        }
        return many.insert(Array(key.utf8)).inserted
    }
}
