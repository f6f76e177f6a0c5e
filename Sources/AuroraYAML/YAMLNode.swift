/// A place in a YAML text, counted from 1.
package struct YAMLPosition: Hashable, Sendable, CustomStringConvertible {
    package let line: Int
    package let column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package var description: String { "\(line):\(column)" }
}

/// One value of a YAML document with the place where it begins.
///
/// Scalars keep their text: whether `no` is a word or a truth value is for the reader of the field to say, who knows what
/// the field means. `isPlain` tells whether the scalar stood without quotes.
package struct YAMLNode: Hashable, Sendable {
    /// What the value is.
    package indirect enum Value: Hashable, Sendable {
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        /// Entries in the order of the text; no key stands twice.
        case mapping([YAMLEntry])
    }

    package let value: Value
    package let position: YAMLPosition
    /// The code points of the text that spell the value, quotes included; empty for a value that nobody wrote.
    package let span: Range<Int>

    /// A value at its place.
    package init(_ value: Value, at position: YAMLPosition, span: Range<Int> = 0..<0) {
        self.value = value
        self.position = position
        self.span = span
    }

    /// The text of a scalar, else nil.
    package var scalar: String? {
        if case .scalar(let text, _) = value { text } else { nil }
    }

    /// The elements of a sequence, else nil.
    package var sequence: [YAMLNode]? {
        if case .sequence(let nodes) = value { nodes } else { nil }
    }

    /// The entries of a mapping, else nil.
    package var mapping: [YAMLEntry]? {
        if case .mapping(let entries) = value { entries } else { nil }
    }

    /// The value of `key`, by code points, when this is a mapping that has it.
    package subscript(key: String) -> YAMLNode? {
        mapping?.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// Whether this is an empty plain scalar or one of YAML's spellings of nothing.
    package var isNull: Bool {
        if case .scalar(let text, isPlain: true) = value {
            ["", "~", "null", "Null", "NULL"].contains(text)
        } else {
            false
        }
    }

    /// What a message calls this kind of value.
    package var kindName: String {
        switch value {
        case .scalar: "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// One `key: value` of a mapping.
package struct YAMLEntry: Hashable, Sendable {
    package let key: String
    /// Where the key stands.
    package let position: YAMLPosition
    package let value: YAMLNode

    package init(key: String, position: YAMLPosition, value: YAMLNode) {
        self.key = key
        self.position = position
        self.value = value
    }
}
