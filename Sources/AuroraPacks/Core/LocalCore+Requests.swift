import AuroraModel
import AuroraRuntime
import AuroraSystem

/// What clients ask of the core, and when it may be done.
extension LocalCore {
    /// Carries out a request that has one answer.
    ///
    /// - Parameter isGone: asked while packs are waited for; true ends that, because nobody is there for the answer.
    func carryOut(_ request: CoreRequest, inChange: Bool, isGone: @escaping () -> Bool) throws -> JSONObject {
        let hands = hands(inChange ? .change : .operatorAsked)
        switch request {
        case .start(let ids, let wait):
            let names = try changing(inChange) {
                let names = try hands.beginStart(ids)
                let started = supervisor.supervision.withNeeds(names)
                facts.withLock { $0.stoppedByOperator.subtract(started) }
                return names
            }
            return Self.members(hands.settled(names, Patience(wait, unless: isGone)))
        case .stop(let ids, let withDependants, let wait):
            let names = try changing(inChange) {
                for id in ids where !inChange { try demand(id.text) }
                let names = try hands.beginStop(ids, withDependants: withDependants)
                if !inChange { remember(names, withDependants: withDependants) }
                return names
            }
            return Self.members(hands.stopped(names, Patience(wait, unless: isGone)))
        case .health(let id):
            if inChange { return ["health": try hands.health(id).json] }
            if let answer = try supervisor.healthInside(of: id.text) { return ["health": PackHealth(answer).json] }
            // A room of its own, which must not stand beside somebody else's change.
            return ["health": try working { try hands.health(id) }.json]
        case .reload:
            try changing(inChange) { if !inChange { try readAgain() } }
            return Self.members(hands.status())
        case .status, .logs, .beginChange, .endChange:
            var members = Self.members(hands.status())
            members["starting"] = JSONValue(startWord(facts.withLock { $0.phase }))
            return members
        }
    }

    /// Starts or stops packs for whoever changes the set, or for somebody else while nobody does.
    ///
    /// While somebody changes the set, data are copied and packs judged: nobody else starts or stops anything then. Only
    /// this waits for the core's start. Whoever looks is answered at once: a health check may ask the core, and while that
    /// starts it judges an interrupted change by health checks.
    private func changing<Result>(_ inChange: Bool, _ body: () throws -> Result) throws -> Result {
        if inChange { return try body() }
        try demandStarted()
        return try working(body)
    }

    /// Waits until the core has started, for as long as a client waits for an answer.
    func demandStarted() throws(CoreProblem) {
        let phase = facts.wait(timeout: .seconds(50)) { facts in
            facts.phase == .starting && !facts.isEnding ? nil : facts.phase
        }
        guard let word = startWord(phase ?? .starting) else { return }
        throw CoreProblem(
            code: "busy", word, remedy: phase == .waiting ? "wait for the end of that command" : "ask again")
    }

    /// Why the packs are not started yet; nil when they are.
    func startWord(_ phase: Phase) -> String? {
        switch phase {
        case .quiet, .changing: nil
        case .waiting: "the core has not started its packs: another command is changing this device"
        case .starting: "the core is still starting"
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
