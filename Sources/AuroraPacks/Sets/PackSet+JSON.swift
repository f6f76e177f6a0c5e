package import AuroraModel

extension PackSet {
    static let format = "aurora-set-v1"
    static let grantsFormat = "aurora-grants-v1"

    /// The content of `set.json`.
    package var json: JSONValue {
        [
            "format": .string(Self.format), "packs": .array(members.map(\.json)), "order": JSONValue(order.map(\.text)),
        ]
    }

    /// The content of `grants.json`: permissions by pack.
    package var grantsJSON: JSONValue {
        [
            "format": .string(Self.grantsFormat),
            "grants": .object(JSONObject(members.map { ($0.id.text, $0.grants.json) })),
        ]
    }

    /// Reads both documents of a set.
    init(set: JSONValue, grants: JSONValue) throws {
        var grantsReader = try JSONReader(grants)
        _ = try grantsReader.parsed("format", expected: Self.grantsFormat) { $0 == Self.grantsFormat ? $0 : nil }
        var byPack = try grantsReader.reader("grants")
        try grantsReader.finish()
        var reader = try JSONReader(set)
        _ = try reader.parsed("format", expected: Self.format) { $0 == Self.format ? $0 : nil }
        let members = try reader.readers("packs").map { item in
            var item = item
            let id: PackID = try item.identifier("id")
            let member = Member(
                id: id, version: try item.parsed("version", expected: "a version") { SemanticVersion($0) },
                tree: try item.digest("tree"), schema: Int(try item.integer("schema", in: 1...Int64(Int32.max))),
                requires: try item.strings("requires").compactMap(PackID.init),
                grants: try PackManifest.Permissions(try byPack.reader(id.text)))
            try item.finish()
            return member
        }
        let order = try reader.strings("order")
        try reader.finish()
        try byPack.finish()
        try self.init(members)
        guard order == self.order.map(\.text) else { throw reader.error("order", "is not the order of these packs") }
    }
}

extension PackSet.Member {
    var json: JSONValue {
        [
            "id": .string(id.text), "version": .string("\(version)"), "tree": JSONValue(tree),
            "schema": .integer(Int64(schema)), "requires": JSONValue(requires.map(\.text)),
        ]
    }
}

extension PackManifest.Permissions {
    /// Permissions as plans, sets and people see them.
    package var json: JSONValue {
        [
            "network": .string(network.rawValue), "read": JSONValue(readable.map(\.text).sorted()),
            "write": JSONValue(writable.map(\.text).sorted()),
        ]
    }

    init(_ reader: JSONReader) throws(JSONShapeError) {
        var reader = reader
        self.init()
        network = try reader.parsed("network", expected: "none or shared") { Network(rawValue: $0) }
        readable = try reader.strings("read").compactMap(MountName.init)
        writable = try reader.strings("write").compactMap(MountName.init)
        try reader.finish()
    }
}
