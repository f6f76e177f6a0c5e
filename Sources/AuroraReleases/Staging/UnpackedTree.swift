import AuroraActivation
import AuroraModel
import AuroraSystem

/// An unpacked tree that goes into no target's store.
enum UnpackedTree {
    /// Walks the tree through descriptors, makes it the hub's own and read-only, and digests every byte.
    ///
    /// - Throws: `ActivationError` with code `badTree` for what no unpacker of ours makes.
    static func describe(_ path: String) throws -> TreeManifest {
        let root = try FileTree.open(path)
        try root.takeOwnership()
        do {
            return try TreeScan(root: root, purpose: .seal).manifest
        } catch let error as SystemError {
            throw ActivationError(
                .badTree, target: path, "\(error)", remedy: "build the artifact again", cause: error)
        }
    }
}
