import AuroraModel
import AuroraPacks

/// A plan of packs for the person who is to approve it.
enum PackPlanText {
    /// Every part of the plan that a decision hangs on, one line each.
    static func text(_ plan: PackPlan) -> String {
        var facts = Facts()
        facts.add("plan", "sha256:\(plan.digest.hex)")
        facts.add("does", "\(plan.action.rawValue) on \(plan.device), from generation \(plan.fromGeneration)")
        for change in plan.changes { facts.add(change.pack.text, line(change)) }
        for change in plan.changes {
            let name = "  " + change.pack.text
            facts.add(name, permissions(change))
            facts.add(name, data(change))
            facts.add(name, change.to == nil ? "" : origin(change))
        }
        for sentence in plan.resolution { facts.add("because", sentence) }
        for item in plan.drift { facts.add("drift", "\(item.path) was \(item.problem.rawValue) by hand") }
        facts.add("stop", plan.stop.map(\.text).joined(separator: ", "))
        facts.add("start", plan.start.map(\.text).joined(separator: ", "))
        facts.add("new bytes", ByteCount.text(plan.newBytes))
        facts.add("lacking", plan.missingFeatures.joined(separator: ", "))
        facts.add("approval", approval(plan))
        return facts.text
    }

    private static func approval(_ plan: PackPlan) -> String {
        if plan.action == .rollback { return "none more: the right to take the change back came with its own" }
        return plan.needsApproval ? "a person must approve" : "none is asked for by the packs"
    }

    /// Says that copies of data take more room than device.yaml allows.
    static func warn(ofExcess bytes: Int64, _ console: Console) {
        guard bytes > 0 else { return }
        console.warn(
            "the snapshots of data are \(ByteCount.text(bytes)) above snapshots.bytes of device.yaml: "
                + "taking the last change back needs them")
    }

    private static func line(_ change: PackPlan.Change) -> String {
        let files = change.files
        let diff =
            "\(files.added) files added, \(files.removed) removed, \(files.changed) changed, "
            + "+\(ByteCount.text(files.bytesAdded)) −\(ByteCount.text(files.bytesRemoved))"
        switch (change.from, change.to) {
        case (nil, let new?): return "new, \(new.version), tree \(new.tree.short); \(diff)"
        case (let old?, nil): return "goes, \(old.version)"
        case (let old?, let new?): return "\(old.version) → \(new.version), tree \(new.tree.short); \(diff)"
        case (nil, nil): return ""
        }
    }

    private static func permissions(_ change: PackPlan.Change) -> String {
        let permissions = change.permissions
        guard permissions.from != permissions.to else { return "" }
        return "may: \(words(permissions.to))" + (permissions.isWider ? " — MORE than before" : "")
    }

    /// What a pack may reach, in words.
    static func words(_ permissions: PackManifest.Permissions) -> String {
        var parts = permissions.network == .shared ? ["use the host's network, unfiltered"] : []
        if !permissions.readable.isEmpty {
            parts.append("read " + permissions.readable.map(\.text).joined(separator: ", "))
        }
        if !permissions.writable.isEmpty {
            parts.append("write " + permissions.writable.map(\.text).joined(separator: ", "))
        }
        return parts.isEmpty ? "nothing beside its own folders" : parts.joined(separator: "; ")
    }

    private static func data(_ change: PackPlan.Change) -> String {
        let data = change.data
        let schemas = data.from == data.to ? "" : " (schema \(schema(data.from)) → \(schema(data.to)))"
        let migrate = data.migrate.map { ", then \($0) runs" } ?? ""
        let words =
            switch data.action {
            case .create, .keep: ""
            case .snapshot: "data: a copy is put aside first"
            case .carry: "data: copied for the new schema"
            case .revert: "data: as they were left under that schema; what was written since is not in them"
            case .restore: "data: brought back from the copy; what was written since is put aside"
            case .leave: "data: stay on the device"
            }
        return words.isEmpty ? "" : words + schemas + migrate
    }

    private static func schema(_ number: Int?) -> String { number.map(String.init) ?? "none" }

    private static func origin(_ change: PackPlan.Change) -> String {
        let seal = change.isSealed ? "sealed" : "UNSEALED: its digests were filled in when it was staged"
        let signature =
            change.signature.state == .unsigned ? "nobody signed it" : change.signature.explanation
        return "\(seal); \(signature)"
            + (change.isRehearsable ? "" : "; no dry run: static plan only")
    }
}
