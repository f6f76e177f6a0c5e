import AuroraActivation
import AuroraDatabase
package import AuroraModel
import AuroraRuntime
import AuroraSystem
import Glibc

/// The packs of a device as they are at this moment, read without its lock: who looks waits for nobody and holds nobody up.
///
/// One `readlink` says which set is active, the database what is staged, the journal which generations are kept. Nothing is
/// finished, taken back or written; what a change that runs meanwhile takes away is not shown.
package struct PackOverview: Sendable {
    private let device: Device
    private let traits: DeviceTraits

    /// - Parameter traits: chooses the variants of packs.
    package init(_ device: Device, on traits: DeviceTraits) {
        self.device = device
        self.traits = traits
    }

    private var places: DevicePlaces { device.places }

    /// The packs that are active.
    package func active() throws -> PackSet { try again { try SetTrees.active(at: places) } }

    /// What is in the store: by id, of one id the newest staged first.
    package func list() throws -> [KnownPack] {
        var staged = try device.database.read { try PackStore.staged(in: $0) }
        let recorded = Set(staged.map(\.tree))
        for member in try active().members where !recorded.contains(member.tree) {
            if let pack = try present(member.tree, unrecorded) { staged.append(pack) }
        }
        return try staged.compactMap { pack in
            try present(pack.tree) { try KnownPack(pack, in: places.stored($0), on: traits) }
        }.sorted { ($0.id, -$0.staged.staged.milliseconds, $0.tree) < ($1.id, -$1.staged.staged.milliseconds, $1.tree) }
    }

    /// What is known about one pack.
    ///
    /// - Throws: `Refusal` with code `pack_unknown`.
    package func info(_ id: PackID) throws -> PackInfo {
        let staged = try list().filter { $0.id == id }
        let active = try active()[id]
        guard !staged.isEmpty || active != nil else { throw PackRefusals.unknown(id, "is not on this device") }
        let trees = Set(staged.map(\.tree))
        let snapshots = try again { try DataSnapshots(places: places).all() }
        return PackInfo(
            id: id, staged: staged, active: active, blocked: try state().blocked.filter { trees.contains($0.tree) },
            snapshots: snapshots.filter { $0.pack == id }, waived: try device.waived(for: id),
            runtime: try device.registry.find(NamespaceID(id)))
    }

    /// The generations that are kept, the newest first; none on a device that nothing was installed on.
    package func generations() throws -> [PackGeneration] {
        let state = try state()
        let active = Int(try SetTrees.activeGeneration(at: places))
        return state.generations.reversed().map { generation in
            PackGeneration(
                generation: generation, packs: try? packs(of: generation), isActive: generation.number == active,
                // In the middle of a switch it is not settled yet.
                isWayBack: generation.number == state.takeBack?.number && state.active == active,
                isPinned: state.pinned.contains(generation.number),
                failure: state.blocked.first { $0.generation == generation.number }?.reason)
        }
    }

    /// What the change under way is about, in words; nil when there is none.
    ///
    /// Whether somebody is at it or it was interrupted cannot be told without the lock.
    package func openChange() throws -> String? {
        guard let change = try device.database.read({ try PackStore.openChange(in: $0) }) else { return nil }
        let words = change.action == .activate ? "to generation" : "back to generation"
        return "a change from generation \(change.from) \(words) \(change.to) has begun and has not ended"
    }

    private func packs(of generation: Generation) throws -> PackSet {
        guard let tree = generation.treeDigest else { return .empty }
        return try SetTrees.stored(tree, at: places)
    }

    private func state() throws -> TargetState { try ActivationEngine.state(ofDevice: places.root) }

    private func unrecorded(_ tree: Digest) throws -> StagedPack {
        StagedPack(
            unrecorded: tree, try PackFolder(places.stored(tree)).manifest().manifest,
            try ActivationEngine.manifest(of: tree, ofDevice: places.root))
    }

    /// What is read of a tree; nil when it is not in the store, or leaves it meanwhile.
    private func present<Result>(_ tree: Digest, _ body: (Digest) throws -> Result) throws -> Result? {
        func isThere() throws -> Bool { try FileStatus.ifExists(places.stored(tree)) != nil }
        guard try isThere() else { return nil }
        do {
            return try body(tree)
        } catch {
            guard try isThere() else { return nil }
            throw error
        }
    }

    /// Looks once more when something was taken away between two looks.
    private func again<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as SystemError where error.errno == ENOENT {
            return try body()
        }
    }
}
