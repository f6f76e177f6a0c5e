import AuroraModel
import AuroraSystem

/// What a new generation is made of.
struct NewGeneration {
    let tree: Digest
    let parts: [Generation.Member]
    let plan: Digest?
    let artifact: Digest?
    let label: String
    let acceptedDrift: [DriftItem]
}

extension TargetWorker {
    /// Builds `gen/<n>` completely and durably.
    ///
    /// Reads every byte of the new tree and of the active one.
    func prepare(_ wanted: NewGeneration) throws -> Generation {
        let active = try requireInPlace()
        let trees = [wanted.tree] + wanted.parts.map(\.treeDigest)
        try requireUnblocked(trees)
        // The parts that stay are read with the active generation.
        let known = Set(active.parts.map(\.treeDigest))
        for tree in trees where !known.contains(tree) { try requireIntact(tree) }
        let drift = try drift()
        if drift != wanted.acceptedDrift {
            throw error(
                .drifted, "the active tree was changed in place: \(describe(drift))",
                remedy: "make a new plan, which shows the changes, and have that one approved")
        }
        let number = state.nextNumber
        let folder = "\(layout.staging)/generation-\(number)"
        try FileTree.remove(folder)
        let generation = try build(wanted, number: number, folder: folder)
        try AtomicRename.noReplace(folder, layout.generation(number))
        try append(.prepared(generation))
        return generation
    }

    private func build(_ wanted: NewGeneration, number: Int, folder: String) throws -> Generation {
        try DurableFile.makeDirectory(folder, mode: 0o755)
        let tree = "\(folder)/\(Generation.treeName)"
        switch kind {
        case .link: try DurableFile.symlink("../../store/\(wanted.tree.hex)", at: tree)
        case .directory: try FileTree.hardLinkClone(from: layout.stored(wanted.tree), to: tree)
        }
        let generation = Generation(
            number: number,
            members: [Generation.Member(name: Generation.treeName, treeDigest: wanted.tree)] + wanted.parts,
            planDigest: wanted.plan, artifact: wanted.artifact, label: wanted.label, created: clock.now(),
            state: .prepared, identity: kind == .directory ? try TreeIdentity(ofDirectory: tree) : nil, adopted: nil)
        try DurableFile.replace("\(folder)/plan.json", contents: generation.json.prettyBytes, mode: 0o444)
        if kind == .directory { try DurableFile.syncFileSystem(of: folder) }
        return generation
    }

    /// Refuses a tree that failed here before.
    func requireUnblocked(_ trees: [Digest]) throws {
        for tree in trees {
            guard let block = state.blocked.first(where: { $0.tree == tree }) else { continue }
            throw error(
                .blocked, "tree \(tree.hex) failed here as generation \(block.generation): \(block.reason)",
                remedy: "publish a corrected release, or have the block cleared by a person who knows why")
        }
    }

    private func requireIntact(_ tree: Digest) throws {
        let damage = try store.verify(tree)
        if damage.isEmpty { return }
        throw error(
            .treeDamaged, "the stored tree \(tree.hex) is not what was verified: \(describe(damage))",
            remedy: "check the disk, then stage the artifact again, which replaces the stored tree")
    }

    private func describe(_ items: [DriftItem]) -> String {
        let shown = items.prefix(5).map { "\($0.problem.rawValue) \($0.path.isEmpty ? "the whole tree" : $0.path)" }
        return shown.joined(separator: ", ") + (items.count > 5 ? " and \(items.count - 5) more" : "")
    }

    /// What differs between the active tree and its manifest; reads every byte of it.
    func drift() throws -> [DriftItem] {
        let active = try requireReady()
        guard try switcher.locate(state) == .generation(active.number) else {
            return [DriftItem(path: "", problem: .replaced)]
        }
        return try damage(of: active, at: layout.path)
            + active.parts.flatMap { part in
                try store.verify(part.treeDigest).map {
                    DriftItem(path: "packs/\(part.name)/\($0.path)", problem: $0.problem)
                }
            }
    }

    /// What differs between a generation's tree and its manifest.
    func damage(of generation: Generation, at path: String) throws -> [DriftItem] {
        if generation.isEmpty { return [] }
        guard let tree = generation.treeDigest else { return [DriftItem(path: "", problem: .unknown)] }
        let isAdopted = generation.adopted != nil
        let manifest =
            isAdopted
            ? try TreeStore.readManifest(layout.adoptedManifest(generation.number), expected: tree, target: layout.path)
            : try store.manifest(of: tree)
        do {
            // "/." follows the target's own link and nothing below it.
            let root = try Descriptor.open(path + "/.", [.readOnly, .directory])
            return try TreeScan(root: root, purpose: isAdopted ? .adopt : .verify).drift(from: manifest)
        } catch let error as SystemError where [22, 84].contains(error.errno) {
            return [DriftItem(path: error.path ?? "", problem: .changed)]
        }
    }
}
