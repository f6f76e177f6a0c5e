package import AuroraModel

/// Which copies of packs' data a collection leaves: the newest of every pack, and no more bytes than the operator allows.
struct SnapshotRetention {
    /// What one generation put aside of one pack.
    struct Item: Hashable {
        let slot: SnapshotSlot
        /// Bytes of all that lies there.
        var bytes: Int64 = 0
        /// Whether the way back of the active generation leads over it.
        var isNeeded = false
        /// Whether it holds data; a copy that never became whole does not, and stands in no other's place.
        var isWhole = true
    }

    let bounds: DeviceConfiguration.Snapshots

    /// - Returns: what goes, the oldest first, and by how many bytes what stays is above the bound, because a rollback
    ///   needs it.
    func judge(_ items: [Item]) -> (leaving: [SnapshotSlot], excess: Int64) {
        let oldest = items.sorted { $0.slot < $1.slot }
        var leaving: Set<SnapshotSlot> = []
        for (_, ofPack) in Dictionary(grouping: oldest.filter(\.isWhole), by: \.slot.pack) {
            leaving.formUnion(ofPack.dropLast(bounds.keep).map(\.slot))
        }
        leaving.formUnion(oldest.filter { !$0.isWhole }.map(\.slot))
        leaving.subtract(oldest.filter(\.isNeeded).map(\.slot))

        var bytes = oldest.filter { !leaving.contains($0.slot) }.reduce(0) { $0 &+ $1.bytes }
        guard let limit = bounds.bytes else { return (leaving.sorted(), 0) }
        for item in oldest where bytes > limit && !item.isNeeded && !leaving.contains(item.slot) {
            leaving.insert(item.slot)
            bytes -= item.bytes
        }
        return (leaving.sorted(), max(0, bytes - limit))
    }
}

/// Where copies of one pack's data lie: those put aside for one generation.
package struct SnapshotSlot: Hashable, Sendable, Comparable {
    package let pack: PackID
    package let generation: Int

    /// The older one first, then by pack.
    package static func < (first: Self, second: Self) -> Bool {
        (first.generation, first.pack) < (second.generation, second.pack)
    }
}

/// What a collection of snapshots did.
package struct SnapshotCollection: Hashable, Sendable {
    /// What is gone.
    package let removed: [SnapshotSlot]
    /// Bytes above the operator's bound that stay because a rollback needs them; 0 when the bound is kept.
    package let excess: Int64
}
