import AuroraModel

/// One field of a mapping: how it is read and what is said about it are the same value.
package struct Field<Section: FieldSection>: Sendable {
    /// Where the value of a field is kept.
    package typealias Path<Value> = any WritableKeyPath<Section, Value> & Sendable
    /// Where a value goes once it is understood.
    package typealias Slot<Value> = @Sendable (inout Section, Value) -> Void

    package let facts: FieldFacts
    package let read: @Sendable (FieldReader, inout Section) -> Void

    /// A field that is read in a way of its own.
    package init(facts: FieldFacts, read: @escaping @Sendable (FieldReader, inout Section) -> Void) {
        self.facts = facts
        self.read = read
    }

    /// The same field, which must be there.
    package func required(example: String) -> Self {
        var told = facts
        told.fallback = "required"
        told.isRequired = true
        told.defaultValue = nil
        return Field(facts: told) { [facts, read] reader, section in
            if reader.requires(facts.name, example) { read(reader, &section) }
        }
    }
}

// MARK: Numbers and words

extension Field {
    /// A whole number with the default of `path`.
    package static func integer<Number: FixedWidthInteger & Sendable>(
        _ name: String, _ path: Path<Number>, _ range: ClosedRange<Int64>, _ unit: String, _ meaning: String
    ) -> Self {
        let value = Int64(Section()[keyPath: path])
        let fallback = (text: Quantity.text(value, unit), value: JSONValue.integer(value))
        return number(name, range, unit, fallback, meaning) { section, value in
            if let number = Number(exactly: value) { section[keyPath: path] = number }
        }
    }

    /// A whole number that may be left open.
    package static func integer<Number: FixedWidthInteger & Sendable>(
        _ name: String, _ path: Path<Number?>, _ range: ClosedRange<Int64>, _ unit: String, fallback: String,
        _ meaning: String
    ) -> Self {
        number(name, range, unit, (fallback, nil), meaning) { section, value in
            section[keyPath: path] = Number(exactly: value)
        }
    }

    private static func number(
        _ name: String, _ range: ClosedRange<Int64>, _ unit: String, _ fallback: (text: String, value: JSONValue?),
        _ meaning: String, _ set: @escaping @Sendable (inout Section, Int64) -> Void
    ) -> Self {
        let facts = FieldFacts(
            name: name, type: "whole number",
            range: "\(Quantity.text(range.lowerBound, unit)) … \(Quantity.text(range.upperBound, unit))", unit: unit,
            fallback: fallback.text, meaning: meaning, shape: .integer(range), defaultValue: fallback.value)
        return Field(facts: facts) { reader, section in
            if let value = reader.integer(name, in: range) { set(&section, value) }
        }
    }

    /// `true` or `false`, or left open.
    package static func bool(
        _ name: String, fallback: String, _ meaning: String, into set: @escaping Slot<Bool>
    ) -> Self {
        let facts = FieldFacts(
            name: name, type: "`true` or `false`", fallback: fallback, meaning: meaning, shape: .truth)
        return Field(facts: facts) { reader, section in
            if let value = reader.bool(name) { set(&section, value) }
        }
    }

    /// `true` or `false` with the default of `path`.
    package static func bool(_ name: String, _ path: Path<Bool>, _ meaning: String) -> Self {
        let value = Section()[keyPath: path]
        let field = bool(name, fallback: "`\(value)`", meaning) { $0[keyPath: path] = $1 }
        var facts = field.facts
        facts.defaultValue = .bool(value)
        return Field(facts: facts, read: field.read)
    }

    /// Text that `parse` understands; what it expects is said in the page and in the complaint.
    package static func text<Value: Sendable>(
        _ name: String, _ expected: String, rule: TextRule = TextRule(), fallback: String, _ meaning: String,
        _ parse: @escaping @Sendable (String) -> Value?, into set: @escaping Slot<Value>
    ) -> Self {
        let facts = FieldFacts(
            name: name, type: "text", range: expected, fallback: fallback, meaning: meaning, shape: .text(rule))
        return Field(facts: facts) { reader, section in
            if let value = reader.parsed(name, rule: rule, expected: expected, parse) { set(&section, value) }
        }
    }

    /// One of the words of `Value`.
    package static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
        _ name: String, fallback: String, _ meaning: String, into set: @escaping Slot<Value>
    ) -> Self where Value.RawValue == String {
        let words = Value.allCases.map(\.rawValue)
        let facts = FieldFacts(
            name: name, type: "word", range: words.map { "`\($0)`" }.joined(separator: ", "), fallback: fallback,
            meaning: meaning, shape: .word(words))
        return Field(facts: facts) { reader, section in
            let value = reader.parsed(name, expected: "one of " + words.joined(separator: ", ")) { Value(rawValue: $0) }
            if let value { set(&section, value) }
        }
    }

    /// One of the words of `Value`, with the default of `path`.
    package static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
        _ name: String, _ path: Path<Value>, _ meaning: String
    ) -> Self where Value.RawValue == String {
        let word = Section()[keyPath: path].rawValue
        let field = choice(name, fallback: "`\(word)`", meaning) { (section: inout Section, value: Value) in
            section[keyPath: path] = value
        }
        var facts = field.facts
        facts.defaultValue = .string(word)
        return Field(facts: facts, read: field.read)
    }
}
