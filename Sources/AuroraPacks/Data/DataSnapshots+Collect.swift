import AuroraModel
import AuroraSystem

extension DataSnapshots {
    /// Removes copies beyond the operator's bounds, the oldest first; never what was put aside for a generation in `needed`.
    ///
    /// A repeat after an interruption goes on where it was stopped.
    package func collect(
        _ bounds: DeviceConfiguration.Snapshots, needed: Set<Int>
    ) throws -> SnapshotCollection {
        let items = try slots().map { slot in
            let folder = self.slot(slot.pack, slot.generation)
            return SnapshotRetention.Item(
                slot: slot, bytes: bounds.bytes == nil ? 0 : try FileTree.byteCount(below: folder.folder),
                isNeeded: needed.contains(slot.generation),
                isWhole: try FileStatus.ifExists(folder.facts) != nil
                    || FileStatus.ifExists(folder.discarded) != nil)
        }
        let (leaving, excess) = SnapshotRetention(bounds: bounds).judge(items)
        for slot in leaving { try forget(slot.pack, slot.generation) }
        return SnapshotCollection(removed: leaving, excess: excess)
    }

    /// Everything that was put aside, whole or not.
    func slots() throws -> [SnapshotSlot] {
        guard try FileStatus.ifExists(places.snapshots) != nil else { return [] }
        return try DirectoryNames.read(in: places.snapshots).compactMap { $0.text.flatMap { Int($0) } }.flatMap {
            number in
            try DirectoryNames.read(in: "\(places.snapshots)/\(number)").compactMap { name in
                name.text.flatMap(PackID.init).map { SnapshotSlot(pack: $0, generation: number) }
            }
        }
    }

    /// Removes a slot: its facts first, so that half of it is never taken for a snapshot.
    func forget(_ slot: Slot) throws {
        guard try FileStatus.ifExists(slot.folder) != nil else { return }
        try DurableFile.remove(slot.facts)
        try FileTree.remove(slot.folder)
    }

    private func forget(_ pack: PackID, _ generation: Int) throws {
        try forget(slot(pack, generation))
        let folder = "\(places.snapshots)/\(generation)"
        if try DirectoryNames.read(in: folder).isEmpty { try FileTree.remove(folder) }
    }
}
