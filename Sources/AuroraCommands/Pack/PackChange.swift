import AuroraActivation
import AuroraModel
import AuroraPacks

/// The commands that plan a change of packs, and the ones that carry it out.
struct PackChange {
    let invocation: Invocation

    private var console: Console { invocation.console }

    // MARK: Looking

    /// `aurora pack dry-run`.
    func rehearse() throws -> ExitCode {
        let local = try LocalDevice(invocation)
        let request = try request()
        let (prepared, rehearsals) = try local.withInstaller { try $0.dryRun(request, by: local.actor) }
        let value: JSONValue = [
            "digest": JSONValue(prepared.digest), "plan": prepared.plan.json,
            "rehearsals": .array(rehearsals.map(\.json)),
        ]
        console.show("PackDryRun", value, names: [prepared.digest.hex]) {
            PackPlanText.text(prepared.plan) + rehearsals.map(Self.line).joined() + "nothing was changed\n"
        }
        return .success
    }

    private static func line(_ result: RehearsalResult) -> String {
        "\(result.pack): \(result.onlyPlanned ?? "install --dry-run passed")\n"
            + result.notes.map { "  note: \($0)\n" }.joined()
    }

    /// `aurora pack plan`.
    func describe() throws -> ExitCode {
        let local = try LocalDevice(invocation)
        let request = try request()
        let plan = try local.withInstaller { try $0.plan(request) }.plan
        if let file = invocation.line.value("out") {
            try LocalFile.write(file, plan.bytes)
            console.note(
                "the plan is in \(file)\n  next: aurora pack approve \(file), on a machine with your operator key")
        }
        console.show("PackPlan", ["digest": JSONValue(plan.digest), "plan": plan.json], names: [plan.digest.hex]) {
            PackPlanText.text(plan)
        }
        return .success
    }

    // MARK: Changing

    /// `aurora pack install`.
    func install() throws -> ExitCode {
        let local = try LocalDevice(invocation)
        return try carryOut(try request(), on: local, rehearsing: !invocation.line.has("no-rehearsal"))
    }

    /// `aurora pack activate`.
    func activate() throws -> ExitCode {
        let local = try LocalDevice(invocation)
        return try carryOut(try request(), on: local, rehearsing: false)
    }

    /// `aurora pack rollback`, with and without `--to`.
    func rollback() throws -> ExitCode {
        let local = try LocalDevice(invocation)
        if let generation = try invocation.number("to") {
            return try carryOut(.generation(generation), on: local, rehearsing: false)
        }
        if !invocation.packWords().isEmpty {
            console.note("all packs of the last change come back together: they changed with one step")
        }
        let plan = try local.withInstaller { try $0.plan(.takeBack) }.plan
        try checkExpectation(plan)
        console.note(PackPlanText.text(plan))
        let reason = try invocation.reason(for: "take this back")
        let outcome = try local.changing { installer in
            try installer.rollback(reason: reason, expecting: plan.digest, by: local.actor, onPhase: show)
        }
        return conclude(outcome)
    }

    /// Plans, shows, asks, and does it when there is an approval for exactly what was shown.
    ///
    /// The device is not held while a person thinks; what has changed meanwhile makes the plan stale.
    private func carryOut(_ request: PackRequest, on local: LocalDevice, rehearsing: Bool) throws -> ExitCode {
        let (plan, rehearsals) = try local.withInstaller { installer in
            guard rehearsing else { return (try installer.plan(request).plan, [RehearsalResult]()) }
            let (prepared, rehearsals) = try installer.dryRun(request, by: local.actor)
            return (prepared.plan, rehearsals)
        }
        try checkExpectation(plan)
        console.note(PackPlanText.text(plan))
        for result in rehearsals {
            for note in result.notes { console.note("\(result.pack): \(note)") }
        }
        let evidence = try PackApprover(invocation: invocation, configuration: local.device.configuration)
            .evidence(for: plan)
        let outcome = try local.changing { installer in
            try installer.install(request, approval: evidence, expecting: plan.digest, by: local.actor, onPhase: show)
        }
        return conclude(outcome)
    }

    /// The plan somebody looked at before must be the plan that is there now.
    private func checkExpectation(_ plan: PackPlan) throws {
        guard let wanted = invocation.line.value("plan") else { return }
        let digest = wanted.hasPrefix("sha256:") ? String(wanted.dropFirst(7)) : wanted
        guard digest.count >= 4, plan.digest.hex.hasPrefix(digest) else {
            throw CommandError(
                "the plan is \(plan.digest.short), not \(wanted)", cause: "it has changed since you looked at it",
                remedy: "look at it again: aurora pack plan", code: "stale_plan", exit: .conflict)
        }
    }

    private func show(_ phase: ActivationPhase) {
        let words =
            switch phase {
            case .intent: "written down what is about to happen"
            case .preparing: "stopping packs, putting data aside"
            case .switched: "switched"
            case .applying: "starting packs"
            case .checking: "asking for their health"
            case .committed: "healthy"
            case .rollingBack: "not healthy: taking it back"
            case .rolledBack: "as before, and healthy"
            case .degraded: "as before, and not healthy either"
            }
        console.note("  · \(words)")
    }

    private func conclude(_ outcome: PackOutcome) -> ExitCode {
        let activation = outcome.activation
        PackPlanText.warn(ofExcess: outcome.snapshotExcess, console)
        console.show("PackOutcome", outcome.json, names: [outcome.plan.digest.hex]) {
            let names = outcome.plan.changes.map { "\($0.pack) \($0.to.map { "\($0.version)" } ?? "gone")" }
            let reason = activation.reason.map { "\n  why:  \($0.onOneLine)" } ?? ""
            return switch activation.result {
            case .committed: "generation \(activation.active) is active: \(names.joined(separator: ", "))"
            case .rolledBack: "taken back: generation \(activation.active) is active again\(reason)"
            case .degraded: "generation \(activation.active) is active and NOT healthy; somebody must look\(reason)"
            }
        }
        return switch activation.result {
        case .committed: .success
        case .rolledBack: .rolledBack
        case .degraded: .halted
        }
    }

    // MARK: What is asked for

    /// The wishes on the command line: packs with ranges, `--remove`, or `--generation`.
    private func request() throws -> PackRequest {
        if let generation = try invocation.number("generation") { return .generation(generation) }
        let wishes =
            try invocation.packWords().map(Self.wish)
            + invocation.line.values("remove").map { PackRequest.Wish.removal(try Invocation.packID($0)) }
        guard !wishes.isEmpty else {
            throw CommandError.usage("no pack is named", remedy: "name packs by their id: aurora pack list")
        }
        return .change(wishes)
    }

    private static func wish(_ word: String) throws -> PackRequest.Wish {
        if let tree = Digest(hex: word) { return .tree(tree) }
        let parts = word.split(separator: "@", maxSplits: 1).map(String.init)
        let id = try Invocation.packID(parts.first ?? word)
        guard parts.count == 2 else { return .version(id, nil) }
        do {
            return .version(id, try VersionRange(parts[1]))
        } catch {
            throw CommandError.usage(
                "\(word) names no versions", cause: "\(error)", remedy: "write id@^1.2.0, for example")
        }
    }
}
