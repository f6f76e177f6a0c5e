import AuroraActivation
import AuroraModel
import AuroraSystem

/// What a change of a pack's version does to its data.
struct DataRules {
    let engine: ActivationEngine
    let places: DevicePlaces

    func change(
        of id: PackID, _ kind: PackPlan.Kind, _ old: PackManifest?, _ new: PackManifest?,
        snapshotsOf generation: Int? = nil
    ) throws -> PackPlan.DataChange {
        let (from, to) = (old?.data.schemaVersion, new?.data.schemaVersion)
        func make(_ action: PackPlan.DataChange.Action, migrate: PackPath? = nil) -> PackPlan.DataChange {
            PackPlan.DataChange(action: action, from: from, to: to, migrate: migrate)
        }
        guard let new, let to else { return make(.leave) }
        guard let old, let from else { return make(try has(id, to) ? .keep : .create) }
        if kind == .rollback {
            if from != to { return make(try has(id, to) ? .revert : .create) }
            let snapshot = try DataSnapshots(places: places).snapshot(
                of: id, before: generation ?? engine.active?.number ?? 0)
            return make(snapshot?.isMigrated == true ? .restore : .keep)
        }
        if to < from { return make(try has(id, to) ? .revert : .create) }
        let hook = new.version == old.version ? nil : new.hooks.migrate
        if to > from { return make(.carry, migrate: new.hooks.migrate) }
        switch new.data.snapshot {
        case .always: return make(.snapshot, migrate: hook)
        case .onSchemaChange: return make(hook == nil ? .keep : .snapshot, migrate: hook)
        case .never: return make(.keep, migrate: hook)
        }
    }

    private func has(_ id: PackID, _ schema: Int) throws -> Bool {
        try FileStatus.ifExists(places.data(of: id, schema: schema)) != nil
    }
}
