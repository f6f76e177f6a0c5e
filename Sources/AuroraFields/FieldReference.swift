import AuroraModel

/// The reference page of a text people write, made from the table that reads it.
package enum FieldReference {
    /// A table of the fields, and a section for each one that has fields of its own.
    package static func text(_ fields: [FieldFacts]) -> String {
        table(fields) + fields.map { section($0, path: $0.name) }.joined()
    }

    private static func section(_ facts: FieldFacts, path: String) -> String {
        guard !facts.inner.isEmpty else { return "" }
        let steps = path + (facts.type == "list" ? "[]" : "")
        return "## `\(path)`\n\n\(facts.meaning.asSentence)\n\n" + table(facts.inner)
            + facts.inner.map { section($0, path: "\(steps).\($0.name)") }.joined()
    }

    private static func table(_ fields: [FieldFacts]) -> String {
        Markdown.table(
            ["field", "value", "range", "unit", "default", "meaning"],
            fields.map { [Markdown.code($0.name), $0.type, $0.range, $0.unit, $0.fallback, $0.meaning] }) + "\n"
    }
}
