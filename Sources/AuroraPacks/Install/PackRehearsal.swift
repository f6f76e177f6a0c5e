import AuroraActivation
package import AuroraModel
import AuroraSandbox
import AuroraSystem

/// What a dry run found out about one pack.
package struct RehearsalResult: Hashable, Sendable {
    package let pack: PackID
    /// Why nothing was run; nil when `install --dry-run` ran and ended well.
    package let onlyPlanned: String?

    package var json: JSONValue {
        ["pack": .string(pack.text), "ran": .bool(onlyPlanned == nil), "reason": JSONValue(onlyPlanned)]
    }
}

/// Runs `install --dry-run` of the packs that support it: in the full room, on throw-away copies, without network.
struct PackRehearsal {
    let engine: ActivationEngine
    let parts: PackTransaction.Parts
    let rooms: PackRoom

    /// Rehearses every pack that a plan adds or replaces, in the order in which they would be installed.
    ///
    /// - Throws: `Refusal` with code `rehearsal_failed` and what the program said; nothing of the device has changed.
    func run(_ prepared: PreparedPackPlan) throws -> [RehearsalResult] {
        let changed = Set(prepared.change.changed)
        return try prepared.change.to.order.filter(changed.contains).compactMap { id in
            guard let pack = prepared.new(id) else { return nil }
            guard pack.manifest.safety.isDryRunSupported else {
                return RehearsalResult(
                    pack: id, onlyPlanned: "its manifest does not support a dry run: static plan only")
            }
            try rehearse(RunnablePack(pack: pack, set: prepared.change.to), from: prepared.change.from[id]?.schema)
            return RehearsalResult(pack: id, onlyPlanned: nil)
        }
    }

    private func rehearse(_ runnable: RunnablePack, from old: Int?) throws {
        let folder = try engine.stagingDirectory()
        defer { try? engine.discardStaging(folder) }
        // Whoever runs inside another user must be able to come to its folders.
        try FileTree.open(folder).setMode(0o711)
        let (data, logs) = ("\(folder)/data", "\(folder)/logs")
        let manifest = runnable.pack.manifest
        try copyData(of: runnable, schema: old ?? manifest.data.schemaVersion, to: data)
        try DurableFile.makeDirectory(logs, mode: 0o700)
        let identity = try parts.device.identity(of: runnable.id)
        for path in [data, logs] where identity != .own {
            try FileTree.open(path).setOwner(uid: identity.uid, gid: identity.gid)
        }
        let room = try rooms.rehearsal(of: runnable, data: data, logs: logs)
        let timeout = Duration.seconds(manifest.hooks.timeoutSeconds)
        do {
            if let migrate = manifest.hooks.migrate, let old {
                try parts.scripts.run(
                    migrate, ["\(old)", "\(manifest.data.schemaVersion)"], of: runnable, in: room, timeout: timeout)
            }
            try parts.scripts.run(manifest.entrypoint.install, ["--dry-run"], of: runnable, in: room, timeout: timeout)
        } catch let failure as PackScripts.Failure {
            throw Refusal(
                .unprocessable, code: "rehearsal_failed", "The dry run failed: \(failure).", subject: runnable.id.text,
                rule: "a pack that fails its rehearsal is not installed", remedy: "correct the pack and stage it again")
        }
    }

    /// A throw-away copy of what the pack keeps, without what its manifest leaves out of copies.
    private func copyData(of runnable: RunnablePack, schema: Int, to copy: String) throws {
        let source = parts.device.places.data(of: runnable.id, schema: schema)
        guard try FileStatus.ifExists(source) != nil else { return try DurableFile.makeDirectory(copy, mode: 0o700) }
        let excluded = runnable.pack.manifest.data.exclude
        do {
            try requireRoom(for: runnable.id, schema: schema)
            try FileTree.duplicate(from: source, to: copy) { path in
                excluded.contains { $0.text.hasSameCodePoints(as: path) }
            }
        } catch let error as SystemError {
            throw PackRefusals.data(of: runnable.id, error)
        }
    }

    private func requireRoom(for pack: PackID, schema: Int) throws {
        let root = parts.device.places.root
        guard !FileTree.sharesContent(in: "\(root)/staging") else { return }
        let bytes = try parts.folders.byteCount(of: pack, schema: schema)
        let free = Int64(clamping: try DiskSpace.available(at: root).bytes)
        guard bytes + bytes / 5 <= free else {
            throw PackRefusals.storage("the rehearsal of \(pack)", needed: bytes, free: free)
        }
    }
}
