import AuroraActivation
import AuroraModel
import AuroraPacks
import AuroraRuntime
import AuroraSandbox

/// The commands that show packs, and the ones that look after their store.
struct PackLists {
    let invocation: Invocation

    private var console: Console { invocation.console }

    /// `aurora pack list`.
    func list() throws -> ExitCode {
        let overview = try looking()
        let (packs, active) = (try overview.list(), try overview.active())
        var table = TextTable("PACK", "VERSION", "ACTIVE", "TREE", "STAGED")
        for pack in packs {
            let isActive = active[pack.id]?.tree == pack.tree
            table.add(
                pack.id.text, "\(pack.version)", isActive ? "yes" : "", pack.tree.short, "\(pack.staged.staged)")
        }
        console.show(
            "PackList", list: packs.map { Self.item($0, active) }, name: "id", table: table,
            empty: "no packs here; next: aurora pack stage FOLDER")
        return .success
    }

    /// The packs as they are; a change under way is not waited for, and said.
    private func looking() throws -> PackOverview {
        let overview = try LocalDevice(invocation).overview
        if let change = try overview.openChange() { console.note("\(change); this is how it is now") }
        return overview
    }

    private static func item(_ pack: KnownPack, _ active: PackSet) -> JSONValue {
        var object = pack.staged.json.object ?? [:]
        object["active"] = .bool(active[pack.id]?.tree == pack.tree)
        return .object(object)
    }

    /// `aurora pack info`.
    func info() throws -> ExitCode {
        guard let word = invocation.packWords().first else {
            throw CommandError.usage("no pack is named", remedy: "aurora pack info ID")
        }
        let id = try Invocation.packID(word)
        let hasCore = try CoreClient.ifRunning(invocation.devicePlaces) != nil
        let info = try looking().info(id)
        console.show("Pack", Self.json(info, hasCore), names: [id.text]) { Self.text(info, hasCore) }
        return .success
    }

    /// `aurora pack generations`.
    func generations() throws -> ExitCode {
        let generations = try looking().generations()
        var table = TextTable("GENERATION", "IS", "PINNED", "MADE", "PACKS")
        for item in generations {
            let packs = item.packs?.members.map { "\($0.id) \($0.version)" }.joined(separator: ", ")
            table.add(
                "\(item.number)", Self.standing(item), item.isPinned ? "yes" : "",
                "\(Timestamp(milliseconds: item.generation.created))",
                packs.map { $0.isEmpty ? "none" : $0 } ?? "damaged")
        }
        let value: JSONValue = ["items": .array(generations.map(\.json))]
        console.show("PackGenerationList", value, names: generations.map { "\($0.number)" }) {
            generations.isEmpty ? "" : table.text(width: 0)
        }
        if generations.isEmpty, console.format == .table { console.note("nothing was installed here yet") }
        return .success
    }

    private static func standing(_ item: PackGeneration) -> String {
        if item.isActive { return "active" }
        if item.isWayBack { return "what a rollback brings back" }
        return switch item.generation.state {
        case .prepared: "never active"
        case .active, .retired: "earlier"
        case .failed: item.failure == nil ? "failed, block cleared" : "failed, blocked"
        }
    }

