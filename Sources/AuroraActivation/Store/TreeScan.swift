import AuroraCrypto
package import AuroraModel
package import AuroraSystem
import Glibc

/// Reads a tree from disk once, through directory descriptors, and says what it is.
package struct TreeScan {
    /// How the scan treats what it sees.
    package enum Purpose {
        /// Content of someone else: modes are as they are.
        case adopt
        /// Content of Aurora: every mode must be exactly the read-only one.
        case verify
        /// A fresh staged tree: taken over by this user and made read-only before it is hashed.
        case seal
    }

    package let manifest: TreeManifest
    /// Entries whose permission bits are not the read-only ones; only for `.verify`.
    let wrongModes: [String]

    /// Scans the tree below an open directory (the directory itself is no part of it).
    ///
    /// - Throws: `SystemError`: `EINVAL` for devices, pipes and sockets, `EMLINK` for a staged file with a name outside
    ///   the tree, `EILSEQ` for names that are not UTF-8.
    package init(root: borrowing Descriptor, purpose: Purpose) throws {
        var collector = Collector(purpose: purpose)
        try FileTree.visit(root.rawValue) { (entry, location) throws(SystemError) in
            try collector.add(entry, location)
        }
        try collector.checkLinks()
        manifest = TreeManifest(entries: collector.entries)
        wrongModes = collector.wrongModes
    }

    /// What differs between a manifest and this scan.
    func drift(from expected: TreeManifest) -> [DriftItem] {
        let diff = TreeDiff(from: expected, to: manifest)
        var items = diff.added.map { DriftItem(path: $0.path, problem: .added) }
        items += diff.removed.map { DriftItem(path: $0.path, problem: .removed) }
        items += diff.changed.map { change in
            let onlyMode =
                change.from.kind == change.to.kind && change.from.sha256 == change.to.sha256
                && change.from.linkTarget == change.to.linkTarget
            return DriftItem(path: change.to.path, problem: onlyMode ? .mode : .changed)
        }
        let known = Set(items.map { Array($0.path.utf8) })
        items += wrongModes.filter { !known.contains(Array($0.utf8)) }.map { DriftItem(path: $0, problem: .mode) }
        return items.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }
}

private struct Collector {
    let purpose: TreeScan.Purpose
    var entries: [TreeManifestEntry] = []
    var wrongModes: [String] = []
    /// For files with several names: how many there should be and how many were seen, by inode.
    private var names: [UInt64: (expected: UInt64, seen: UInt64, path: String)] = [:]

    init(purpose: TreeScan.Purpose) { self.purpose = purpose }

    mutating func add(_ entry: TreeEntry, _ location: TreeLocation) throws(SystemError) {
        switch entry.kind {
        case .directory:
            let folder = try Descriptor.open(location.name, in: location.directory, [.readOnly, .directory, .noFollow])
            try examine(entry, folder, mode: 0o555)
            entries.append(.directory(entry.path))
        case .symlink:
            entries.append(.symlink(entry.path, to: entry.linkTarget ?? ""))
        case .regular:
            entries.append(try file(entry, location))
        case .other:
            throw SystemError(operation: "scan", path: entry.path, errno: EINVAL)
        }
    }

    private mutating func file(_ entry: TreeEntry, _ location: TreeLocation) throws(SystemError) -> TreeManifestEntry {
        let file = try location.openFile()
        let isExecutable = entry.mode & 0o111 != 0
        try examine(entry, file, mode: isExecutable ? 0o555 : 0o444)
        let status = try file.stat()
        // A name that was exchanged for something else between the listing and the open.
        guard status.kind == .regular else { throw SystemError(operation: "scan", path: entry.path, errno: EINVAL) }
        if purpose == .seal, status.links > 1 {
            names[status.inode, default: (status.links, 0, entry.path)].seen += 1
        }
        let digest: (digest: [UInt8], byteCount: UInt64)
        do {
            digest = try SHA256.hashFile(descriptor: file.rawValue)
        } catch .read(let code) {
            throw SystemError(operation: "read", path: entry.path, errno: code)
        } catch {
            throw SystemError(operation: "hash", path: entry.path, errno: EIO)
        }
        guard let sha256 = Digest(bytes: digest.digest) else {
            throw SystemError(operation: "hash", path: entry.path, errno: EIO)
        }
        return .file(entry.path, size: Int64(digest.byteCount), sha256: sha256, isExecutable: isExecutable)
    }

    private mutating func examine(
        _ entry: TreeEntry, _ opened: borrowing Descriptor, mode: UInt32
    ) throws(SystemError) {
        switch purpose {
        case .adopt: return
        case .verify: if entry.mode != mode { wrongModes.append(entry.path) }
        case .seal:
            // First the owner (which clears set-id bits), then the mode.
            try opened.takeOwnership()
            if try opened.stat().mode != mode { try opened.setMode(mode) }
        }
    }

    /// A file of the tree that also has a name elsewhere could be changed through that name later.
    func checkLinks() throws(SystemError) {
        for entry in names.values where entry.seen != entry.expected {
            throw SystemError(operation: "scan", path: entry.path, errno: EMLINK)
        }
    }
}
