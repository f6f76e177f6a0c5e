import AuroraFields
import AuroraModel
import Testing

@testable import AuroraPacks

/// One field of the manifest: what a pack does with each of some values, everything else the same.
struct FieldCase: Sendable, CustomTestStringConvertible {
    /// Such as `pack.service.backoff.budget`; `[]` is the first entry of a list.
    let field: String
    /// Values and what was seen with each; nil leaves the field out.
    let expected: [(value: JSONValue?, behaviour: String)]
    /// The rest of the pack.
    let pack: FieldPack
    /// Carries the pack through and says what was seen.
    let observe: @Sendable (FieldTrial) throws -> String

    init(
        _ field: String, _ expected: [(value: JSONValue?, behaviour: String)], _ pack: FieldPack = FieldPack(),
        _ observe: @escaping @Sendable (FieldTrial) throws -> String
    ) {
        self.field = field
        self.expected = expected
        self.pack = pack
        self.observe = observe
    }

    var testDescription: String { field }

    /// Every case there is.
    static let all = identity + autoscan + change + room + service + backoff

    /// The fields that hold a value, as the table that reads manifests has them.
    static var table: [String] { leaves(ManifestFields.facts, below: "") }

    private static func leaves(_ facts: [FieldFacts], below path: String) -> [String] {
        facts.flatMap { field -> [String] in
            var name = path + field.name
            if field.inner.isEmpty { return [name] }
            if case .list = field.shape { name += "[]" }
            return leaves(field.inner, below: name + ".")
        }
    }
}
