package import AuroraModel
import AuroraSystem

/// What a collection removed.
package struct CollectionReport: Hashable, Sendable {
    package let generations: [Int]
    package let trees: [Digest]

    package init(generations: [Int], trees: [Digest]) {
        self.generations = generations
        self.trees = trees
    }
}

extension TargetWorker {
    /// Removes old generations, and trees that nothing needs.
    ///
    /// Never removed: the active generation, its rollback target, pinned ones, the newest `keep`, and prepared ones that
    /// are newer than the active one. The journal forgets a generation before its files go.
    /// - Parameter trees: stored trees to keep although no generation uses them; nil keeps every tree that was not used
    ///   by a generation removed here.
    func collect(retaining trees: Set<Digest>?, keeping count: Int? = nil) throws -> CollectionReport {
        let active = try requireReady()
        var kept = state.pinned.union([active.number])
        if let undo = state.undo { kept.insert(undo) }
        kept.formUnion(state.generations.suffix(max(1, count ?? keep)).map(\.number))
        kept.formUnion(state.generations.filter { $0.state == .prepared && $0.number > active.number }.map(\.number))
        let leaving = state.generations.filter { !kept.contains($0.number) }
        if !leaving.isEmpty { try append(.collected(leaving.map(\.number))) }
        for generation in leaving {
            try layout.discard(layout.generation(generation.number), as: "generation-\(generation.number)")
        }
        let used = Set(state.generations.flatMap { $0.members.map(\.treeDigest) })
        let candidates = try trees == nil ? leaving.flatMap { $0.members.map(\.treeDigest) } : store.digests()
        let gone = Set(candidates).subtracting(used).subtracting(trees ?? []).sorted()
        for digest in gone { try store.remove(digest) }
        try compactJournal(above: 256 << 10)
        return CollectionReport(generations: leaving.map(\.number), trees: gone)
    }

    func setPinned(_ number: Int, _ isPinned: Bool) throws {
        _ = try requireReady()
        _ = try generation(number)
        if state.pinned.contains(number) != isPinned { try append(isPinned ? .pinned(number) : .unpinned(number)) }
    }

    func clearBlock(_ tree: Digest) throws {
        _ = try requireReady()
        if state.isBlocked(tree) { try append(.unblocked(tree)) }
    }
}
