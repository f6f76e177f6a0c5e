import AuroraActivation
package import AuroraModel
import AuroraSandbox
import AuroraSystem
import Glibc

/// What a dry run found out about one pack.
package struct RehearsalResult: Hashable, Sendable {
    package let pack: PackID
    /// Why nothing was run; nil when `install --dry-run` ran and ended well.
    package let onlyPlanned: String?
    /// What was not in its copies although it is on the device.
    package var notes: [String] = []

    package var json: JSONValue {
        [
            "pack": .string(pack.text), "ran": .bool(onlyPlanned == nil), "reason": JSONValue(onlyPlanned),
            "notes": JSONValue(notes),
        ]
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
            let notes = try rehearse(
                RunnablePack(pack: pack, set: prepared.change.to), from: prepared.change.from[id]?.schema)
            return RehearsalResult(pack: id, onlyPlanned: nil, notes: notes)
        }
    }

    /// - Returns: notes about what it ran on.
    private func rehearse(_ runnable: RunnablePack, from old: Int?) throws -> [String] {
        let folder = try engine.stagingDirectory()
        defer { try? engine.discardStaging(folder) }
        // Whoever runs inside another user must be able to come to its folders.
        try FileTree.open(folder).setMode(0o711)
        let (data, logs) = ("\(folder)/data", "\(folder)/logs")
        let manifest = runnable.pack.manifest
        let notes = try copyData(of: runnable, schema: old ?? manifest.data.schemaVersion, to: data)
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
        return notes
    }

    /// A throw-away copy of what the pack keeps, without what its manifest leaves out of copies; the pack runs meanwhile.
    ///
    /// - Returns: notes about what could not be copied.
    private func copyData(of runnable: RunnablePack, schema: Int, to copy: String) throws -> [String] {
        let source = parts.device.places.data(of: runnable.id, schema: schema)
        guard try FileStatus.ifExists(source) != nil else {
            try DurableFile.makeDirectory(copy, mode: 0o700)
            return []
        }
        let excluded = runnable.pack.manifest.data.exclude
        let room = try room(for: runnable.id, schema: schema)
        do throws(SystemError) {
            return try LiveCopy(of: source, to: copy, upTo: room) { path in
                excluded.contains { $0.text.hasSameCodePoints(as: path) }
            }.notes
        } catch {
            guard [ENOSPC, EDQUOT].contains(error.errno) else { throw error }
            throw full(runnable.id, try parts.folders.byteCount(of: runnable.id, schema: schema))
        }
    }

    /// How many bytes the copy may have; what is shared with the original counts nothing.
    private func room(for pack: PackID, schema: Int) throws -> Int64 {
        let bytes = try parts.folders.byteCount(of: pack, schema: schema)
        let room = try CopyRoom(for: bytes, on: parts.device.places)
        guard room.isEnough else { throw full(pack, bytes) }
        // A pack that writes while it is copied must not fill the disk with that.
        return room.needed == 0 && bytes > 0 ? .max : room.free - room.free / 6
    }

    private func free() throws -> Int64 {
        Int64(clamping: try DiskSpace.available(at: parts.device.places.root).bytes)
    }

    private func full(_ pack: PackID, _ bytes: Int64) -> Refusal {
        PackRefusals.storage(
            "the rehearsal of \(pack)", needed: bytes, free: (try? free()) ?? 0,
            orElse: "or install without a rehearsal: --no-rehearsal")
    }
}

extension LiveCopy {
    /// What is told about the copy: the first few things that are not in it, and how many more there are.
    fileprivate var notes: [String] {
        let told = omissions.prefix(5)
        let more = omissionCount - told.count
        return told.map { "the copy of its data has no \($0.path.printable(limit: 200)): \($0.reason.text)" }
            + (more > 0 ? ["the copy of its data lacks \(more) more"] : [])
    }
}

extension LiveCopy.Omission.Reason {
    fileprivate var text: String {
        switch self {
        case .tooDeep: "it lies in more than \(FileTree.depthLimit) folders"
        case .special: "it is a socket, a pipe or a device"
        case .tooLarge: "the disk has no room for it"
        case .unreadable(let error): "\(error)"
        }
    }
}
