package import AuroraModel

/// A whole copy of one pack's data, put aside before a generation could change them.
package struct DataSnapshot: Hashable, Sendable {
    package let pack: PackID
    package let schema: Int
    /// The generation it was taken for.
    package let generation: Int
    package let taken: Timestamp
    /// The digest of the copy's manifest: names, modes of execution, bytes.
    package let tree: Digest
    package let bytes: Int64
    /// Whether a `migrate` hook ran after it was taken, so that the version before cannot read what is there now.
    package let isMigrated: Bool
    /// What the copy leaves out; it stays with the folder in use on every way.
    package let excluded: [PackPath]
    /// The tree of the version that data were put in place for; nil for a copy.
    package let code: Digest?
    /// The version that worked on these data last; nil where nobody wrote it down.
    package let version: SemanticVersion?
    /// Their form; nil where nobody wrote it down.
    package let form: DataForm?
    /// The form of the data in use once these have been put aside and the change has begun, or before these take their place.
    package let formInUse: DataForm?

    package init(
        pack: PackID, schema: Int, generation: Int, taken: Timestamp, tree: Digest, bytes: Int64, isMigrated: Bool,
        excluded: [PackPath] = [], code: Digest? = nil, version: SemanticVersion? = nil, form: DataForm? = nil,
        formInUse: DataForm? = nil
    ) {
        self.pack = pack
        self.schema = schema
        self.generation = generation
        self.taken = taken
        self.tree = tree
        self.bytes = bytes
        self.isMigrated = isMigrated
        self.excluded = excluded
        self.code = code
        self.version = version
        self.form = form
        self.formInUse = formInUse
    }

    static let format = "aurora-snapshot-v1"

    package var json: JSONValue {
        var object: JSONObject = [
            "format": .string(Self.format), "pack": .string(pack.text), "schema": .integer(Int64(schema)),
            "generation": .integer(Int64(generation)), "taken": JSONValue(taken), "tree": JSONValue(tree),
            "bytes": .integer(bytes), "migrated": .bool(isMigrated),
            "excluded": JSONValue(excluded.map(\.text)),
        ]
        if let code { object["code"] = JSONValue(code) }
        if let version { object["version"] = .string("\(version)") }
        if let form { object["form"] = form.json }
        if let formInUse { object["formInUse"] = formInUse.json }
        return .object(object)
    }

    init(bytes document: [UInt8]) throws {
        var reader = try JSONReader(try JSONParser.parse(document))
        _ = try reader.parsed("format", expected: Self.format) { $0 == Self.format ? $0 : nil }
        pack = try reader.identifier("pack")
        schema = Int(try reader.integer("schema", in: 0...Int64(Int32.max)))
        generation = Int(try reader.integer("generation", in: 0...Int64.max))
        taken = try reader.timestamp("taken")
        tree = try reader.digest("tree")
        bytes = try reader.integer("bytes", in: 0...Int64.max)
        isMigrated = try reader.bool("migrated")
        excluded = try reader.strings("excluded").compactMap { PackPath($0) }
        code = try reader.optionalParsed("code", expected: "a SHA-256") { Digest(hex: $0) }
        version = try reader.optionalParsed("version", expected: "a semantic version") { SemanticVersion($0) }
        form = try reader.optionalReader("form").map { try DataForm($0) }
        formInUse = try reader.optionalReader("formInUse").map { try DataForm($0) }
        try reader.finish()
    }
}
