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
        let path = places.stored(member.tree)
        let staged = StagedPack(unrecorded: member.tree, try PackFolder(path).manifest().manifest)
        return try KnownPack(staged, in: path, on: traits)
    }

    /// A pack of the store, its manifest read from the folder of its tree.
    init(_ staged: StagedPack, in path: String, on traits: DeviceTraits) throws {
        let manifest = try PackFolder(path).manifest().manifest
        self.staged = staged
        self.manifest = manifest.taken(on: traits)
        variant = manifest.variant(for: traits)?.name
        self.path = path
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
        try KnownPack(staged, in: engine.treePath(staged.tree), on: traits)
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
        StagedPack(
            unrecorded: tree, try PackFolder(engine.treePath(tree)).manifest().manifest,
            try engine.manifest(of: tree))
    }
}
