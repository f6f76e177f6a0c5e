package import AuroraActivation
import AuroraAudit
import AuroraDatabase
package import AuroraModel
import AuroraRuntime
import AuroraSandbox
import AuroraSystem

/// Everything that is done to the packs of a device; the one object that commands use.
///
/// It holds the device's lock as long as it lives, so a second one, in whatever process, is refused with `device_busy`:
/// make it, do one thing, let it go. Not for several threads at once. Every change and every refusal is in the log.
package final class PackInstaller {
    package let device: Device
    package let engine: ActivationEngine
    let settings: PackInstallerSettings
    let parts: PackTransaction.Parts
    let rooms: PackRoom
    private let stager: PackStager

    /// Takes the lock of the device and finishes or takes back what an interruption left.
    ///
    /// - Parameters:
    ///   - resuming: whether a change that was interrupted is finished here. False where a core does that, and whoever
    ///     opens only wants to look.
    ///   - services: what stops and starts packs: the running core, or ``TemporaryServices``. Asked for under the lock, before
    ///     anything else is done.
    /// - Returns: the installer and what was found.
    /// - Throws: `Refusal` with code `device_busy`, or `change_open` for a change that is left to the core.
    package static func open(
        _ device: Device, _ settings: PackInstallerSettings, resuming: Bool = true,
        services: (PackRoom) throws -> any PackServices
    ) throws -> (installer: PackInstaller, recovery: PackRecovery) {
        let installer = try PackInstaller(device, settings, services: services)
        return (installer, try installer.recover(resuming: resuming))
    }

    private init(
        _ device: Device, _ settings: PackInstallerSettings, services: (PackRoom) throws -> any PackServices
    ) throws {
        let (places, clock) = (device.places, device.clock)
        self.device = device
        self.settings = settings
        engine = try Self.engine(of: device)
        rooms = PackRoom(device: device)
        parts = PackTransaction.Parts(
            device: device, services: try services(rooms), scripts: PackScripts(runner: settings.runner, rooms: rooms),
            rules: DataRules(engine: engine, places: places),
            snapshots: DataSnapshots(places: places, clock: clock), folders: DataFolders(places: places),
            minUptime: settings.minUptime)
        stager = PackStager(
            engine: engine, places: places, configuration: device.configuration, unpack: settings.unpack,
            verifier: settings.verifier, clock: clock)
    }

    private static func engine(of device: Device) throws -> ActivationEngine {
        do throws(ActivationError) {
            return try ActivationEngine(
                device: device.places.root, keep: device.configuration.store.keep, clock: device.clock)
        } catch {
            guard error.code == .locked else { throw error }
            throw Refusal(
                .conflict, code: "device_busy", "Somebody else is changing this device's packs.",
                subject: device.places.root, rule: "one change at a time",
                remedy: "wait until that has ended, then look again")
        }
    }

    var catalog: PackCatalog { PackCatalog(engine: engine, database: device.database, traits: settings.traits) }

    var planner: PackPlanner {
        PackPlanner(
            engine: engine, catalog: catalog, places: device.places, configuration: device.configuration,
            missingFeatures: { [device, settings] packs in
                try Self.missingLayers(for: packs, on: device, settings.runner).map(\.layer.rawValue)
            })
    }

    /// The layers that no room can have here, but for those that an operator has waived for all of these packs.
    private static func missingLayers(
        for packs: [PackID], on device: Device, _ runner: any ConfinedRunner
    ) throws -> [SandboxRefusal] {
        guard !packs.isEmpty else { return [] }
        return try runner.missingLayers().filter { missing in
            try packs.contains { try device.waived(for: $0)[missing.layer] == nil }
        }
    }

    // MARK: Store

    /// Verifies a pack and brings it into the store; staging the same bytes again is a success.
    ///
    /// - Throws: `Refusal`: `pack_unreadable`, `pack_unsealed`, `unsigned`, `signature_bad`, `no_release_keys`,
    ///   `archive_refused`, `artifact_mismatch`, `artifact_missing`, `entrypoint_missing`, `pack_entry_refused`,
    ///   `insufficient_storage`, `sandbox_unavailable`, or the manifest's own.
    package func stage(_ source: PackSource, by actor: Actor) throws -> StagedPack {
        try audited(.packStage, source.path, by: actor) {
            let pack = try stager.stage(source, by: actor)
            let entry = entry(
                .packStage, pack.id.text, by: actor,
                [
                    ("version", "\(pack.version)"), ("tree", pack.tree.hex), ("sealed", pack.isSealed ? "yes" : "no"),
                    ("signature", pack.signature.state.rawValue), ("archive", pack.archive?.hex ?? ""),
                ])
            let audit = device.audit
            try device.database.write { transaction in
                try PackStore.put(pack, in: transaction)
                try audit.append(entry, in: transaction)
            }
            return pack
        }
    }

    // MARK: Plans

    /// What a request would change, exactly; nothing is changed.
    package func plan(_ request: PackRequest) throws -> PreparedPackPlan {
        let prepared = try planner.plan(request)
        let now = device.clock.now()
        try device.database.write { try PackStore.keep(prepared.plan, at: now, in: $0) }
        return prepared
    }

    /// The plan, checked like an installation up to the approval, and rehearsed where the packs support it.
    package func dryRun(
        _ request: PackRequest, by actor: Actor
    ) throws -> (plan: PreparedPackPlan, rehearsals: [RehearsalResult]) {
        try audited(.packRehearse, name(of: request), by: actor) {
            let prepared = try plan(request)
            try check(prepared)
            let results = try PackRehearsal(engine: engine, parts: parts, rooms: rooms).run(prepared)
            try device.audit.record(
                entry(.packRehearse, name(of: request), by: actor, [("plan", prepared.digest.hex)]))
            return (prepared, results)
        }
    }

    /// What would be refused at its start is refused before anything is stopped: no new bytes are to blame for it.
    private func checkStorage(_ prepared: PreparedPackPlan) throws {
        let (places, active) = (device.places, try active())
        for id in prepared.change.startOrder {
            guard let member = prepared.change.to[id] else { continue }
            let manifest = try prepared.packs[member.tree]?.manifest ?? catalog.pack(member.tree).manifest
            let schema = active[id]?.schema ?? member.schema
            try PackStorage(places: places).check(
                id, [places.data(of: id, schema: schema), places.logs(of: id)],
                rooms.limits(manifest.resources).storage)
        }
    }

    /// What speaks against carrying a plan out, whoever approved it.
    func check(_ prepared: PreparedPackPlan) throws {
        guard prepared.plan.missingFeatures.isEmpty else {
            throw PlanRefusals.features(prepared.plan.missingFeatures, settings.runner.missingLayers())
        }
        for member in prepared.change.to.members where prepared.change.affected.contains(member.id) {
            guard let pack = prepared.packs[member.tree] else { continue }
            // Staged under an easier policy, it is judged by the one of now.
            let policy = device.configuration.policy
            if !pack.staged.signature.isGood {
                guard policy.unsigned == .accept else { throw PackRefusals.unsigned(pack.id) }
                guard pack.staged.isSealed || policy.unsealed == .accept else {
                    throw PackRefusals.unsealed(pack.id, ", and policy.unsealed of this device refuses that")
                }
            }
            let missing = rooms.missingVariables(pack.manifest)
            guard missing.isEmpty else { throw PlanRefusals.environment(pack.id, missing) }
        }
        try checkStorage(prepared)
        guard prepared.neededBytes <= prepared.freeBytes else {
            throw PackRefusals.storage("the change", needed: prepared.neededBytes, free: prepared.freeBytes)
        }
        for change in prepared.plan.changes where [.snapshot, .carry].contains(change.data.action) {
            guard let schema = change.data.from, let new = prepared.new(change.pack) else { continue }
            try parts.folders.checkCopy(of: change.pack, schema: schema, excluding: new.manifest.data.exclude)
        }
    }
}
