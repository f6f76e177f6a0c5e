package import AuroraActivation
import AuroraAudit
import AuroraDatabase
package import AuroraModel
import AuroraSystem

extension PackInstaller {
    /// The packs that are active.
    package func active() throws -> PackSet { try SetTrees(engine: engine).set(of: engine.active) }

    /// Everything in the store, by id.
    package func list() throws -> [KnownPack] { try catalog.all() }

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
