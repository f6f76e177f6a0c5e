import AuroraModel
import AuroraSystem
import Glibc

extension TargetWorker {
    /// Makes what is at the path generation 0, without copying and without a moment when the path is missing.
    func adopt() throws {
        try heal()
        if state.active != nil { return }
        let form = try adoptableForm()
        try removeUnfinishedAdoption()
        let manifest = try describeExisting(form)
        let folder = layout.generation(0)
        try DurableFile.makeDirectory(folder, mode: 0o755)
        if let manifest {
            try DurableFile.replace(layout.adoptedManifest(0), contents: manifest.canonicalBytes, mode: 0o444)
        }
        try makeLink(form)
        let identity = form == .directory ? try TreeIdentity(ofDirectory: layout.path) : nil
        try append(.adopting(form: form, identity: identity))
        try finishAdoption()
    }

    /// Does the last steps of an adoption the journal says was begun; also called by recovery.
    func finishAdoption() throws {
        guard let intent = state.adopting else { return }
        if kind == .link { try moveUnderLink(intent) }
        let bytes =
            try FileStatus.ifExists(layout.adoptedManifest(0)) == nil
            ? nil : try DurableFile.read(layout.adoptedManifest(0), limit: 256 << 20)
        let members = bytes.map { [Generation.Member(name: Generation.treeName, treeDigest: Digest(hashing: $0))] }
        let generation = Generation(
            number: 0, members: members ?? [], planDigest: nil, artifact: nil, label: "adopted", created: clock.now(),
            state: .active, identity: intent.identity, adopted: intent.form)
        try append(.adopted(generation))
    }

    /// A folder of generation 0 without a record is from an adoption that was interrupted before it began in earnest.
    private func removeUnfinishedAdoption() throws {
        let names = try DirectoryNames.read(in: layout.generations)
        if names.contains(where: { $0.text != "0" }) {
            throw error(
                .foreignContent, "\(layout.generations) holds generations, but the journal knows of none",
                remedy: "restore \(layout.journal) from a backup, or move \(layout.root) away")
        }
        if !names.isEmpty {
            try layout.discard(layout.generation(0), as: "generation-0")
        }
    }

    private func adoptableForm() throws -> AdoptedForm {
        guard let status = try FileStatus.ifExists(layout.path) else { return .none }
        if layout.isDevice {
            throw error(
                .foreignContent, "something lies at the path, but the journal of this device knows of no generation",
                remedy: "restore \(layout.journal) from a backup, or move \(layout.path) away")
        }
        switch (kind, status.kind) {
        case (_, .directory): return .directory
        case (.link, .symlink):
            let text = try FileTree.readLink(layout.path)
            guard layout.generation(ofLink: text) == nil else {
                throw error(
                    .foreignContent, "the path is a link into \(layout.root), but its journal knows of no adoption",
                    remedy: "restore \(layout.journal) from a backup")
            }
            return .link
        case (.directory, .symlink):
            throw error(
                .foreignContent, "the path is a symbolic link, and the target is of kind directory",
                remedy: "use kind link for this target")
        case (_, .regular), (_, .other):
            throw error(
                .foreignContent, "the path is neither a folder nor a symbolic link", remedy: "move it away first")
        }
    }

    /// The manifest of existing content, or nil where a manifest cannot describe it (sockets, odd names, live changes).
    private func describeExisting(_ form: AdoptedForm) throws -> TreeManifest? {
        if form == .none { return nil }
        do {
            let root = try Descriptor.open(layout.path + "/.", [.readOnly, .directory])
            return try TreeScan(root: root, purpose: .adopt).manifest
        } catch let error as SystemError {
            if error.errno == EIO { throw systemError(error, "reading the existing content") }
            return nil
        }
    }

    /// `gen/0/tree` for link targets: for a folder the link that will change places with it, for a link its equal.
    private func makeLink(_ form: AdoptedForm) throws {
        guard kind == .link else { return }
        switch form {
        case .none: return
        case .directory: try DurableFile.symlink(layout.linkText(0), at: layout.tree(0))
        case .link:
            let text = try FileTree.readLink(layout.path)
            let isAbsolute = text.utf8.first == UInt8(ascii: "/")
            try DurableFile.symlink(isAbsolute ? text : "../../../" + text, at: layout.tree(0))
        }
    }

    /// Repeatable: does nothing once the path is Aurora's link.
    private func moveUnderLink(_ intent: TargetState.AdoptionIntent) throws {
        guard intent.form != .none else { return }
        let status = try FileStatus.ifExists(layout.path)
        if status?.kind == .symlink, try FileTree.readLink(layout.path) == layout.linkText(0) { return }
        switch (intent.form, status?.kind) {
        case (.directory, .directory) where try TreeIdentity(ofDirectory: layout.path) == intent.identity:
            try AtomicRename.exchange(layout.path, layout.tree(0))
        case (.link, .symlink):
            try DurableFile.remove(layout.next)
            try DurableFile.symlink(layout.linkText(0), at: layout.next)
            try DurableFile.rename(layout.next, to: layout.path)
        default:
            throw error(
                .foreignContent, "what is at the path changed while it was being adopted",
                remedy: "put it back, then run recovery again")
        }
    }
}
