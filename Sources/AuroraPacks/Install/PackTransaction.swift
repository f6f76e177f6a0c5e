import AuroraActivation
import AuroraModel
import Glibc

/// One change of a device's packs in the hands of the engine: what is stopped, copied, migrated, started and judged.
///
/// It knows nothing that a later process could not find out again from the two sets and the disk, so recovery makes a
/// new one from the journal and goes on. Used by one thread.
final class PackTransaction {
    let change: SetChange
    let action: Operation.Action
    /// The generation that snapshots are named after: the new one, of a rollback the one that is taken back.
    let generation: Int
    private let packs: [Digest: KnownPack]
    private let parts: Parts
    /// The pack that did not start, until the next attempt.
    private var failure: (pack: PackID, reason: String)?
    /// When the last pack was started.
    private var started = ContinuousClock.now

    /// What a transaction works with.
    struct Parts {
        let device: Device
        let services: any PackServices
        let scripts: PackScripts
        let rules: DataRules
        let snapshots: DataSnapshots
        let folders: DataFolders
        /// How long all packs of a change must have run before it is called healthy.
        let minUptime: Duration
    }

    init(
        _ change: SetChange, action: Operation.Action, generation: Int, packs: [Digest: KnownPack], parts: Parts
    ) {
        self.change = change
        self.action = action
        self.generation = generation
        self.packs = packs
        self.parts = parts
    }

    /// What the engine is told to do beside its switch.
    var beside: SideWork { SideWork(prepare: prepare, undo: undo) }

    private func runnable(_ id: PackID, of set: PackSet) -> RunnablePack? {
        set[id].flatMap { packs[$0.tree] }.map { RunnablePack(pack: $0, set: set) }
    }

    // MARK: Before the switch

    /// Stops what changes, brings data where the new versions expect them, and lets them install themselves.
    ///
    /// `install --install` runs here, on the new data and before the switch: when it fails nothing has changed.
    private func prepare() throws {
        try parts.services.stop(change.stopOrder)
        for id in change.to.order where change.changed.contains(id) {
            guard let new = runnable(id, of: change.to) else { continue }
            let old = runnable(id, of: change.from)
            let identity = try parts.device.identity(of: id)
            let data = try parts.rules.change(
                of: id, action == .rollback ? .rollback : .install, old?.pack.manifest, new.pack.manifest,
                snapshotsOf: generation)
            try bring(data, of: new, from: old?.pack.version)
            try parts.folders.establish(
                id, schema: new.pack.manifest.data.schemaVersion, for: identity, version: new.pack.version)
            if action == .activate, new.pack.tree != old?.pack.tree { try install(new, migrate: data.migrate) }
        }
    }

    private func bring(_ data: PackPlan.DataChange, of new: RunnablePack, from old: SemanticVersion?) throws {
        let exclude = new.pack.manifest.data.exclude
        switch (data.action, data.from, data.to) {
        case (.snapshot, let schema?, _):
            try parts.snapshots.take(
                new.id, schema: schema, before: generation, isMigrated: data.migrate != nil, excluding: exclude,
                of: old, for: new.pack.version)
        case (.carry, let old?, let schema?):
            try parts.snapshots.carry(
                new.id, from: old, to: schema, for: generation, excluding: exclude, version: new.pack.version)
        case (.restore, _, _): try parts.snapshots.giveBack(new.id, before: generation)
        default: break
        }
    }

    private func install(_ new: RunnablePack, migrate: PackPath?) throws {
        let manifest = new.pack.manifest
        let timeout = Duration.seconds(manifest.hooks.timeoutSeconds)
        if let migrate {
            let (from, to) = (change.from[new.id]?.schema ?? 0, manifest.data.schemaVersion)
            // Before it runs: nobody knows how far a hook came that was killed.
            if from == to {
                try DataForms(places: parts.device.places).set(
                    DataForm(manifest.version, isMigrated: true), of: new.id, schema: to)
            }
            try parts.scripts.run(migrate, ["\(from)", "\(to)"], of: new, timeout: timeout)
        }
        try parts.scripts.run(manifest.entrypoint.install, ["--install"], of: new, timeout: timeout)
        if let hook = manifest.hooks.preActivate { try parts.scripts.run(hook, of: new, timeout: timeout) }
    }

    // MARK: On the way back

    /// Stops what was started and brings the data back; may run again and again.
    private func undo() throws {
        try parts.services.stop(change.reversed.stopOrder)
        for id in change.changed {
            switch action {
            case .activate: try parts.snapshots.giveBack(id, before: generation)
            case .rollback: try parts.snapshots.putForward(id, before: generation)
            }
        }
    }

    // MARK: After the switch

    /// Starts what changed, of whichever set is active now; everything else goes on running.
    func apply() throws {
        failure = nil
        let isForward = try SetTrees.active(at: parts.device.places) == change.to
        let current = isForward ? change : change.reversed
        // After an interruption nobody knows what of either set came up.
        try parts.services.stop(current.stopOrder)
        for id in current.startOrder {
            guard let runnable = runnable(id, of: current.to) else { continue }
            do {
                if isForward, action == .activate { try postActivate(runnable) }
                try parts.services.start(runnable)
            } catch let error as NoVerdict {
                throw error
            } catch {
                // Rule and remedy of a refusal are for whoever asked for it, not for the reason of a way back.
                failure = (id, "\(id) did not start: \((error as? Refusal)?.message ?? "\(error)")")
                return
            }
        }
        started = .now
    }

    private func postActivate(_ runnable: RunnablePack) throws {
        guard let hook = runnable.pack.manifest.hooks.postActivate, change.changed.contains(runnable.id) else { return }
        try parts.scripts.run(
            hook, of: runnable, timeout: .seconds(runnable.pack.manifest.hooks.timeoutSeconds))
    }

    /// Judges what was started, each pack within its own `health_check_timeout_seconds`.
    func health() throws -> HealthVerdict {
        if let failure { return .unhealthyParts(blamed(failure.pack), reason: failure.reason) }
        let isForward = try SetTrees.active(at: parts.device.places) == change.to
        let current = isForward ? change : change.reversed
        if let verdict = try look(at: current) { return verdict }
        // Something that dies soon after its start has been healthy for a moment only.
        let left = parts.minUptime - (ContinuousClock.now - started)
        guard left > .zero, !current.startOrder.isEmpty else { return .healthy }
        usleep(UInt32(clamping: left.components.seconds * 1_000_000 + left.components.attoseconds / 1_000_000_000_000))
        return try look(at: current) ?? .healthy
    }

    /// Asks every pack that was started; nil when all are healthy.
    private func look(at current: SetChange) throws -> HealthVerdict? {
        for id in current.startOrder {
            guard let runnable = runnable(id, of: current.to) else { continue }
            let timeout = Duration.seconds(runnable.pack.manifest.safety.healthCheckTimeoutSeconds)
            if let reason = try parts.services.check(runnable, within: timeout) {
                return .unhealthyParts(blamed(id), reason: "\(id) is not healthy: \(reason)")
            }
        }
        return nil
    }

    /// The new trees to blame for a pack that fails: its own, or those it needs when it did not change itself.
    private func blamed(_ id: PackID) -> [Digest] {
        let changed = Set(change.changed)
        let suspects = changed.contains(id) ? [id] : (change.to[id]?.requires ?? []).filter(changed.contains)
        return suspects.compactMap { change.to[$0]?.tree }
    }
}