    private static func text(_ info: PackInfo, _ hasCore: Bool) -> String {
        var facts = Facts()
        facts.add("pack", info.id.text)
        facts.add("active", info.active.map { "\($0.version), tree \($0.tree.hex)" } ?? "no")
        for pack in info.staged {
            let manifest = pack.manifest
            facts.add("staged", "\(pack.version), tree \(pack.tree.hex)")
            facts.add("  name", manifest.name)
            facts.add("  says", manifest.description)
            facts.add("  needs", manifest.dependencies.map { "\($0.id) \($0.range)" }.joined(separator: ", "))
            facts.add("  may", PackPlanText.words(manifest.permissions))
            facts.add("  sealed", pack.staged.isSealed ? "yes" : "no: its digests were filled in here")
            facts.add(
                "  signature", pack.staged.signature.state == .unsigned ? "none" : pack.staged.signature.explanation)
        }
        for block in info.blocked { facts.add("blocked", "tree \(block.tree.hex): \(block.reason)") }
        for (layer, word) in info.waived.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            facts.add("without", "\(layer.rawValue): \(word)")
        }
        if let runtime = info.runtime { addRuntime(runtime, hasCore, to: &facts) }
        for snapshot in info.snapshots {
            facts.add(
                "snapshot",
                "schema \(snapshot.schema), \(ByteCount.text(snapshot.bytes)), taken \(snapshot.taken) for generation \(snapshot.generation)"
            )
        }
        return facts.text
    }

    private static func addRuntime(_ runtime: Namespace, _ hasCore: Bool, to facts: inout Facts) {
        let (held, user) = (known(of: runtime, hasCore), user(of: runtime).uid)
        facts.add(
            "core says",
            hasCore ? "\(held.state.rawValue), of generation \(held.generation)" : "nothing: no core runs here")
        facts.add("  user", "\(user)")
        facts.add("  runs from", held.root)
        for mount in held.mounts {
            facts.add("  sees", "\(mount.host) at \(mount.inside)" + (mount.isWritable ? ", writable" : ""))
        }
        facts.add("  granted", held.grants.joined(separator: ", "))
        facts.add("  cgroup", held.cgroup ?? "")
    }

    /// What the core wrote down, without what ended with it: one that was killed could not write that any more.
    private static func known(of runtime: Namespace, _ hasCore: Bool) -> NamespaceFacts {
        var facts = runtime.facts
        if !hasCore, facts.state != .registered { (facts.state, facts.cgroup) = (NamespaceState(.stopped), nil) }
        return facts
    }

    /// Where the device's programs are not root, every pack runs as their user, whatever number is reserved for it.
    private static func user(of runtime: Namespace) -> SandboxIdentity {
        SandboxIdentity.own.uid == 0 ? runtime.identity : .own
    }

    private static func json(_ runtime: Namespace, _ hasCore: Bool) -> JSONValue {
        let (facts, identity) = (known(of: runtime, hasCore), user(of: runtime))
        return [
            "core_runs": .bool(hasCore), "state": .string(facts.state.rawValue),
            "generation": .integer(facts.generation),
            "uid": .integer(Int64(identity.uid)), "gid": .integer(Int64(identity.gid)), "root": .string(facts.root),
            "mounts": .array(
                facts.mounts.map {
                    [
                        "host": .string($0.host), "inside": .string($0.inside), "writable": .bool($0.isWritable),
                    ]
                }),
            "grants": JSONValue(facts.grants), "cgroup": JSONValue(facts.cgroup),
            "version": .integer(runtime.version),
        ]
    }

    private static func json(_ info: PackInfo, _ hasCore: Bool) -> JSONValue {
        [
            "id": .string(info.id.text),
            "active": info.active.map { ["version": .string("\($0.version)"), "tree": JSONValue($0.tree)] } ?? .null,
            "staged": .array(info.staged.map(\.staged.json)),
            "blocked": .array(info.blocked.map { ["tree": JSONValue($0.tree), "reason": .string($0.reason)] }),
            "snapshots": .array(info.snapshots.map(\.json)), "runtime": info.runtime.map { json($0, hasCore) } ?? .null,
            "waived": .object(
                JSONObject(
                    info.waived.map { ($0.key.rawValue, JSONValue.string($0.value)) }.sorted { $0.0 < $1.0 })),
        ]
    }

    /// `aurora pack verify`.
    func verify() throws -> ExitCode {
        let local = try LocalDevice(invocation)
        var (active, drift) = (PackSet.empty, [DriftItem]())
        do {
            try MaintenanceTask.verify.byHand(on: local.device) {
                (active, drift) = try local.withInstaller { (try $0.active(), try $0.verify()) }
                try DevicePacks(device: local.device, settings: local.settings).note(drift, by: local.actor)
            }
        } catch let refusal as Refusal where refusal.code == "pack_drift" {
            // All of it is shown below, and not the first of it only.
        }
        let items = drift.map { item -> JSONValue in
            ["path": .string(item.path), "problem": .string(item.problem.rawValue)]
        }
        console.show("PackVerification", ["items": .array(items)], names: drift.map(\.path)) {
            drift.isEmpty
                ? "\(active.members.count) \(active.members.count == 1 ? "pack" : "packs"): every byte is what was verified"
                : drift.map { "\($0.path.isEmpty ? "the whole set" : $0.path) was \($0.problem.rawValue)\n" }.joined()
        }
        return drift.isEmpty ? .success : .verificationFailed
    }

    /// `aurora pack gc`.
    func collect() throws -> ExitCode {
        let local = try LocalDevice(invocation)
        let report = try MaintenanceTask.collect.byHand(on: local.device) {
            try local.withInstaller { try $0.collect(by: local.actor) }
        }
        console.show("PackCollection", report.json, names: report.trees.map(\.hex)) {
            "\(report.generations.count) generations, \(report.trees.count) trees and "
                + "\(report.snapshots.removed.count) snapshots removed"
                + report.data.map {
                    "\ndata of \($0.pack) of schema \($0.schema) removed: no kept generation uses them"
                }
                .joined()
                + report.replaced.map {
                    "\ndata of \($0) that were put aside removed: they could not be taken back any more"
                }
                .joined()
        }
        PackPlanText.warn(ofExcess: report.snapshots.excess, console)
        return .success
    }

    /// `aurora pack unblock`.
    func unblock() throws -> ExitCode {
        let word = invocation.argument("tree")
        guard let tree = Digest(hex: word) else {
            throw CommandError.usage("\(word) is no digest", remedy: "aurora pack info ID shows blocked trees")
        }
        let reason = try invocation.reason(for: "let these bytes be activated again")
        let local = try LocalDevice(invocation)
        try local.withInstaller { try $0.unblock(tree, reason: reason, by: local.actor) }
        console.show("PackUnblocked", ["tree": JSONValue(tree)], names: [tree.hex]) {
            "\(tree.short) may be activated again"
        }
        return .success
    }
}
