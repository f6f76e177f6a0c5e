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
}
