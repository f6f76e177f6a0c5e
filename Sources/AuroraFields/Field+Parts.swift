// Lists and mappings.

extension Field {
    /// A list of texts that `parse` understands.
    package static func list<Value: Sendable>(
        _ name: String, of expected: String, rule: TextRule = TextRule(), maximum: Int = 1000, fallback: String,
        _ meaning: String, _ parse: @escaping @Sendable (String) -> Value?, into set: @escaping Slot<[Value]>
    ) -> Self {
        let facts = FieldFacts(
            name: name, type: "list", range: "each \(expected)", fallback: fallback, meaning: meaning,
            shape: .list(of: .text(rule), maximum: maximum))
        return Field(facts: facts) { reader, section in
            let values = reader.list(name, rule: rule, maximum: maximum, expected: expected, parse)
            if let values { set(&section, values) }
        }
    }

    /// A mapping with fields of its own; left out, all of them have their defaults.
    package static func section<Inner: FieldSection>(_ name: String, _ path: Path<Inner>, _ meaning: String) -> Self {
        let inner = Inner.facts
        let facts = FieldFacts(name: name, type: "mapping", meaning: meaning, inner: inner, shape: .mapping(inner))
        return Field(facts: facts) { reader, section in section[keyPath: path] = Inner.read(reader.mapping(name)) }
    }

    /// A mapping that may be left out as a whole.
    package static func optionalSection<Inner: FieldSection>(
        _ name: String, fallback: String, inner: [FieldFacts], _ meaning: String, into set: @escaping Slot<Inner>
    ) -> Self {
        let facts = FieldFacts(
            name: name, type: "mapping", fallback: fallback, meaning: meaning, inner: inner,
            shape: .mapping(Inner.facts))
        return Field(facts: facts) { reader, section in
            if reader.isPresent(name) { set(&section, Inner.read(reader.mapping(name))) }
        }
    }

    /// A list of mappings; `set` gets each with its reader, to complain about what the list as a whole must not hold.
    package static func sections<Inner: FieldSection>(
        _ name: String, of type: Inner.Type, maximum: Int, fallback: String = "none", _ meaning: String,
        into add: @escaping @Sendable (inout Section, Inner, FieldReader) -> Void
    ) -> Self {
        let inner = Inner.facts
        let facts = FieldFacts(
            name: name, type: "list", range: "each a mapping; at most \(Quantity.text(Int64(maximum), ""))",
            fallback: fallback, meaning: meaning, inner: inner,
            shape: .list(of: .mapping(inner), maximum: maximum))
        return Field(facts: facts) { reader, section in
            for entry in reader.mappings(name, maximum: maximum) { add(&section, Inner.read(entry), entry) }
        }
    }
}

/// Numbers as people read them.
package enum Quantity {
    private static let steps: [(shift: Int64, name: String)] = [
        (60, "EiB"), (50, "PiB"), (40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB"),
    ]

    /// `64 GiB` for bytes that are a round number, else the digits in groups of three.
    package static func text(_ number: Int64, _ unit: String) -> String {
        if unit == "bytes", number > 0, let step = steps.first(where: { number % (1 << $0.shift) == 0 }) {
            return "\(number >> step.shift) \(step.name)"
        }
        guard unit != "port", unit != "id" else { return "\(number)" }
        var text = ""
        for (index, digit) in String(number).reversed().enumerated() {
            if index > 0, index % 3 == 0, digit != "-" { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }
}
