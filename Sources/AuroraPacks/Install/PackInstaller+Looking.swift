package import AuroraActivation
import AuroraAudit
import AuroraDatabase
package import AuroraModel
package import AuroraRuntime
package import AuroraSandbox
import AuroraSystem

/// What is known about one pack on a device.
package struct PackInfo: Hashable, Sendable {
    package let id: PackID
    /// Every version in the store, newest staged first.
    package let staged: [KnownPack]
    /// The active one; nil when the pack is not active.
    package let active: PackSet.Member?
    /// Its trees that failed here, and why.
    package let blocked: [TargetState.Block]
    package let snapshots: [DataSnapshot]
    /// Sandbox layers it may run without, by whose word.
    package let waived: [SandboxLayer: String]
    /// What the core wrote down last of what the pack holds at run time; nil before it first ran it.
    package let runtime: Namespace?
}

extension PackInstaller {
    /// The packs that are active.
    package func active() throws -> PackSet { try SetTrees(engine: engine).set(of: engine.active) }

    /// Everything in the store, by id.
    package func list() throws -> [KnownPack] { try catalog.all() }

    /// What is known about one pack.
    ///
    /// - Throws: `Refusal` with code `pack_unknown`.
    package func info(_ id: PackID) throws -> PackInfo {
        let staged = try list().filter { $0.id == id }
        let active = try active()[id]
        guard !staged.isEmpty || active != nil else { throw PackRefusals.unknown(id, "is not on this device") }
        let trees = Set(staged.map(\.tree))
        return PackInfo(
            id: id, staged: staged, active: active, blocked: engine.blocked().filter { trees.contains($0.tree) },
            snapshots: try parts.snapshots.all().filter { $0.pack == id }, waived: try device.waived(for: id),
            runtime: try device.registry.find(NamespaceID(id)))
    }

    /// The plan that made a generation, as it was approved; nil when nobody kept it.
    package func plan(of generation: Generation) throws -> JSONValue? {
        guard let digest = generation.planDigest else { return nil }
        return try device.database.read { try PackStore.plan(digest, in: $0) }
    }

    /// Reads every byte of the active packs, or of one in the store, and lists what differs from what was verified.
    package func verify(_ tree: Digest? = nil) throws -> [DriftItem] {
        if let tree { return try engine.verifyTree(tree) }
        return try engine.drift()
    }

    /// Lets a failed tree be activated again.
    ///
    /// - Throws: `Refusal` with code `reason_required`.
    package func unblock(_ tree: Digest, reason: String, by actor: Actor) throws {
        try audited(.packUnblock, tree.hex, by: actor) {
            guard reason.contains(where: { !$0.isWhitespace }) else {
                throw Refusal(
                    .unprocessable, code: "reason_required", "Clearing a block needs a reason.", subject: tree.hex,
                    rule: "the log says why", remedy: "say why: --reason TEXT")
            }
            // The sets it failed in are blocked with it, and come free with it.
            let sets = SetTrees(engine: engine)
            for block in engine.blocked() where block.tree == tree || sets.holds(tree, in: block.tree) {
                try engine.clearBlock(block.tree)
            }
            try device.audit.record(entry(.packUnblock, tree.hex, by: actor, [], reason: reason))
        }
    }

    /// Removes what nothing needs any more: old generations, packs of none, old snapshots.
    ///
    /// Never: the active set, the one that takes it back, pinned and prepared ones, the newest `store.keep`, and of every
    /// pack what was staged last. With `store.bytes` in device.yaml older generations go until the store is below it.
    /// - Parameter forgetting: staged packs that shall go although they were staged last.
    @discardableResult
    package func collect(forgetting trees: Set<Digest> = [], by actor: Actor) throws -> CollectionReport {
        try audited(.packCollect, "store", by: actor) {
            let newest = Dictionary(grouping: try list(), by: \.id).values.compactMap(\.first?.tree)
            let report = try collect(retaining: Set(newest).subtracting(trees))
            let kept = Set(engine.generations().map(\.number))
            try parts.snapshots.collect(and: kept)
            let entry = entry(
                .packCollect, "store", by: actor,
                [
                    ("generations", report.generations.map(String.init).joined(separator: ", ")),
                    ("trees", "\(report.trees.count)"),
                ])
            let (audit, registry) = (device.audit, device.registry)
            let gone = try gone()
            let plans = Set(engine.generations().compactMap(\.planDigest))
            let month = device.clock.now() - 30 * 86_400_000
            try device.database.write { transaction in
                for tree in report.trees { try PackStore.forget(tree, in: transaction) }
                for id in gone where try registry.find(id, in: transaction) != nil {
                    try registry.remove(id, in: transaction)
                }
                try PackStore.forgetPlans(before: month, except: plans, in: transaction)
                try audit.append(entry, in: transaction)
            }
            return report
        }
    }

    /// Packs with an entry in the registry of which nothing is left on the device.
    private func gone() throws -> [NamespaceID] {
        let left = Set(try list().map { NamespaceID($0.id) })
        return try device.registry.all(.pack).map(\.id).filter { !left.contains($0) }
    }

    private func collect(retaining trees: Set<Digest>) throws -> CollectionReport {
        var (generations, removed): ([Int], [Digest]) = ([], [])
        for keep in (1...device.configuration.store.keep).reversed() {
            let report = try engine.collectGarbage(retaining: trees, keeping: keep)
            generations += report.generations
            removed += report.trees
            guard let limit = device.configuration.store.bytes, try storeBytes() > limit else { break }
        }
        return CollectionReport(generations: generations, trees: removed)
    }

    private func storeBytes() throws -> Int64 {
        try engine.trees().reduce(0) { $0 + (try engine.manifest(of: $1).byteCount) }
    }
}
