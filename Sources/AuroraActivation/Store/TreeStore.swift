import AuroraModel
import AuroraSystem

/// The immutable trees of one target, each named by the digest of its manifest, which lies beside it.
///
/// Only ever grows by ``publish(staged:expected:)``; trees leave by ``remove(_:)``. Not thread-safe by itself.
struct TreeStore {
    let layout: TargetLayout

    /// Whether a tree and its manifest are there; says nothing about its bytes.
    func contains(_ digest: Digest) throws -> Bool {
        try FileStatus.ifExists(layout.stored(digest))?.kind == .directory
            && FileStatus.ifExists(layout.manifest(digest))?.kind == .regular
    }

    func digests() throws -> [Digest] {
        try DirectoryNames.read(in: layout.store).compactMap { $0.text.flatMap(Digest.init(hex:)) }
    }

    /// The manifest of a tree, checked against its name.
    func manifest(of digest: Digest) throws -> TreeManifest {
        guard try contains(digest) else {
            throw ActivationError(
                .unknownTree, target: layout.path, "tree \(digest.hex) is not in the store",
                remedy: "stage the artifact for this target first")
        }
        return try Self.readManifest(layout.manifest(digest), expected: digest, target: layout.path)
    }

    static func readManifest(_ path: String, expected: Digest, target: String) throws -> TreeManifest {
        let bytes = try DurableFile.read(path, limit: 256 << 20)
        guard Digest(hashing: bytes) == expected, let manifest = try? TreeManifest(canonicalBytes: bytes) else {
            throw ActivationError(
                .treeDamaged, target: target, "the manifest \(path) does not have the digest it is named by",
                remedy: "check the disk, then stage the artifact again")
        }
        return manifest
    }

    /// Reads every byte of a stored tree and lists what differs from its manifest.
    func verify(_ digest: Digest) throws -> [DriftItem] {
        let manifest = try manifest(of: digest)
        let root = try FileTree.open(layout.stored(digest))
        return try TreeScan(root: root, purpose: .verify).drift(from: manifest)
    }

    /// Seals a staged tree, digests it, and moves it into the store durably.
    ///
    /// Sealing: this user becomes the owner, files get 0444 or 0555, folders 0555, then every byte is read from the
    /// descriptors that were sealed. The order on disk: manifest, all data (`syncfs`), then the one rename.
    /// - Parameter expected: what the tree must be; nil takes it as it is.
    func publish(staged: String, expected: TreeManifest?) throws -> TreeManifest {
        guard staged.hasPrefix(layout.staging + "/"), !staged.contains("/../") else {
            throw ActivationError(
                .badTree, target: layout.path, "\(staged) does not lie in the target's staging folder",
                remedy: "unpack into a folder from stagingDirectory()")
        }
        let root = try FileTree.open(staged)
        try root.takeOwnership()
        let manifest = try seal(root, staged)
        guard expected.map({ $0.digest == manifest.digest }) ?? true else {
            throw ActivationError(
                .badTree, target: layout.path,
                "the staged tree has digest \(manifest.digest.hex), not \(expected?.digest.hex ?? "")",
                remedy: "something changed it after it was verified; stage the artifact again")
        }
        // A folder that moves to another parent must be writable for its owner (rename(2)).
        try root.setMode(0o755)
        try DurableFile.replace(layout.manifest(manifest.digest), contents: manifest.canonicalBytes, mode: 0o444)
        try root.synchronizeFileSystem()
        try place(staged, manifest.digest)
        return manifest
    }

    private func seal(_ root: borrowing Descriptor, _ staged: String) throws -> TreeManifest {
        do {
            return try TreeScan(root: root, purpose: .seal).manifest
        } catch let error as SystemError {
            let reasons: [Int32: String] = [
                22: "is a device, a pipe or a socket", 31: "has another name outside the tree",
                84: "has a name or link text that is not UTF-8",
            ]
            guard let reason = reasons[error.errno] else { throw error }
            throw ActivationError(
                .badTree, target: layout.path, "\(error.path ?? staged) \(reason)",
                remedy: "leave it out of the release", cause: error)
        }
    }

    private func place(_ staged: String, _ digest: Digest) throws {
        let final = layout.stored(digest)
        if try FileStatus.ifExists(final) == nil {
            try AtomicRename.noReplace(staged, final)
        } else {
            if try !verify(digest).isEmpty {
                // The stored copy rotted or was changed: the verified one takes its place in one step.
                let rotten = try FileTree.open(final)
                try rotten.setMode(0o755)
                try AtomicRename.exchange(staged, final)
            }
            try FileTree.remove(staged)
        }
        let placed = try FileTree.open(final)
        try placed.setMode(0o555)
        try placed.synchronize()
    }

    /// Removes a tree: out of the store in one rename, then piece by piece.
    func remove(_ digest: Digest) throws {
        if try FileStatus.ifExists(layout.stored(digest)) != nil {
            try layout.discard(layout.stored(digest), as: "tree-\(digest.hex)")
        }
        try DurableFile.remove(layout.manifest(digest))
    }
}

extension TargetLayout {
    /// Moves a folder into staging durably, where recovery would remove it too, and then removes it.
    func discard(_ folder: String, as name: String) throws {
        let trash = "\(staging)/\(name)"
        try FileTree.remove(trash)
        // A folder that moves to another parent must be writable for its owner (rename(2)).
        let root = try FileTree.open(folder)
        if try root.stat().mode & 0o200 == 0 { try root.setMode(0o755) }
        try DurableFile.rename(folder, to: trash)
        try FileTree.remove(trash)
    }
}
