import AuroraActivation
import AuroraArchive
import AuroraAudit
import AuroraCrypto
package import AuroraModel
package import AuroraRuntime
import AuroraSystem
import Glibc

/// A pack's data as they were written into an archive.
package struct DataExport: Hashable, Sendable {
    package let snapshot: DataSnapshot
    /// The SHA-256 of the archive.
    package let archive: Digest
    /// Its size.
    package let bytes: Int64

    package var json: JSONValue {
        ["snapshot": snapshot.json, "archive": JSONValue(archive), "bytes": .integer(bytes)]
    }
}

extension PackInstaller {
    /// Copies what a pack keeps now, while nothing of it runs, for ``exportData(of:before:to:by:as:)``.
    ///
    /// What its manifest leaves out of copies is not in it.
    /// - Parameter owner: who writes the archive: another one's copy of the same data is not touched.
    /// - Throws: `Refusal`: `data_missing`, `data_unreadable`, `data_not_portable`, `insufficient_storage`, `pack_survives`.
    package func copyData(of id: PackID, by actor: Actor, as owner: RunOwner = .own()) throws {
        try audited(.packDataExport, id.text, by: actor) {
            let set = try active()
            guard let schema = try set[id]?.schema ?? parts.folders.schemas(of: id).last,
                try FileStatus.ifExists(device.places.data(of: id, schema: schema)) != nil
            else { throw DataRefusals.missing(id, "no data here") }
            try requireRoom(for: "the copy of \(id)'s data", try parts.folders.byteCount(of: id, schema: schema))
            let exclude = try set[id].map { try catalog.pack($0.tree).manifest.data.exclude } ?? []
            try parts.folders.checkCopy(of: id, schema: schema, excluding: exclude, isForChange: false)
            try DataArchive.check(id, parts.folders.places.data(of: id, schema: schema), excluding: exclude)
            try stopWhatUses(id, set)
            try parts.snapshots.take(
                id, schema: schema, before: engine.active?.number ?? 0, isMigrated: false, excluding: exclude,
                of: set[id]?.version,
                into: parts.snapshots.exportSlot(id, of: owner))
        }
    }

    /// Writes data of a pack into an archive: the copy that ``copyData(of:by:as:)`` made, or the snapshot taken before
    /// `generation`, once its bytes have been checked.
    ///
    /// The file is new, of mode 0600, and durable when this returns; otherwise it is not there.
    /// - Throws: `Refusal`: `data_missing`, `snapshot_damaged`, `file_exists`, `data_not_portable`, `insufficient_storage`.
    package func exportData(
        of id: PackID, before generation: Int? = nil, to path: String, by actor: Actor, as owner: RunOwner = .own()
    ) throws -> DataExport {
        try audited(.packDataExport, id.text, by: actor) {
            let snapshots = parts.snapshots
            let slot = generation.map { snapshots.slot(id, $0) } ?? snapshots.exportSlot(id, of: owner)
            // The copy was made for this one archive.
            defer { if generation == nil { try? snapshots.forget(slot) } }
            guard let snapshot = try snapshots.snapshot(in: slot), try FileStatus.ifExists(slot.content) != nil else {
                throw DataRefusals.missing(id, generation.map { "no snapshot before generation \($0)" } ?? "no copy")
            }
            // The other copy was made just now.
            if generation != nil, try snapshots.verify(snapshot, in: slot)?.isEmpty != true {
                throw DataRefusals.damaged(snapshot)
            }
            let (archive, bytes) = try write(DataArchive(of: slot, snapshot), slot.content, to: path)
            let export = DataExport(snapshot: snapshot, archive: archive, bytes: bytes)
            try device.audit.record(
                entry(.packDataExport, id.text, by: actor, facts(snapshot) + [("archive", archive.hex)]))
            return export
        }
    }

    /// What the log says about data.
    func facts(_ snapshot: DataSnapshot) -> [(String, String)] {
        [
            ("schema", "\(snapshot.schema)"), ("tree", snapshot.tree.hex), ("bytes", "\(snapshot.bytes)"),
            ("generation", "\(snapshot.generation)"),
        ]
    }

    private func write(
        _ archive: DataArchive, _ content: String, to path: String
    ) throws -> (digest: Digest, bytes: Int64) {
        guard try FileStatus.ifExists(path) == nil else { throw DataRefusals.exists(path) }
        let draft = "\(path).\(SecureRandom.bytes(6).map { String($0, radix: 16) }.joined()).tmp"
        do {
            let file = try Descriptor.open(draft, [.readWrite, .create, .exclusive, .noFollow], mode: 0o600)
            try archive.write(content, to: file)
            guard let digest = Digest(bytes: try SHA256.hashFile(descriptor: file.rawValue).digest) else {
                throw SystemError(operation: "hash", path: draft, errno: EIO)
            }
            let bytes = try file.stat().size
            try AtomicRename.noReplace(draft, path)
            return (digest, bytes)
        } catch {
            // A full disk must not be left fuller.
            try? DurableFile.remove(draft)
            switch error {
            case let refusal as ArchiveRefusal: throw DataRefusals.unwritable(archive.snapshot.pack, refusal)
            case let error as SystemError where error.errno == EEXIST: throw DataRefusals.exists(path)
            default: throw error
            }
        }
    }

    /// Stops a pack and what needs it, each before what it needs; of a pack that is not active nothing runs.
    func stopWhatUses(_ id: PackID, _ set: PackSet) throws {
        guard set[id] != nil else { return }
        let users = set.dependents(of: id)
        try parts.services.stop(set.order.reversed().filter { $0 == id || users.contains($0) })
    }

    /// - Throws: `Refusal` with code `insufficient_storage` where a copy of so many bytes has no fifth to spare.
    func requireRoom(for what: String, _ bytes: Int64) throws {
        let room = try CopyRoom(for: bytes, on: device.places)
        guard room.isEnough else { throw DataRefusals.room(what, needed: room.needed, free: room.free) }
    }
}
