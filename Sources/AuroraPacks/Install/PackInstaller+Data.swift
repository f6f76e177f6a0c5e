import AuroraActivation
package import AuroraModel
import AuroraSystem

/// Data of a pack that lie on a device.
package struct PackDataItem: Hashable, Sendable {
    /// What they are.
    package enum Kind: String, Hashable, Sendable {
        /// The data the active version works on.
        case used
        /// Those of a schema that the active version does not work on.
        case unused
        /// A copy that was put aside before a generation could change them.
        case snapshot
        /// What an operator put others in place of; it can be taken back.
        case replaced
    }

    package let pack: PackID
    package let kind: Kind
    package let schema: Int
    /// Of a snapshot: before which generation it was taken.
    package var generation: Int?
    package let bytes: Int64
    package var taken: Timestamp?

    package var json: JSONValue {
        [
            "pack": .string(pack.text), "kind": .string(kind.rawValue), "schema": .integer(Int64(schema)),
            "generation": JSONValue(generation), "bytes": .integer(bytes),
            "taken": taken.map { JSONValue($0) } ?? .null,
        ]
    }
}

extension PackInstaller {
    /// The data of all packs, or of one: by pack, what is in use first, then other schemas, snapshots, and what can be
    /// taken back.
    package func data(of wanted: PackID? = nil) throws -> [PackDataItem] {
        let set = try active()
        let packs = try wanted.map { [$0] } ?? parts.folders.packs()
        return try packs.flatMap { id in
            let schemas = try folders(of: id, used: set[id]?.schema)
            return schemas.filter { $0.kind == .used } + schemas.filter { $0.kind == .unused } + (try copies(of: id))
        }
    }

    private func folders(of id: PackID, used: Int?) throws -> [PackDataItem] {
        try parts.folders.schemas(of: id).map { schema in
            PackDataItem(
                pack: id, kind: schema == used ? .used : .unused, schema: schema,
                bytes: try FileTree.byteCount(below: device.places.data(of: id, schema: schema)))
        }
    }

    private func copies(of id: PackID) throws -> [PackDataItem] {
        let snapshots = parts.snapshots
        var items = try snapshots.all().filter { $0.pack == id }.compactMap { snapshot -> PackDataItem? in
            // Once brought back it is no copy any more.
            guard try FileStatus.ifExists(snapshots.slot(id, snapshot.generation).content) != nil else { return nil }
            return PackDataItem(
                pack: id, kind: .snapshot, schema: snapshot.schema, generation: snapshot.generation,
                bytes: snapshot.bytes, taken: snapshot.taken)
        }
        if let placed = try snapshots.replacement(of: id), try isAsItWas(placed) {
            items.append(
                PackDataItem(
                    pack: id, kind: .replaced, schema: placed.schema,
                    bytes: try FileTree.byteCount(below: snapshots.slot(id, .replaced).discarded)))
        }
        return items
    }
}
