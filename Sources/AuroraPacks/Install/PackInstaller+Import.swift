import AuroraActivation
import AuroraArchive
import AuroraAudit
import AuroraDatabase
package import AuroraModel
import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTrust

/// Data that are to become a pack's: a tree in a staging folder, with what is known about it.
private struct StagedData {
    let tree: String
    let snapshot: DataSnapshot
    let manifest: [UInt8]
    let modes: DataModes
}

extension PackInstaller {
    /// Makes the data in an archive a pack's own; what it had is put aside, and comes back with ``takeBackData(of:reason:by:)``.
    ///
    /// The archive is unpacked by the child without rights and compared with its manifest before anything is stopped. The
    /// pack's folder has its old content until a rename gives it the new one; a kill in between is finished by the next start.
    /// - Throws: `Refusal`: `reason_required`, `pack_not_active`, `archive_refused`, `data_archive_damaged`,
    ///   `data_of_other_pack`, `data_schema_differs`, `data_migrated`, `storage_exceeded`, `insufficient_storage`, `sandbox_unavailable`, `pack_survives`.
    package func importData(
        of id: PackID, from path: String, reason: String, by actor: Actor
    ) throws -> DataSnapshot {
        try audited(.packDataImport, id.text, by: actor) {
            try Self.require(reason, for: "Putting data in place", "aurora pack import-data")
            guard let member = try active()[id] else { throw DataRefusals.inactive(id) }
            let staging = try engine.stagingDirectory()
            defer { try? engine.discardStaging(staging) }
            try unpack(path, into: "\(staging)/archive", files: try storage(of: member).files)
            let archive = try DataArchive(unpacked: "\(staging)/archive", from: path)
            guard archive.snapshot.pack == id else { throw DataRefusals.other(archive.snapshot, wanted: id) }
            let data = StagedData(
                tree: "\(staging)/archive/\(DataArchive.Name.data)", snapshot: archive.snapshot,
                manifest: archive.manifest, modes: archive.modes)
            return try put(data, as: .packDataImport, reason, by: actor)
        }
    }

    /// Makes a copy of a kept snapshot a pack's data; the snapshot stays, and what the pack had is put aside as by an import.
    ///
    /// - Throws: `Refusal`: `reason_required`, `pack_not_active`, `data_missing`, `snapshot_damaged`,
    ///   `data_schema_differs`, `data_migrated`, `storage_exceeded`, `insufficient_storage`, `pack_survives`.
    package func restoreData(
        of id: PackID, before generation: Int, reason: String, by actor: Actor
    ) throws -> DataSnapshot {
        try audited(.packDataRestore, id.text, by: actor) {
            try Self.require(reason, for: "Putting data in place", "aurora pack restore-data")
            let slot = parts.snapshots.slot(id, generation)
            guard let snapshot = try parts.snapshots.snapshot(in: slot),
                let diff = try parts.snapshots.verify(snapshot, in: slot)
            else { throw DataRefusals.missing(id, "no snapshot before generation \(generation)") }
            guard diff.isEmpty else { throw DataRefusals.damaged(snapshot) }
            _ = try reader(of: snapshot)
            try requireRoom(for: "the copy of \(id)'s data", snapshot.bytes)
            let staging = try engine.stagingDirectory()
            defer { try? engine.discardStaging(staging) }
            try FileTree.duplicate(from: slot.content, to: "\(staging)/data")
            let archive = try DataArchive(of: slot, snapshot)
            let data = StagedData(
                tree: "\(staging)/data", snapshot: snapshot, manifest: archive.manifest, modes: archive.modes)
            return try put(data, as: .packDataRestore, reason, by: actor)
        }
    }

    /// Brings the data back that others were put in place of; once, and as long as the pack has the version it had then.
    ///
    /// - Throws: `Refusal`: `reason_required`, `nothing_to_take_back`, `pack_survives`.
    package func takeBackData(of id: PackID, reason: String, by actor: Actor) throws -> DataSnapshot {
        try audited(.packDataRestore, id.text, by: actor) {
            try Self.require(reason, for: "Taking data back", "aurora pack restore-data")
            guard let snapshot = try parts.snapshots.replacement(of: id) else {
                throw DataRefusals.nothingToTakeBack(id, "none were put in place, or that was taken back already")
            }
            guard try isAsItWas(snapshot) else {
                throw DataRefusals.nothingToTakeBack(id, "another version of the pack is active by now")
            }
            try stopWhatUses(id, try active())
            try carryOut(
                OpenDataChange(pack: id, isWayBack: true),
                entry(.packDataRestore, id.text, by: actor, facts(snapshot), reason: reason))
            return snapshot
        }
    }

    // MARK: Before

    /// What the active version of a pack may keep.
    private func storage(of member: PackSet.Member) throws -> FileUsage {
        rooms.limits(try catalog.pack(member.tree).manifest.resources).storage
    }

    private func unpack(_ path: String, into folder: String, files: Int64) throws {
        let file: Descriptor
        do throws(SystemError) {
            file = try Descriptor.open(path, [.readOnly, .noFollow, .nonBlocking])
        } catch {
            throw DataRefusals.archive(path, "cannot be opened: \(error)")
        }
        let status = try file.stat()
        guard status.kind == .regular else { throw DataRefusals.archive(path, "is no file") }
        let free = try DiskSpace.available(at: device.places.root).bytes
        guard status.size <= Int64(clamping: free) else {
            throw DataRefusals.room(path, needed: status.size, free: Int64(clamping: free))
        }
        var limits = DataArchive.limits(files: files)
        limits.unpackedBytes = free
        try DurableFile.makeDirectory(folder, mode: 0o700)
        do {
            switch try settings.unpack.unpack(file.rawValue, into: folder, limits: limits) {
            case .unpacked: break
            case .refused(let refusal): throw PackRefusals.archive(refusal, path)
            case .died(let how): throw PackRefusals.childDied(path, how)
            }
        } catch let refusal as SandboxRefusal {
            throw PackRefusals.sandbox(refusal)
        }
    }

