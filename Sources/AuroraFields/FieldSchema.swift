package import AuroraModel

/// The JSON Schema (draft 2020-12) of a text people write, made from the table that reads it.
package enum FieldSchema {
    /// The schema of a document that is one mapping of `fields`.
    /// - Parameters:
    ///   - id: names the schema, as a URN.
    ///   - title: what the document is called.
    package static func document(_ fields: [FieldFacts], id: String, title: String) -> JSONValue {
        var schema = JSONObject([
            ("$schema", "https://json-schema.org/draft/2020-12/schema"), ("$id", .string(id)),
            ("title", .string(title)),
        ])
        for member in mapping(fields).members { schema[member.key] = member.value }
        return .object(schema)
    }

    private static func mapping(_ fields: [FieldFacts]) -> JSONObject {
        var properties = JSONObject()
        for facts in fields {
            var schema = of(facts.shape)
            schema["description"] = .string(facts.meaning.replacing("`", with: ""))
            schema["default"] = facts.defaultValue
            properties[facts.name] = .object(schema)
        }
        var schema: JSONObject = ["type": "object", "properties": .object(properties), "additionalProperties": false]
        let required = fields.filter(\.isRequired).map(\.name)
        if !required.isEmpty { schema["required"] = JSONValue(required) }
        return schema
    }

    private static func of(_ shape: FieldShape) -> JSONObject {
        switch shape {
        case .text(let rule):
            var schema: JSONObject = ["type": "string", "maxLength": .integer(Int64(rule.maximumBytes))]
            if !rule.allowsEmpty { schema["minLength"] = 1 }
            if !rule.pattern.isEmpty { schema["pattern"] = .string(rule.pattern) }
            return schema
        case .integer(let range):
            return ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
        case .truth: return ["type": "boolean"]
        case .word(let words): return ["type": "string", "enum": JSONValue(words)]
        case .list(of: let element, let maximum):
            return ["type": "array", "items": .object(of(element)), "maxItems": .integer(Int64(maximum))]
        case .mapping(let fields): return mapping(fields)
        case .open: return [:]
        }
    }
}
