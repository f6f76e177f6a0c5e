import AuroraActivation
import AuroraDatabase
package import AuroraModel
import AuroraSandbox
import AuroraSystem

/// A plan with what is behind it and no part of it.
package struct PreparedPackPlan: Sendable {
    package let plan: PackPlan
    package let digest: Digest
    package let change: SetChange
    /// Every pack of both sets by its tree.
    package let packs: [Digest: KnownPack]
    /// Bytes that snapshots of data are going to take at most; what they really take depends on the file system.
    package let snapshotBytes: Int64
    /// Bytes that must be free for the change: new trees are there already, snapshots with a fifth to spare are not.
    package let neededBytes: Int64
    package let freeBytes: Int64
    let drift: [DriftItem]

    /// The pack of either side with this id, in the set that follows.
    func new(_ id: PackID) -> KnownPack? { change.to[id].flatMap { packs[$0.tree] } }
    func old(_ id: PackID) -> KnownPack? { change.from[id].flatMap { packs[$0.tree] } }
}

/// Describes exactly what a change would do, without doing it.
struct PackPlanner {
    let engine: ActivationEngine
    let catalog: PackCatalog
    let places: DevicePlaces
    let configuration: DeviceConfiguration
    /// Names of layers and features that these packs need and this machine lacks.
    let missingFeatures: ([PackID]) throws -> [String]

    /// - Throws: `Refusal`: `pack_unknown`, `pack_unsatisfiable`, `pack_cycle`, `pack_blocked`, `generation_unknown`,
    ///   `rollback_unavailable`, `nothing_to_change`.
    func plan(_ request: PackRequest) throws -> PreparedPackPlan {
        let sets = SetTrees(engine: engine)
        let active = try sets.set(of: engine.active)
        switch request {
        case .change(let wishes):
            let choice = try PackChoice(known: catalog.all(), active: active, blocked: blocked).choose(wishes)
            return try prepare(.install, SetChange(from: active, to: choice.set), choice.sentences)
        case .generation(let number):
            guard let generation = engine.state.generation(number) else { throw PlanRefusals.generation(number) }
            let set = try sets.set(of: generation)
            return try prepare(
                .activate, SetChange(from: active, to: set), ["The packs of generation \(number) are taken."])
        case .takeBack:
            let state = engine.state
            guard let target = state.takeBack else { throw PlanRefusals.noRollback(state) }
            let set = try sets.set(of: target)
            return try prepare(
                .rollback, SetChange(from: active, to: set), ["Generation \(target.number) comes back."])
        }
    }

    private var blocked: [Digest: String] {
        Dictionary(engine.blocked().map { ($0.tree, $0.reason) }, uniquingKeysWith: { first, _ in first })
    }

    private func prepare(
        _ kind: PackPlan.Kind, _ change: SetChange, _ sentences: [String]
    ) throws -> PreparedPackPlan {
        guard change.from != change.to else { throw PlanRefusals.nothing }
        let packs = try packs(of: change)
        // What is given up must not be in the way by its damage.
        let drift = kind == .rollback ? [] : try engine.drift()
        let changes = try change.changed.map { try self.change(of: $0, kind, change, packs) }
        let plan = PackPlan(
            action: kind, device: configuration.target, fromGeneration: engine.active?.number ?? 0,
            fromSet: engine.active?.treeDigest, toSet: change.to == .empty ? nil : SetTrees.digest(of: change.to),
            changes: changes, resolution: try sentences + changes.compactMap(warning), drift: drift.map(\.planDrift),
            stop: change.stopOrder,
            start: change.startOrder, newBytes: newBytes(change, packs),
            missingFeatures: try missingFeatures(change.startOrder).sorted(),
            // The right to take a change back came with its approval.
            needsApproval: kind != .rollback
                && (changes.contains { $0.permissions.isWider } || asksForApproval(change, packs)),
            policy: configuration.policyDigest)
        let snapshots = try snapshotBytes(changes)
        let room = try CopyRoom(for: snapshots, on: places)
        return PreparedPackPlan(
            plan: plan, digest: plan.digest, change: change, packs: packs, snapshotBytes: snapshots,
            neededBytes: room.needed, freeBytes: room.free, drift: drift)
    }

    private func packs(of change: SetChange) throws -> [Digest: KnownPack] {
        var packs: [Digest: KnownPack] = [:]
        for member in change.from.members + change.to.members where packs[member.tree] == nil {
            packs[member.tree] = try catalog.pack(member.tree)
        }
        return packs
    }

    /// Whether any pack of the change says that a person must look at it; a pack that goes is asked as well.
    private func asksForApproval(_ change: SetChange, _ packs: [Digest: KnownPack]) -> Bool {
        change.changed.contains { id in
            [change.from[id], change.to[id]].contains { side in
                side.flatMap { packs[$0.tree] }?.manifest.safety.isApprovalRequired == true
            }
        }
    }

    private func newBytes(_ change: SetChange, _ packs: [Digest: KnownPack]) -> Int64 {
        let active = Set(change.from.members.map(\.tree))
        return Set(change.to.members.map(\.tree)).subtracting(active).reduce(0) { $0 + (packs[$1]?.staged.bytes ?? 0) }
    }

