import AuroraActivation
import AuroraDatabase
import AuroraModel
package import AuroraRuntime
import AuroraSandbox

/// The installer's side of a running core: what is active, and what an interrupted change comes to.
package struct DevicePacks: ActivePacks {
    let device: Device
    let settings: PackInstallerSettings
    private let rooms: PackRoom
    private let configuration: @Sendable () throws -> DeviceConfiguration

    /// - Parameter configuration: reads what the operator decides about the device; device.yaml unless told otherwise.
    package init(
        device: Device, settings: PackInstallerSettings,
        configuration: (@Sendable () throws -> DeviceConfiguration)? = nil
    ) {
        self.device = device
        let places = device.places
        self.configuration = configuration ?? { try DeviceConfiguration.load(places) }
        self.settings = settings
        rooms = PackRoom(device: device)
    }

    /// Finishes or takes back an interrupted change with the core's own hands.
    package func recover(through control: any PackControl) throws -> String? {
        let (_, recovery) = try PackInstaller.open(device, settings) { _ in CoreServices(control) }
        guard recovery.report.finding != .clean else { return recovery.dataWords }
        guard let outcome = recovery.report.outcome else {
            return "a change was interrupted before its switch: nothing has changed"
        }
        return "an interrupted change was finished: \(outcome.result.rawValue), generation \(outcome.active)"
            + (outcome.reason.map { " (\($0))" } ?? "")
    }

    package func readConfiguration() throws { device.adopt(try configuration()) }

    /// The packs of the active set, as services, each after those it needs; one that cannot be described says why.
    package func definitions() throws -> [ServiceDefinition] {
        let set = try SetTrees.active(at: device.places)
        let generation = try SetTrees.activeGeneration(at: device.places)
        let halfDone = Set(try device.database.read { try PackStore.openDataChanges(in: $0) }.map(\.pack))
        return set.order.compactMap { set[$0] }.map { member in
            var definition = described(member, set)
            if halfDone.contains(member.id) { definition.refusal = "\(DataRefusals.halfDone(member.id))" }
            definition.grants = member.grants.words
            definition.generation = generation
            return definition
        }
    }

    /// What is wrong with one pack keeps none of the others from running.
    private func described(_ member: PackSet.Member, _ set: PackSet) -> ServiceDefinition {
        do {
            let pack = try KnownPack.active(member, at: device.places, on: settings.traits)
            return try definition(RunnablePack(pack: pack, set: set), member)
        } catch {
            // No room is ever opened for it.
            let room = Confinement(
                id: member.id.text, identity: .own, code: "\(device.places.root)/store/\(member.tree.hex)")
            var refused = ServiceDefinition(
                id: member.id.text, version: "\(member.version)", room: room, start: [], stop: [], health: [])
            refused.needs = member.requires.map(\.text)
            refused.refusal = "\(error)"
            return refused
        }
    }

    /// Waivers run out, and are taken away, while the core runs; and what a pack keeps grows.
    package func renewed(_ room: Confinement) throws -> Confinement {
        guard let id = PackID(room.id) else { return room }
        try PackStorage(places: device.places).check(room)
        var room = room
        room.waivers = try device.waived(for: id)
        return room
    }

    package func keep(_ packs: [ServiceRuntime], isAll: Bool) throws {
        let registry = device.registry
        let known = Set(packs.map(\.id))
        // What is left of a core that was killed says that it runs.
        let others = isAll ? try registry.all(.pack).map(\.id).filter { !known.contains($0.name) } : []
        try device.database.write { transaction in
            for pack in packs {
                guard let id = PackID(pack.id).map({ NamespaceID($0) }) else { continue }
                // What left the set has an entry until it is collected, and gets none anew.
                guard try pack.definition != nil || registry.find(id, in: transaction) != nil else { continue }
                try registry.keep(id, in: transaction) { $0.take(pack) }
            }
            for id in others where try registry.find(id, in: transaction) != nil {
                _ = try registry.update(id, in: transaction) { facts in
                    (facts.state, facts.cgroup) = (NamespaceState(.stopped), nil)
                }
            }
        }
    }

    private func definition(_ pack: RunnablePack, _ member: PackSet.Member) throws -> ServiceDefinition {
        let manifest = pack.pack.manifest
        func command(_ script: PackPath) -> [String] { PackRoom.command(script, of: member.id) }
        var definition = ServiceDefinition(
            id: member.id.text, version: "\(member.version)", room: try rooms.confinement(of: pack),
            start: command(manifest.entrypoint.start), stop: command(manifest.entrypoint.stop),
            health: command(manifest.entrypoint.health))
        definition.healthTimeout = .seconds(manifest.safety.healthCheckTimeoutSeconds)
        definition.needs = member.requires.map(\.text)
        definition.probes = probes(manifest)
        definition.settings = settings(manifest.service, manifest.safety)
        return definition
    }

    private func probes(_ manifest: PackManifest) -> [ProbeRole: Probe] {
        let check = Probe.Check.command(PackRoom.command(manifest.entrypoint.health, of: manifest.id))
        var ready = Probe(check)
        ready.period = .seconds(manifest.service.healthIntervalSeconds)
        ready.timeout = .seconds(manifest.safety.healthCheckTimeoutSeconds)
        guard manifest.service.readiness == .exec else { return [.ready: ready] }
        var startup = Probe(check)
        startup.period = .seconds(1)
        startup.timeout = ready.timeout
        return [.startup: startup, .ready: ready]
    }

    private func settings(_ service: PackManifest.Service, _ safety: PackManifest.Safety) -> ServiceSettings {
        var settings = ServiceSettings()
        settings.readiness = service.readiness == .notify ? .notify : .none
        settings.startTimeout = .seconds(service.startTimeoutSeconds)
        settings.readyTimeout = .seconds(safety.healthCheckTimeoutSeconds)
        settings.stopTimeout = .seconds(service.stopTimeoutSeconds)
        settings.killGrace = settings.stopTimeout
        settings.watchdog = service.watchdogSeconds.map { .seconds($0) }
        settings.restart.mode =
            switch service.restart {
            case .always: .always
            case .onFailure: .onFailure
            case .never: .never
            }
        settings.restart.base = .seconds(service.backoff.baseSeconds)
        settings.restart.cap = .seconds(service.backoff.maximumSeconds)
        settings.restart.resetAfter = .seconds(service.backoff.resetAfterSeconds)
        settings.restart.budget = service.backoff.budget
        settings.restart.window = .seconds(service.backoff.windowSeconds)
        return settings
    }
}

extension NamespaceFacts {
    /// What a service holds now; one that is none any more has its last facts, but no processes.
    fileprivate mutating func take(_ pack: ServiceRuntime) {
        state = NamespaceState(pack.state)
        cgroup = pack.cgroup
        guard let definition = pack.definition else { return }
        root = definition.room.code
        mounts = definition.room.mounts
        grants = definition.grants
        generation = definition.generation
    }
}

extension PackManifest.Permissions {
    /// Each as one word, sorted: `network:shared`, `read:NAME`, `write:NAME`.
    fileprivate var words: [String] {
        let names = readable.map { "read:\($0)" } + writable.map { "write:\($0)" }
        return ((network == .shared ? ["network:shared"] : []) + names).sorted()
    }
}
