import AuroraModel
import AuroraSystem

/// The way of one change through the hub: asked for by one person, approved by another.
struct DemoChange {
    let people: DemoPeople
    let target: String

    /// Rita asks, unless it is said who; the hub makes the plan and files the suggestion.
    func request(_ release: String, reason: String, by asker: HubClient? = nil) throws -> JSONValue {
        try (asker ?? people.rita).post(
            "/api/v1/suggestions",
            [
                ("action", "promote"), ("target", .string(target)), ("release", .string(release)),
                ("reason", .string(reason)),
            ])
    }

    /// Owen's signed yes over the plan whose bytes he was given.
    func envelope(_ suggestion: JSONValue, _ plan: PlanOnScreen, reason: String) throws -> JSONValue {
        try SignedVote.envelope(
            .approve, plan: plan.plan, suggestion: suggestion, user: "owen", reason: reason, key: people.owenKey,
            now: Timestamp(milliseconds: WallClock.system.now()))
    }

    /// Sends Owen's yes; the change starts by itself when that is enough.
    func approve(_ suggestion: JSONValue, _ plan: PlanOnScreen, reason: String, envelope: JSONValue) throws -> JSONValue
    {
        try people.owen.post(
            "/api/v1/suggestions" + URLText.path(suggestion.text("id"), "approve"),
            [("plan", .string(plan.digest.hex)), ("reason", .string(reason)), ("envelope", envelope)])
    }

    /// Gets an approved change started: by Owen's yes, or, when a killed hub gave the approval back, by using that one.
    ///
    /// - Returns: the change's id; empty while another approval is missing.
    func goAhead(_ suggestion: JSONValue, _ plan: PlanOnScreen, reason: String, envelope: JSONValue) throws -> String {
        guard suggestion.text("state") == "approved" else {
            return try approve(suggestion, plan, reason: reason, envelope: envelope).text("change")
        }
        return try people.owen.post("/api/v1/suggestions" + URLText.path(suggestion.text("id"), "start")).text("id")
    }

    /// Owen takes the last promote back; the approval of that promote carries the right.
    func rollBack(reason: String) throws -> JSONValue {
        try people.owen.post(
            "/api/v1/targets" + URLText.path(target, "rollback"), [("reason", .string(reason))])
    }

    /// Waits for the end of a change.
    func finish(_ change: String, within seconds: Int = 60) throws -> JSONValue {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            let state = try people.owen.get("/api/v1/changes" + URLText.path(change), wait: 5)
            if ChangeWatcher.isOver(state) { return state }
            guard ContinuousClock.now < deadline else {
                throw CommandError("\(change) did not end in \(seconds) s", code: "demo_failed")
            }
        }
    }

    /// What the hub says is active.
    func active() throws -> JSONValue {
        try people.rita.get("/api/v1/targets" + URLText.path(target))["active"] ?? .null
    }
}
