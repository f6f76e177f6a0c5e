package import AuroraActivation
package import AuroraModel
import AuroraSystem

/// Sets as trees in a device's store.
package struct SetTrees: Sendable {
    private let engine: ActivationEngine

    package init(engine: ActivationEngine) { self.engine = engine }

    /// Writes a set as a tree and moves it into the store; one that is there already is the same.
    ///
    /// - Returns: the digest of its tree.
    package func publish(_ set: PackSet) throws -> Digest {
        let staged = try engine.stagingDirectory()
        do {
            try DurableFile.makeDirectory("\(staged)/packs")
            for member in set.members {
                try DurableFile.symlink("../../\(member.tree.hex)", at: "\(staged)/packs/\(member.id)")
            }
            try DurableFile.replace("\(staged)/set.json", contents: set.json.documentBytes)
            try DurableFile.replace("\(staged)/grants.json", contents: set.grantsJSON.documentBytes)
            return try engine.publish(staged: staged).digest
        } catch {
            try? engine.discardStaging(staged)
            throw error
        }
    }

    /// What the tree of a set would be called, without writing it.
    package static func digest(of set: PackSet) -> Digest {
        let links = set.members.map { TreeManifestEntry.symlink("packs/\($0.id)", to: "../../\($0.tree.hex)") }
        return TreeManifest(
            entries: [
                .directory("packs"), file("set.json", set.json), file("grants.json", set.grantsJSON),
            ] + links
        ).digest
    }

    private static func file(_ name: String, _ json: JSONValue) -> TreeManifestEntry {
        let bytes = json.documentBytes
        return .file(name, size: Int64(bytes.count), sha256: Digest(hashing: bytes), isExecutable: false)
    }

    /// The set of a generation; empty for generation 0.
    ///
    /// - Throws: `Refusal` with code `set_damaged`.
    package func set(of generation: Generation?) throws -> PackSet {
        guard let tree = generation?.treeDigest else { return .empty }
        return try Self.read(engine.treePath(tree), tree)
    }

    /// Whether a tree of the store is a set that has this pack in it; false for what is no set.
    package func holds(_ pack: Digest, in tree: Digest) -> Bool {
        guard let set = try? Self.read(engine.treePath(tree), tree) else { return false }
        return set.members.contains { $0.tree == pack }
    }

    /// The set that is active on a device, read without its lock; empty when nothing is installed.
    ///
    /// One `readlink` decides which, so it is always a whole one.
    package static func active(at places: DevicePlaces) throws -> PackSet {
        guard try FileStatus.ifExists(places.current) != nil else { return .empty }
        let tree = "\(places.root)/" + (try FileTree.readLink(places.current))
        let store = try FileTree.readLink(tree)
        guard let name = store.split(separator: "/").last, let digest = Digest(hex: String(name)) else {
            throw Refusal(
                .unavailable, code: "set_damaged", "\(places.current) leads nowhere a set could be.",
                subject: places.current, remedy: "run: aurora pack status")
        }
        return try stored(digest, at: places)
    }

    /// The number of the generation that is active on a device, read without its lock; 0 when nothing is installed.
    package static func activeGeneration(at places: DevicePlaces) throws -> Int64 {
        guard try FileStatus.ifExists(places.current) != nil else { return 0 }
        // gen/<n>/tree
        let parts = try FileTree.readLink(places.current).split(separator: "/")
        return parts.count == 3 ? Int64(parts[1]) ?? 0 : 0
    }

    /// A set of a device's store, read without its lock.
    ///
    /// - Throws: `Refusal` with code `set_damaged`.
    static func stored(_ tree: Digest, at places: DevicePlaces) throws -> PackSet {
        try read(places.stored(tree), tree)
    }

    private static func read(_ folder: String, _ tree: Digest) throws -> PackSet {
        do {
            return try PackSet(
                set: JSONParser.parse(DurableFile.read("\(folder)/set.json", limit: 1 << 20)),
                grants: JSONParser.parse(DurableFile.read("\(folder)/grants.json", limit: 1 << 20)))
        } catch {
            throw SetRefusals.damaged(tree, "\(error)")
        }
    }
}
