import AuroraActivation
import AuroraAudit
import AuroraDatabase
package import AuroraModel
import AuroraRuntime
import AuroraSystem

/// What a collection removed from a device.
package struct PackCollection: Hashable, Sendable {
    package let generations: [Int]
    package let trees: [Digest]
    package let snapshots: SnapshotCollection
    /// Data of schemas that no kept generation uses.
    package let data: [SchemaFolder]
    /// The packs whose data an operator had put others in place of, and that could not come back any more.
    package let replaced: [PackID]

    package var json: JSONValue {
        [
            "generations": .array(generations.map { .integer(Int64($0)) }), "trees": JSONValue(trees.map(\.hex)),
            "snapshots": .array(
                snapshots.removed.map {
                    ["pack": .string($0.pack.text), "generation": .integer(Int64($0.generation))]
                }),
            "data": .array(data.map { ["pack": .string($0.pack.text), "schema": .integer(Int64($0.schema))] }),
            "replaced": JSONValue(replaced.map(\.text)), "snapshotExcess": .integer(snapshots.excess),
        ]
    }
}

extension PackInstaller {
    /// Removes what nothing needs any more: old generations, packs of none, old snapshots, data of schemas that no kept
    /// generation uses.
    ///
    /// Never: the active set, the one that takes it back, pinned and prepared ones, the newest `store.keep`, of every
    /// pack what was staged last, and of a pack in no generation its newest data. With `store.bytes` in device.yaml older
    /// generations go until the store is below it. Nothing is open meanwhile: whoever has an installer has finished it.
    /// - Parameter forgetting: staged packs that shall go although they were staged last.
    @discardableResult
    package func collect(forgetting trees: Set<Digest> = [], by actor: Actor) throws -> PackCollection {
        try audited(.packCollect, "store", by: actor) {
            let newest = Dictionary(grouping: try list(), by: \.id).values.compactMap(\.first?.tree)
            let replaced = try collectReplaced()
            let store = try collect(retaining: Set(newest).subtracting(trees))
            let report = PackCollection(
                generations: store.generations, trees: store.trees, snapshots: try collectSnapshots(),
                data: try collectData(), replaced: replaced)
            let entry = entry(.packCollect, "store", by: actor, details(report))
            let (audit, registry) = (device.audit, device.registry)
            let gone = try gone()
            let plans = Set(engine.generations().compactMap(\.planDigest))
            let month = device.clock.now() - 30 * 86_400_000
            try device.database.write { transaction in
                for tree in report.trees { try PackStore.forget(tree, in: transaction) }
                for id in gone where try registry.find(id, in: transaction) != nil {
                    try registry.remove(id, in: transaction)
                }
                try PackStore.forgetPlans(before: month, except: plans, in: transaction)
                try audit.append(entry, in: transaction)
            }
            DiskReserve(device.places).take()
            return report
        }
    }

    private func details(_ report: PackCollection) -> [(String, String)] {
        [
            ("generations", report.generations.map(String.init).joined(separator: ", ")),
            ("trees", "\(report.trees.count)"), ("snapshots", words(report.snapshots.removed)),
            ("data", report.data.map { "\($0.pack) \($0.schema)" }.joined(separator: ", ")),
            ("replaced", report.replaced.map(\.text).joined(separator: ", ")),
        ]
    }

    private func words(_ slots: [SnapshotSlot]) -> String {
        slots.map { "\($0.pack) \($0.generation)" }.joined(separator: ", ")
    }

    // MARK: Data

    /// Removes the snapshots beyond the operator's bounds, once a change has been committed.
    ///
    /// - Returns: by how many bytes those that a rollback needs are above the bound.
    func collectSnapshotsAfterChange() throws -> Int64 {
        let report = try collectSnapshots()
        if !report.removed.isEmpty {
            try device.audit.record(
                entry(.packCollect, "snapshots", by: .system, [("snapshots", words(report.removed))]))
        }
        return report.excess
    }

    // The way back of the active generation is the only one that leads over snapshots: it brings back those that were
    // taken for it. An earlier generation uses the data as they are.
    private func collectSnapshots() throws -> SnapshotCollection {
        var needed: Set<Int> = []
        if engine.state.takeBack != nil, let active = engine.active { needed.insert(active.number) }
        return try parts.snapshots.collect(device.configuration.snapshots, needed: needed)
    }

    private func collectData() throws -> [SchemaFolder] {
        let sets = SetTrees(engine: engine)
        let used = try Set(
            engine.generations().flatMap { try sets.set(of: $0).members }.map {
                SchemaFolder(pack: $0.id, schema: $0.schema)
            })
        let leaving = try parts.folders.unused(besides: used)
        guard !leaving.isEmpty else { return [] }
        let staging = try engine.stagingDirectory()
        for folder in leaving { try parts.folders.remove(folder, through: staging) }
        try engine.discardStaging(staging)
        return leaving
    }

    // MARK: Store

    /// Packs with an entry in the registry of which nothing is left on the device.
    private func gone() throws -> [NamespaceID] {
        let left = Set(try list().map { NamespaceID($0.id) })
        return try device.registry.all(.pack).map(\.id).filter { !left.contains($0) }
    }

    private func collect(retaining trees: Set<Digest>) throws -> CollectionReport {
        var (generations, removed): ([Int], [Digest]) = ([], [])
        for keep in (1...device.configuration.store.keep).reversed() {
            let report = try engine.collectGarbage(retaining: trees, keeping: keep)
            generations += report.generations
            removed += report.trees
            guard let limit = device.configuration.store.bytes, try storeBytes() > limit else { break }
        }
        return CollectionReport(generations: generations, trees: removed)
    }

    private func storeBytes() throws -> Int64 {
        try engine.trees().reduce(0) { $0 + (try engine.manifest(of: $1).byteCount) }
    }
}
