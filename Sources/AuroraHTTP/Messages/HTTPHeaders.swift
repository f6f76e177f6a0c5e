/// One header field as it was sent or will be sent.
package struct HTTPField: Hashable, Sendable {
    /// The name in its original spelling; compare it without regard to case.
    package var name: String
    /// The value without leading blanks.
    package var value: String

    /// Makes a field; the server refuses to send names or values with control characters.
    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// Header fields in order, looked up without regard to case, repeated names kept.
package struct HTTPHeaders: Hashable, Sendable {
    /// All fields in the order of arrival.
    package private(set) var fields: [HTTPField]

    /// Makes a list from fields in order.
    package init(_ fields: [HTTPField] = []) {
        self.fields = fields
    }

    /// The first value of a name; setting replaces every value of that name, `nil` removes them.
    package subscript(_ name: String) -> String? {
        get {
            for field in fields where Self.equal(field.name, name) {
                return field.value
            }
            return nil
        }
        set {
            fields.removeAll { Self.equal($0.name, name) }
            if let newValue {
                fields.append(HTTPField(name, newValue))
            }
        }
    }

    /// Every value of a name, in order.
    package func values(_ name: String) -> [String] {
        fields.filter { Self.equal($0.name, name) }.map(\.value)
    }

    /// Adds a field and keeps others of the same name, as `Set-Cookie` needs.
    package mutating func append(_ name: String, _ value: String) {
        fields.append(HTTPField(name, value))
    }

    /// Adds the fields of `others` whose names are not here yet.
    package mutating func fill(from others: HTTPHeaders) {
        for field in others.fields where self[field.name] == nil {
            fields.append(field)
        }
    }

    /// Whether two field names are the same, ASCII letters compared without regard to case.
    static func equal(_ left: String, _ right: String) -> Bool {
        // Most clients write a name as everybody does.
        if left == right { return true }
        let left = left.utf8
        let right = right.utf8
        guard left.count == right.count else { return false }
        return zip(left, right).allSatisfy { lowered($0) == lowered($1) }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements.map { HTTPField($0.0, $0.1) })
    }
}
