import AuroraModel
import AuroraRuntime
import AuroraSystem

/// What clients ask of the core, and when it may be done.
extension LocalCore {
    /// Carries out a request that has one answer.
    func carryOut(_ request: CoreRequest, inChange: Bool) throws -> JSONObject {
        let hands = hands(inChange ? .change : .operatorAsked)
        if !inChange { try demandQuiet(for: request) }
        switch request {
        case .start(let ids, let wait):
            let rows = try hands.start(ids, wait: wait)
            let started = supervisor.supervision.withNeeds(rows.map(\.id))
            facts.withLock { $0.stoppedByOperator.subtract(started) }
            return Self.members(rows)
        case .stop(let ids, let withDependants, let wait):
            for id in ids where !inChange { try demand(id.text) }
            let rows = try hands.stop(ids, withDependants: withDependants, wait: wait)
            if !inChange { remember(rows.map(\.id), withDependants: withDependants) }
            return Self.members(rows)
        case .health(let id): return ["health": try hands.health(id).json]
        case .reload:
            try reload()
            return Self.members(hands.status())
        case .status, .logs, .beginChange, .endChange: return Self.members(hands.status())
        }
    }

    /// Refuses what would come between the packs and whoever is changing them.
    ///
    /// While somebody changes the set, data are copied and packs judged: nobody else starts or stops anything then.
    private func demandQuiet(for request: CoreRequest) throws(CoreProblem) {
        try demandStarted()
        switch request {
        case .status, .health, .logs, .beginChange, .endChange: return
        case .start, .stop, .reload:
            guard facts.withLock({ $0.phase == .changing }) else { return }
            throw CoreProblem(
                code: "busy", "the device's packs are being changed", remedy: "wait for the end of the change")
        }
    }

    /// Waits until the core has started, for as long as a client waits for an answer.
    func demandStarted() throws(CoreProblem) {
        let phase = facts.wait(timeout: .seconds(50)) { facts in
            facts.phase == .starting && !facts.isEnding ? nil : facts.phase
        }
        switch phase {
        case .quiet, .changing: return
        case .waiting:
            throw CoreProblem(
                code: "busy", "the core has not started its packs: another command is changing this device",
                remedy: "wait for the end of that command")
        case .starting, nil:
            throw CoreProblem(code: "busy", "the core is still starting", remedy: "ask again")
        }
    }

    /// What needs a stopped pack was stopped with it, and must not bring it back.
    private func remember(_ stopped: [String], withDependants: Bool) {
        let all = withDependants ? supervisor.supervision.withDependants(stopped) : Set(stopped)
        facts.withLock { $0.stoppedByOperator.formUnion(all) }
    }

    /// Refuses an id that no active pack has.
    func demand(_ id: String) throws {
        guard supervisor.states[id] != nil else { throw SupervisorError.unknown(id) }
    }

    private static func members(_ rows: [PackStatus]) -> JSONObject { ["packs": .array(rows.map(\.json))] }
}
