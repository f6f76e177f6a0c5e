package import AuroraModel

/// The packs that are active together: one generation of a device.
///
/// On disk it is a tree of its own in the store (docs/formats/device.md): `packs/<id>` leads to the pack's tree,
/// `set.json` says what is in it, `grants.json` what each may reach. The same packs make the same bytes.
package struct PackSet: Hashable, Sendable {
    /// One pack of a set.
    package struct Member: Hashable, Sendable {
        package let id: PackID
        package let version: SemanticVersion
        /// The digest of its tree, which is its name in the store.
        package let tree: Digest
        /// The schema its data have.
        package let schema: Int
        /// The packs it needs, sorted.
        package let requires: [PackID]
        /// What it was granted, which is what its manifest asks for.
        package let grants: PackManifest.Permissions

        package init(
            id: PackID, version: SemanticVersion, tree: Digest, schema: Int, requires: [PackID],
            grants: PackManifest.Permissions
        ) {
            self.id = id
            self.version = version
            self.tree = tree
            self.schema = schema
            self.requires = requires.sorted()
            self.grants = grants
        }
    }

    /// By id.
    package let members: [Member]
    /// Every pack after the packs it needs.
    package let order: [PackID]

    /// Nothing is installed.
    package static let empty = PackSet([], order: [])

    /// - Throws: `ResolutionFailure.cycle` when packs of the set need each other in a circle.
    package init(_ members: [Member]) throws(ResolutionFailure) {
        let ids = Set(members.map(\.id))
        let needs = Dictionary(
            members.map { ($0.id, $0.requires.filter(ids.contains)) }, uniquingKeysWith: { first, _ in first })
        self.init(members.sorted { $0.id < $1.id }, order: try InstallOrder.order(needs))
    }

    private init(_ members: [Member], order: [PackID]) {
        self.members = members
        self.order = order
    }

    package subscript(_ id: PackID) -> Member? { members.first { $0.id == id } }

    /// The packs of the set that need `id`, at first or at second hand.
    package func dependents(of id: PackID) -> Set<PackID> {
        var found: Set<PackID> = []
        for next in order where self[next]?.requires.contains(where: { $0 == id || found.contains($0) }) == true {
            found.insert(next)
        }
        return found
    }
}

/// What is refused about sets.
enum SetRefusals {
    static func damaged(_ tree: Digest, _ problem: String) -> Refusal {
        Refusal(
            .unavailable, code: "set_damaged", "The set \(tree.hex) cannot be read: \(problem).", subject: tree.hex,
            rule: "a set is named by the digest of its tree", remedy: "activate an earlier generation; check the disk")
    }
}
