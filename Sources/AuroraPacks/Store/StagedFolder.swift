import AuroraActivation
import AuroraModel
import AuroraSystem

/// The tree of a pack while it is private to whoever stages it.
struct StagedFolder {
    let path: String

    /// The manifest, once nothing in the folder speaks against staging it.
    ///
    /// - Throws: `Refusal` with code `pack_invalid` and everything that was found.
    func manifest() throws -> PackManifest {
        let folder = PackFolder(path)
        let errors = folder.lint().filter { $0.severity == .error }
        guard errors.isEmpty else { throw PackRefusals.invalid(errors) }
        let manifest = try folder.manifest().manifest
        // In a pack's room its data appear as packs/data as well.
        guard manifest.id.text != "data" else { throw PackRefusals.reserved(manifest.id) }
        return manifest
    }

    /// Makes the pack's programs executable, adds the links to what it may write, and seals the tree.
    ///
    /// - Returns: the manifest of the tree as it will stand in the store.
    func seal(_ manifest: PackManifest) throws -> TreeManifest {
        let folder = PackFolder(path)
        for program in Set(manifest.programs) { try folder.open(program).setMode(0o755) }
        let root = try FileTree.open(path)
        try root.takeOwnership()
        try root.setMode(0o755)
        // From the store they lead to the device's folders, and in the pack's room the same text leads to the same.
        try DurableFile.symlink("../../logs/\(manifest.id)", at: "\(path)/logs")
        try DurableFile.symlink("../../data/\(manifest.id)/\(manifest.data.schemaVersion)", at: "\(path)/data")
        return try TreeScan(root: root, purpose: .seal).manifest
    }
}

extension PackManifest {
    /// Every program the pack has on every device.
    fileprivate var programs: [PackPath] {
        [entrypoint.install, entrypoint.start, entrypoint.stop, entrypoint.health]
            + [hooks.migrate, hooks.preActivate, hooks.postActivate].compactMap { $0 }
            + autoscan.variants.map(\.entrypoint).flatMap { [$0.install, $0.start, $0.stop, $0.health] }
            .compactMap { $0 }
    }
}
