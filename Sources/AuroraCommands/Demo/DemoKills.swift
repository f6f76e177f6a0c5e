import AuroraModel
import AuroraSystem
import Glibc

/// Kills the hub in mid-promote, again and again, and looks at what is left of the target each time.
struct DemoKills {
    let hub: DemoHub
    let change: DemoChange
    let places: DemoPlaces
    let tree: DemoTree
    /// Versions and their releases' digests.
    let releases: [(version: String, sha256: String)]
    let screen: DemoScreen

    /// What the kills left behind.
    struct Count {
        var old = 0
        var new = 0
        /// Kills that came after the switch was reported done.
        var late = 0
        var whole: Int { old + new }
    }

    /// One promote that nobody kills, to know how long it takes.
    func measure() throws -> Duration {
        let began = ContinuousClock.now
        let (_, _, answer) = try promote(other: try activeVersion())
        if !answer.text("change").isEmpty { _ = try change.finish(answer.text("change")) }
        return ContinuousClock.now - began
    }

    /// Kills at `count` moments spread over a promote.
    func run(_ count: Int, span: Duration) throws -> Count {
        var result = Count()
        for round in 0..<count {
            let from = try activeVersion()
            let to = try prepare(other: from)
            // Spread from the moment of the approval to a little after the end of a promote nobody disturbs.
            let moment = span * (Double(round) + 0.5) / Double(count)
            let isLate = try kill(after: moment, during: to)
            try hub.waitForEnd()
            try hub.start()
            guard let left = try tree.version(at: places.target), [from, to.version].contains(left) else {
                throw CommandError(
                    "kill \(round + 1) left a target that is neither \(from) nor \(to.version)", code: "demo_broken")
            }
            if left == from { result.old += 1 } else { result.new += 1 }
            if isLate { result.late += 1 }
            screen.console.redraw("  killed \(round + 1)/\(count): whole \(result.whole)/\(round + 1)")
        }
        return result
    }

    /// An approval that is ready to be sent.
    private struct Prepared {
        let version: String
        let suggestion: JSONValue
        let plan: PlanOnScreen
        let envelope: JSONValue
    }

    private static let reason = "the demo kills the hub during this promote"

    private func prepare(other active: String) throws -> Prepared {
        guard let next = releases.first(where: { $0.version != active }) else {
            throw CommandError("there is no other release than \(active)", code: "demo_failed")
        }
        let suggestion = try change.request(next.sha256, reason: Self.reason)
        let plan = try PlanOnScreen.fetch(suggestion.text("id"), change.people.owen)
        return Prepared(
            version: next.version, suggestion: suggestion, plan: plan,
            envelope: try change.envelope(suggestion, plan, reason: Self.reason))
    }

    private func promote(other active: String) throws -> (Prepared, ContinuousClock.Instant, JSONValue) {
        let prepared = try prepare(other: active)
        let began = ContinuousClock.now
        return (prepared, began, try send(prepared))
    }

    private func send(_ prepared: Prepared) throws -> JSONValue {
        // A kill between the vote and the start leaves an approved suggestion: then it is started, not voted on again.
        if prepared.suggestion.text("state") == "approved" {
            return try change.people.owen.post(
                "/api/v1/suggestions" + URLText.path(prepared.suggestion.text("id"), "start"))
        }
        return try change.approve(
            prepared.suggestion, prepared.plan, reason: Self.reason, envelope: prepared.envelope)
    }

    /// Sends the approval and kills the hub `moment` later, wherever it is by then.
    ///
    /// - Returns: whether the change had ended before the kill.
    private func kill(after moment: Duration, during prepared: Prepared) throws -> Bool {
        let victim = hub
        let deadline = ContinuousClock.now + moment
        let killer = ServiceThread(name: "demo-killer") {
            while ContinuousClock.now < deadline { usleep(200) }
            victim.kill()
        }
        guard let killer else { throw CommandError("the system gives no more threads", code: "demo_broken") }
        defer { killer.join() }
        do {
            let answer = try send(prepared)
            let id = answer["change"]?.string ?? answer.text("id")
            return try ChangeWatcher.isOver(change.people.owen.get("/api/v1/changes" + URLText.path(id), wait: 5))
        } catch is CommandError {
            // The hub died under this request: that is the point.
            return false
        }
    }

    private func activeVersion() throws -> String {
        guard let version = try tree.version(at: places.target) else {
            throw CommandError("the target holds no known version", code: "demo_broken")
        }
        return version
    }
}
