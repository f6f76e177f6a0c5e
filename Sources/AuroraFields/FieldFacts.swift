package import AuroraModel

/// What a reader of the documentation, and the JSON Schema, is told about one field.
package struct FieldFacts: Sendable {
    package let name: String
    /// What is written there, such as `whole number` or `list of host names`.
    package var type: String
    /// The values it may have, in words; empty when the type says it all.
    package var range: String
    /// What a number counts; empty for everything else.
    package var unit: String
    /// What holds when the field is left out, in words.
    package var fallback: String
    package var meaning: String
    /// The fields of the mapping, or of each entry of the list, that stands here.
    package var inner: [FieldFacts]
    /// The same for machines.
    package var shape: FieldShape
    package var isRequired = false
    /// What holds when the field is left out, where that is one value.
    package var defaultValue: JSONValue?

    /// Facts about the field `name`.
    package init(
        name: String, type: String, range: String = "", unit: String = "", fallback: String = "", meaning: String,
        inner: [FieldFacts] = [], shape: FieldShape = .open, defaultValue: JSONValue? = nil
    ) {
        self.name = name
        self.type = type
        self.range = range
        self.unit = unit
        self.fallback = fallback
        self.meaning = meaning
        self.inner = inner
        self.shape = shape
        self.defaultValue = defaultValue
    }
}

/// What a value must look like, as far as a JSON Schema can say it.
package indirect enum FieldShape: Sendable {
    case text(TextRule)
    case integer(ClosedRange<Int64>)
    case truth
    /// One of these words.
    case word([String])
    case list(of: FieldShape, maximum: Int)
    case mapping([FieldFacts])
    /// Nothing is promised.
    case open
}

/// What a text must be before anybody tries to understand it.
package struct TextRule: Sendable {
    /// Most bytes of UTF-8.
    package var maximumBytes: Int
    /// Whether `""` says something.
    package var allowsEmpty: Bool
    /// A regular expression (ECMA 262) for the JSON Schema alone; empty promises nothing.
    package var pattern: String

    /// At most 64 KiB that are not empty, unless told otherwise.
    package init(maximumBytes: Int = 1 << 16, allowsEmpty: Bool = false, pattern: String = "") {
        self.maximumBytes = maximumBytes
        self.allowsEmpty = allowsEmpty
        self.pattern = pattern
    }
}