    private func snapshotBytes(_ changes: [PackPlan.Change]) throws -> Int64 {
        let folders = DataFolders(places: places)
        return try changes.reduce(0) { sum, change in
            guard [.snapshot, .carry].contains(change.data.action), let schema = change.data.from else { return sum }
            return sum + (try folders.byteCount(of: change.pack, schema: schema))
        }
    }

    // MARK: One pack

    private func change(
        of id: PackID, _ kind: PackPlan.Kind, _ change: SetChange, _ packs: [Digest: KnownPack]
    ) throws -> PackPlan.Change {
        let old = change.from[id].flatMap { packs[$0.tree] }
        let new = change.to[id].flatMap { packs[$0.tree] }
        let diff = TreeDiff(from: try manifest(old), to: try manifest(new))
        return PackPlan.Change(
            pack: id, from: old.map { PackPlan.Change.Side(version: $0.version, tree: $0.tree) },
            to: new.map { PackPlan.Change.Side(version: $0.version, tree: $0.tree) },
            isSealed: new?.staged.isSealed ?? true, signature: new?.staged.signature ?? .unsigned,
            isRehearsable: new?.manifest.safety.isDryRunSupported ?? false, files: PlanFiles(diff),
            permissions: PackPlan.PermissionChange(
                from: change.from[id]?.grants ?? PackManifest.Permissions(),
                to: change.to[id]?.grants ?? PackManifest.Permissions()),
            data: try DataRules(engine: engine, places: places).change(of: id, kind, old?.manifest, new?.manifest))
    }

    /// What a person should know who goes back to a version behind a hook, whose data do not go back with it.
    private func warning(of change: PackPlan.Change) throws -> String? {
        let (id, data) = (change.pack, change.data)
        guard [.keep, .snapshot].contains(data.action), data.migrate == nil, let version = change.to?.version,
            let schema = data.to, let form = try DataForms(places: places).form(of: id, schema: schema),
            form.isMigrated, form.version > version
        else { return nil }
        return
            "\(id) \(version) finds its data as the migrate hook of \(form.version) left them; to put a copy from before "
            + "in place: aurora pack data \(id), then aurora pack restore-data \(id) --generation N"
    }

    private func manifest(_ pack: KnownPack?) throws -> TreeManifest {
        try pack.map { try engine.manifest(of: $0.tree) } ?? TreeManifest(entries: [])
    }
}

/// What is refused before a change.
enum PlanRefusals {
    static func generation(_ number: Int) -> Refusal {
        Refusal(
            .notFound, code: "generation_unknown", "This device has no generation \(number).", subject: "\(number)",
            rule: "only a generation that is kept can come back",
            remedy: "see those that are kept: aurora pack generations")
    }

    static func noRollback(_ state: TargetState) -> Refusal {
        let isTakenBack = state.undo != nil
        return Refusal(
            .conflict, code: "rollback_unavailable",
            isTakenBack
                ? "The last change was taken back by itself; generation \(state.active ?? 0) is the one before it."
                : "The active generation has none to go back to.",
            rule: isTakenBack
                ? "the right to take a change back ends with the next change, also with one that failed"
                : "a rollback is one-shot: it takes the last change back and no more",
            remedy: "take one of aurora pack generations, with an approval of its own: aurora pack rollback --to N")
    }

    static let nothing = Refusal(
        .conflict, code: "nothing_to_change", "These packs are active already.", rule: "a plan changes something",
        remedy: "nothing needs to be done")

    static func stale(_ differences: [String], fresh: PackPlan) -> Refusal {
        Refusal(
            .conflict, code: "stale_plan",
            "What would be changed is no longer what was approved"
                + (differences.isEmpty ? "." : ": \(differences.joined(separator: ", ")) differ."),
            subject: fresh.digest.hex, rule: "an approval holds for one plan digest only",
            remedy: "look at the plan of now and have that one approved: aurora pack plan",
            details: [
                "plan": JSONValue(fresh.digest), "differs": JSONValue(differences), "freshPlan": fresh.json,
            ])
    }

    /// - Parameter reasons: what was seen and what to do, for those of them where that is known.
    static func features(_ missing: [String], _ reasons: [SandboxRefusal]) -> Refusal {
        let found = missing.map { name in (name, reasons.first { $0.layer.rawValue == name }) }
        let words = found.map { name, reason in reason.map { "\(name) (\($0.detail))" } ?? name }
        let remedies = found.compactMap { $0.1?.remedy }
        return Refusal(
            .unavailable, code: "feature_missing",
            "This machine lacks what these packs need: \(words.joined(separator: ", ")).",
            subject: missing.first ?? "", rule: "a missing layer means refuse, never run weaker",
            remedy: (remedies + ["see everything that is missing: aurora doctor"]).joined(separator: "; "))
    }

    static func environment(_ id: PackID, _ names: [String]) -> Refusal {
        Refusal(
            .unprocessable, code: "environment_missing",
            "\(id) needs \(names.joined(separator: ", ")), which \(names.count == 1 ? "is" : "are") not set in device.yaml.",
            subject: id.text, rule: "every name in env.required is set where the core finds it at every start",
            remedy: "add it in device.yaml: environment: {\(names.map { "\($0): value" }.joined(separator: ", "))}")
    }
}
