import AuroraActivation
import AuroraDatabase
package import AuroraModel
import AuroraSystem

/// A pack of the store with everything that is known about it on this device.
package struct KnownPack: Hashable, Sendable {
    package let staged: StagedPack
    /// As it holds on this device: its variant taken.
    package let manifest: PackManifest
    /// The name of the variant that was taken; nil is the pack as it stands.
    package let variant: String?
    /// The path of its code.
    package let path: String

    package var id: PackID { staged.id }
    package var version: SemanticVersion { staged.version }
    package var tree: Digest { staged.tree }

    /// A pack of the active set, read without the device's lock or its database: for whoever runs it.
    package static func active(
        _ member: PackSet.Member, at places: DevicePlaces, on traits: DeviceTraits
    ) throws -> KnownPack {
        let path = "\(places.root)/store/\(member.tree.hex)"
        let manifest = try PackFolder(path).manifest().manifest
        return KnownPack(
            staged: StagedPack(
                manifest: manifest, tree: member.tree, origin: .unknown, archive: nil, signature: .unsigned,
                artifacts: [:], bytes: 0, entries: 0, stagedBy: Actor.system.name, staged: Timestamp(milliseconds: 0)),
            manifest: manifest.taken(on: traits), variant: manifest.variant(for: traits)?.name, path: path)
    }

    /// The pack as a member of a set.
    package var member: PackSet.Member {
        PackSet.Member(
            id: id, version: version, tree: tree, schema: manifest.data.schemaVersion,
            requires: manifest.dependencies.map(\.id), grants: manifest.permissions)
    }
}

/// Everything in the store of a device.
struct PackCatalog {
    let engine: ActivationEngine
    let database: Database
    let traits: DeviceTraits

    /// All staged packs whose trees are there; rows that are missing are made again from the trees.
    func all() throws -> [KnownPack] {
        try rebuild()
        return try database.read { try PackStore.staged(in: $0) }.compactMap { staged in
            guard try engine.hasTree(staged.tree) else { return nil }
            return try known(staged)
        }
    }

    /// One pack by its tree.
    func pack(_ tree: Digest) throws -> KnownPack {
        let row = try database.read { try PackStore.staged(in: $0) }.first { $0.tree == tree }
        return try known(row ?? unrecorded(tree))
    }

    private func known(_ staged: StagedPack) throws -> KnownPack {
        let path = engine.treePath(staged.tree)
        let manifest = try PackFolder(path).manifest().manifest
        return KnownPack(
            staged: staged, manifest: manifest.taken(on: traits), variant: manifest.variant(for: traits)?.name,
            path: path)
    }

    /// What is in the store although no row says so: nobody knows who brought it, so it counts as unsigned.
    private func rebuild() throws {
        let recorded = Set(try database.read { try PackStore.staged(in: $0) }.map(\.tree))
        let sets = Set(engine.generations().compactMap(\.treeDigest))
        for tree in try engine.trees() where !recorded.contains(tree) && !sets.contains(tree) {
            guard let pack = try? unrecorded(tree) else { continue }
            try database.write { try PackStore.put(pack, in: $0) }
        }
    }

    private func unrecorded(_ tree: Digest) throws -> StagedPack {
        let files = try engine.manifest(of: tree)
        return StagedPack(
            manifest: try PackFolder(engine.treePath(tree)).manifest().manifest, tree: tree, origin: .unknown,
            archive: nil, signature: .unsigned, artifacts: [:], bytes: files.byteCount, entries: files.entries.count,
            stagedBy: Actor.system.name, staged: Timestamp(milliseconds: 0))
    }
}
