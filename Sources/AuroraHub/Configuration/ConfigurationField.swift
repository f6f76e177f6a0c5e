/// A mapping of `aurora.yaml` whose fields stand in one table, which reads them and documents them.
protocol ConfigurationSection: Sendable {
    /// Everything at its default.
    init()
    /// Every field the mapping may have, in the order of the documentation.
    static var fields: [ConfigurationField<Self>] { get }
    /// Looks at what no field can see alone, and complains through the reader.
    mutating func check(_ reader: ConfigurationReader)
}

extension ConfigurationSection {
    mutating func check(_ reader: ConfigurationReader) {}

    /// Reads the mapping; what is wrong or unknown is noted in the reader's report, and keeps its default here.
    static func read(_ reader: ConfigurationReader) -> Self {
        var settings = Self()
        for field in fields { field.read(reader, &settings) }
        settings.check(reader)
        reader.finish()
        return settings
    }

    /// What the documentation says about every field of the mapping.
    static var facts: [ConfigurationFacts] { fields.map(\.facts) }
}

/// What a reader of the documentation is told about one field.
struct ConfigurationFacts: Sendable {
    let name: String
    /// What is written there, such as `whole number` or `list of host names`.
    let type: String
    /// The values it may have, in words; empty when the type says it all.
    var range = ""
    /// What a number counts; empty for everything else.
    var unit = ""
    /// What holds when the field is left out.
    var fallback = ""
    let meaning: String
    /// The fields of the mapping, or of each entry of the list, that stands here.
    var inner: [ConfigurationFacts] = []
}

/// One field of a mapping: how it is read and what is said about it are the same value.
struct ConfigurationField<Settings: ConfigurationSection>: Sendable {
    let facts: ConfigurationFacts
    let read: @Sendable (ConfigurationReader, inout Settings) -> Void
}

// MARK: Numbers and words

extension ConfigurationField {
    typealias Path<Value> = any WritableKeyPath<Settings, Value> & Sendable
    /// Where a value goes once it is understood.
    typealias Slot<Value> = @Sendable (inout Settings, Value) -> Void

    /// A whole number with the default of `path`.
    static func integer<Number: FixedWidthInteger & Sendable>(
        _ name: String, _ path: Path<Number>, _ range: ClosedRange<Int64>, _ unit: String, _ meaning: String
    ) -> Self {
        let fallback = Quantity.text(Int64(Settings()[keyPath: path]), unit)
        return number(name, range, unit, fallback, meaning) { settings, value in
            if let number = Number(exactly: value) { settings[keyPath: path] = number }
        }
    }

    /// A whole number that may be left open.
    static func integer<Number: FixedWidthInteger & Sendable>(
        _ name: String, _ path: Path<Number?>, _ range: ClosedRange<Int64>, _ unit: String, fallback: String,
        _ meaning: String
    ) -> Self {
        number(name, range, unit, fallback, meaning) { settings, value in
            settings[keyPath: path] = Number(exactly: value)
        }
    }

    private static func number(
        _ name: String, _ range: ClosedRange<Int64>, _ unit: String, _ fallback: String, _ meaning: String,
        _ set: @escaping @Sendable (inout Settings, Int64) -> Void
    ) -> Self {
        let facts = ConfigurationFacts(
            name: name, type: "whole number",
            range: "\(Quantity.text(range.lowerBound, unit)) … \(Quantity.text(range.upperBound, unit))", unit: unit,
            fallback: fallback, meaning: meaning)
        return ConfigurationField(facts: facts) { reader, settings in
            if let value = reader.integer(name, in: range) { set(&settings, value) }
        }
    }

    /// `true` or `false`, or left open.
    static func bool(
        _ name: String, fallback: String, _ meaning: String, into set: @escaping Slot<Bool>
    ) -> Self {
        let facts = ConfigurationFacts(name: name, type: "`true` or `false`", fallback: fallback, meaning: meaning)
        return ConfigurationField(facts: facts) { reader, settings in
            if let value = reader.bool(name) { set(&settings, value) }
        }
    }

    /// Text that `parse` understands; what it expects is said in the page and in the complaint.
    static func text<Value: Sendable>(
        _ name: String, _ expected: String, fallback: String, _ meaning: String,
        _ parse: @escaping @Sendable (String) -> Value?, into set: @escaping Slot<Value>
    ) -> Self {
        let facts = ConfigurationFacts(
            name: name, type: "text", range: expected, fallback: fallback, meaning: meaning)
        return ConfigurationField(facts: facts) { reader, settings in
            if let value = reader.parsed(name, expected: expected, parse) { set(&settings, value) }
        }
    }

    /// One of the words of `Value`.
    static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
        _ name: String, fallback: String, _ meaning: String, into set: @escaping Slot<Value>
    ) -> Self where Value.RawValue == String {
        let words = Value.allCases.map(\.rawValue)
        let facts = ConfigurationFacts(
            name: name, type: "word", range: words.map { "`\($0)`" }.joined(separator: ", "), fallback: fallback,
            meaning: meaning)
        return ConfigurationField(facts: facts) { reader, settings in
            let value = reader.parsed(name, expected: "one of " + words.joined(separator: ", ")) { Value(rawValue: $0) }
            if let value { set(&settings, value) }
        }
    }
}

// MARK: Lists and mappings

extension ConfigurationField {
    /// A list of texts that `parse` understands.
    static func list<Value: Sendable>(
        _ name: String, of expected: String, fallback: String, _ meaning: String,
        _ parse: @escaping @Sendable (String) -> Value?, into set: @escaping Slot<[Value]>
    ) -> Self {
        let facts = ConfigurationFacts(
            name: name, type: "list", range: "each \(expected)", fallback: fallback, meaning: meaning)
        return ConfigurationField(facts: facts) { reader, settings in
            if let values = reader.list(name, expected: expected, parse) { set(&settings, values) }
        }
    }

    /// A mapping with fields of its own; left out, all of them have their defaults.
    static func section<Inner: ConfigurationSection>(
        _ name: String, _ path: Path<Inner>, _ meaning: String
    ) -> Self {
        ConfigurationField(
            facts: ConfigurationFacts(name: name, type: "mapping", meaning: meaning, inner: Inner.facts)
        ) { reader, settings in settings[keyPath: path] = Inner.read(reader.mapping(name)) }
    }

    /// A mapping that may be left out as a whole.
    static func optionalSection<Inner: ConfigurationSection>(
        _ name: String, fallback: String, inner: [ConfigurationFacts], _ meaning: String,
        into set: @escaping Slot<Inner>
    ) -> Self {
        let facts = ConfigurationFacts(
            name: name, type: "mapping", fallback: fallback, meaning: meaning, inner: inner)
        return ConfigurationField(facts: facts) { reader, settings in
            if reader.isPresent(name) { set(&settings, Inner.read(reader.mapping(name))) }
        }
    }

    /// The same field, which must be there.
    func required(example: String) -> Self {
        var told = facts
        told.fallback = "required"
        return ConfigurationField(facts: told) { [facts, read] reader, settings in
            if reader.required(facts.name, example) != nil { read(reader, &settings) }
        }
    }
}

/// Numbers as people read them.
enum Quantity {
    private static let steps: [(shift: Int64, name: String)] = [
        (60, "EiB"), (50, "PiB"), (40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB"),
    ]

    /// `64 GiB` for bytes that are a round number, else the digits in groups of three.
    static func text(_ number: Int64, _ unit: String) -> String {
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
