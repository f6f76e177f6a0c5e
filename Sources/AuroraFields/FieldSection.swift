/// A mapping of a text people write whose fields stand in one table, which reads them and documents them.
package protocol FieldSection: Sendable {
    /// Everything at its default.
    init()
    /// Every field the mapping may have, in the order of the documentation.
    static var fields: [Field<Self>] { get }
    /// Looks at what no field can see alone, and complains through the reader.
    mutating func check(_ reader: FieldReader)
}

extension FieldSection {
    /// Nothing to look at beyond single fields.
    package mutating func check(_ reader: FieldReader) {}

    /// Reads the mapping; what is wrong or unknown is noted in the reader's report, and keeps its default here.
    package static func read(_ reader: FieldReader) -> Self {
        var settings = Self()
        for field in fields { field.read(reader, &settings) }
        settings.check(reader)
        reader.finish()
        return settings
    }

    /// What the documentation says about every field of the mapping.
    package static var facts: [FieldFacts] { fields.map(\.facts) }
}
