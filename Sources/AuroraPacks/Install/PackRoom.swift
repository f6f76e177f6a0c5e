package import AuroraModel
package import AuroraRuntime
import AuroraSystem

/// The one place where a pack's room is made from what is known about it.
package struct PackRoom: Sendable {
    let device: Device

    package init(device: Device) { self.device = device }

    /// The room a pack runs in, as a part of its set.
    ///
    /// - Throws: `Refusal` with code `environment_missing` or `mount_unknown`, before anything runs.
    package func confinement(of runnable: RunnablePack) throws -> Confinement {
        var confinement = try bareRoom(of: runnable)
        confinement.mounts += try lent(runnable.pack.manifest)
        confinement.network = runnable.pack.manifest.permissions.network == .shared ? .shared : .none
        return confinement
    }

    /// The room without anything that has to be granted.
    private func bareRoom(of runnable: RunnablePack) throws -> Confinement {
        let (pack, room, places) = (runnable.pack, DevicePlaces.room, device.places)
        let (id, schema) = (pack.id, pack.manifest.data.schemaVersion)
        var confinement = Confinement(id: id.text, identity: try device.identity(of: id), code: pack.path)
        confinement.place = "\(room.root)/packs/\(id)"
        confinement.workingDirectory = room.root
        confinement.links = [room.live: "packs"]
        confinement.mounts = [
            Confinement.Mount(host: places.logs(of: id), inside: room.logs(of: id), isWritable: true),
            Confinement.Mount(
                host: places.data(of: id, schema: schema), inside: room.data(of: id, schema: schema), isWritable: true),
            // The prototype's packs look for their data beside the packs.
            Confinement.Mount(
                host: places.data(of: id, schema: schema), inside: "\(room.root)/packs/data", isWritable: true),
        ]
        for needed in pack.manifest.dependencies {
            guard let member = runnable.set[needed.id] else { continue }
            confinement.mounts.append(
                Confinement.Mount(
                    host: "\(places.root)/store/\(member.tree.hex)", inside: "\(room.root)/packs/\(needed.id)"))
        }
        confinement.waivers = try device.waived(for: id)
        confinement.environment = try variables(pack)
        confinement.limits = limits(pack.manifest.resources)
        return confinement
    }

    /// A room for a rehearsal: copies instead of the device's folders, and nothing that nobody has approved yet, neither
    /// network nor lent folders nor the core's socket.
    func rehearsal(of runnable: RunnablePack, data: String, logs: String) throws -> Confinement {
        var confinement = try bareRoom(of: runnable)
        let places = device.places
        let schema = runnable.pack.manifest.data.schemaVersion
        for index in confinement.mounts.indices {
            switch confinement.mounts[index].host {
            case places.logs(of: runnable.id): confinement.mounts[index].host = logs
            case places.data(of: runnable.id, schema: schema): confinement.mounts[index].host = data
            default: confinement.mounts[index].isWritable = false
            }
        }
        return confinement
    }

    /// Names in `env.required` that device.yaml does not set.
    ///
    /// Nothing else counts: the core starts the pack again after a reboot, without whoever typed the command.
    func missingVariables(_ manifest: PackManifest) -> [String] {
        manifest.requiredEnvironment.filter { value(of: $0) == nil }.map(\.text)
    }

    private func value(of name: EnvironmentName) -> String? {
        device.configuration.environment[name]
    }

    private func variables(_ pack: KnownPack) throws -> [String: String] {
        let missing = missingVariables(pack.manifest)
        guard missing.isEmpty else { throw PlanRefusals.environment(pack.id, missing) }
        var variables = Dictionary(
            uniqueKeysWithValues: pack.manifest.requiredEnvironment.map { ($0.text, value(of: $0) ?? "") })
        if let python = EnvironmentName("PYTHON").flatMap(value(of:)) { variables["PYTHON"] = python }
        return variables
    }

    /// The folders that operators lend, each under its name; two names belong to the device itself.
    private func lent(_ manifest: PackManifest) throws -> [Confinement.Mount] {
        let wanted =
            manifest.permissions.readable.map { ($0, false) } + manifest.permissions.writable.map { ($0, true) }
        return try wanted.compactMap { name, isWritable in
            switch name.text {
            case "core-status":
                // Empty until a core has run; the pack finds the folder all the same.
                try FileTree.makeFolders(device.places.run, mode: 0o700)
                try FileTree.makeFolders(device.places.status, mode: 0o755)
                return Confinement.Mount(
                    host: device.places.status, inside: "\(DevicePlaces.room.run)/status", isWritable: false)
            case "core-control":
                // Asking the core is more than reading, and shows as that in the plan.
                guard isWritable else { throw Self.unknownMount(name, manifest.id) }
                // Where no core runs there is nothing to control, and no socket.
                guard try FileStatus.ifExists(device.places.coreSocket) != nil else { return nil }
                return Confinement.Mount(
                    host: device.places.coreSocket, inside: "\(DevicePlaces.room.run)/core.sock",
                    isWritable: true)
            default:
                guard let path = device.configuration.mounts[name] else { throw Self.unknownMount(name, manifest.id) }
                return Confinement.Mount(
                    host: path, inside: "\(DevicePlaces.room.root)/mnt/\(name)", isWritable: isWritable)
            }
        }
    }

    private static func unknownMount(_ name: MountName, _ id: PackID) -> Refusal {
        Refusal(
            .unprocessable, code: "mount_unknown",
            "\(id) asks for the folder \(name), which this device does not lend.",
            subject: name.text, rule: "packs ask for names; operators decide what they are",
            remedy: "add it in device.yaml: mounts: {\(name): /absolute/path}")
    }

    /// What a pack that asks for this may use, by device.yaml.
    func limits(_ wanted: PackManifest.Resources) -> Confinement.Limits {
        var limits = Confinement.Limits()
        let most = device.configuration.resources
        func least(_ wanted: Int, _ most: Int?) -> Int { min(wanted, most ?? wanted) }
        limits.memoryBytes = UInt64(least(wanted.memoryMB, most.memoryMB)) << 20
        limits.processes = UInt32(least(wanted.processes, most.processes))
        limits.cpuPercent = wanted.cpuPercent.map { UInt32($0) }
        limits.temporaryBytes = UInt64(wanted.temporaryMB) << 20
        limits.fileBytes = UInt64(wanted.fileMB) << 20
        limits.storage = FileUsage(
            bytes: Int64(least(wanted.storageMB, most.storageMB)) << 20,
            files: Int64(least(wanted.storageFiles, most.storageFiles)))
        return limits
    }
}

extension PackRoom {
    /// How a program of a pack is called inside its room: by bash, from the device's folder.
    package static func command(_ script: PackPath, of id: PackID, _ arguments: [String] = []) -> [String] {
        ["/usr/bin/bash", "\(DevicePlaces.room.root)/packs/\(id)/\(script)"] + arguments
    }
}