    /// The active version of a pack, which must read these data.
    private func reader(of snapshot: DataSnapshot) throws -> PackSet.Member {
        guard let member = try active()[snapshot.pack] else { throw DataRefusals.inactive(snapshot.pack) }
        guard snapshot.schema == member.schema else { throw DataRefusals.schema(snapshot, active: member.schema) }
        let hasHook = try catalog.pack(member.tree).manifest.hooks.migrate != nil
        guard snapshot.isReadable(by: member.version, hasHook: hasHook, workingOn: try form(under: member)) else {
            throw DataRefusals.migrated(snapshot, active: member.version)
        }
        return member
    }

    private func form(under member: PackSet.Member) throws -> DataForm? {
        try DataForms(places: device.places).form(of: member.id, schema: member.schema)
    }

    private func put(_ data: StagedData, as act: AuditAct, _ reason: String, by actor: Actor) throws -> DataSnapshot {
        let (id, set) = (data.snapshot.pack, try active())
        let member = try reader(of: data.snapshot)
        let identity = try device.identity(of: id)
        try FileTree.give(data.tree, uid: identity.uid, gid: identity.gid) { data.modes[$0] }
        let placed = DataSnapshot(
            pack: id, schema: member.schema, generation: engine.active?.number ?? 0, taken: data.snapshot.taken,
            tree: data.snapshot.tree, bytes: data.snapshot.bytes, isMigrated: false,
            excluded: try catalog.pack(member.tree).manifest.data.exclude, code: member.tree,
            version: data.snapshot.version, form: data.snapshot.form, formInUse: try form(under: member))
        // Refused at its start otherwise, when what it had is put aside already.
        try PackStorage(places: device.places).check(
            id, [data.tree, device.places.logs(of: id)], try storage(of: member))
        try stopWhatUses(id, set)
        try parts.snapshots.keep(
            data.tree, placed, manifest: data.manifest, in: parts.snapshots.slot(id, .incoming))
        try carryOut(
            OpenDataChange(pack: id, isWayBack: false),
            entry(act, id.text, by: actor, facts(data.snapshot), reason: reason))
        return placed
    }

    // MARK: The renames

    /// Notes that the renames begin, in the same transaction as the entry that says so, and does them.
    private func carryOut(_ change: OpenDataChange, _ entry: AuditEntry) throws {
        let audit = device.audit
        try device.database.write { transaction in
            try PackStore.open(change, in: transaction)
            try audit.append(entry, in: transaction)
        }
        try finish(change)
    }

    private func finish(_ change: OpenDataChange) throws {
        let slot = parts.snapshots.slot(change.pack, .replaced)
        if change.isWayBack {
            try parts.snapshots.putForward(slot)
        } else {
            try parts.snapshots.admit(change.pack)
            try parts.snapshots.giveBack(slot)
        }
        try device.database.write { try PackStore.close(change, in: $0) }
    }

    /// Finishes the renames that an interruption left; every one of them can be repeated.
    ///
    /// One that cannot be finished keeps its own pack from starting (``DevicePacks/definitions()``), and nobody else.
    ///
    /// - Returns: whose data they were, and why some are not finished.
    /// - Throws: `Refusal` with code `change_open` when there are some and they are not to be finished here.
    func finishData(resuming: Bool) throws -> (done: [PackID], trouble: [String]) {
        var (done, trouble): ([PackID], [String]) = ([], [])
        for change in try device.database.read({ try PackStore.openDataChanges(in: $0) }) {
            guard resuming else { throw interrupted }
            do {
                try stopWhatUses(change.pack, try active())
                try finish(change)
                done.append(change.pack)
            } catch let error as NoVerdict {
                throw error
            } catch {
                trouble.append("the data of \(change.pack) are not in place yet: \(error)")
            }
        }
        return (done, trouble)
    }

    /// Whether putting data in place, or taking them back, has begun and not ended.
    package static func hasOpenData(_ device: Device) throws -> Bool {
        try !device.database.read { try PackStore.openDataChanges(in: $0) }.isEmpty
    }

    // MARK: After

    /// Whether the version that data were put in place for is the active one.
    func isAsItWas(_ placed: DataSnapshot) throws -> Bool {
        guard let code = placed.code else { return false }
        return try active()[placed.pack]?.tree == code
    }

    /// Removes what operators put aside and nothing leads back to: copies of exports, and data that cannot come back.
    ///
    /// - Returns: the packs whose data those were.
    func collectReplaced() throws -> [PackID] {
        var gone: [PackID] = []
        let snapshots = parts.snapshots
        // From another one an archive may be written right now, by a command that has let the device go.
        for slot in try snapshots.abandonedExports() { try snapshots.forget(slot) }
        // No change has admitted it, and none is open.
        for id in try snapshots.packs(.incoming) { try snapshots.forget(snapshots.slot(id, .incoming)) }
        for id in try snapshots.packs(.replaced) {
            if let placed = try snapshots.replacement(of: id), try isAsItWas(placed) { continue }
            try snapshots.forget(snapshots.slot(id, .replaced))
            gone.append(id)
        }
        return gone
    }
}
