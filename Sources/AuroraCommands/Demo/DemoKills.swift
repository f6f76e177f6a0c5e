import AuroraModel
import AuroraSystem
import Glibc
import Synchronization

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
        /// Kills before the promote had begun, and after it had ended: they prove nothing and are done again.
        var early = 0
        var late = 0
        var whole: Int { old + new }
    }

    /// Where in a promote the hub died, by its own records after the restart.
    private enum Moment {
        case early, inside, late
    }

    /// When a promote that nobody kills begins and ends after its approval was sent, by the hub's own records.
    func measure() throws -> (begin: Duration, end: Duration) {
        let prepared = try prepare(other: try activeVersion())
        let sent = Self.now
        let ended = try change.finish(try send(prepared))
        guard let created = Timestamp(rfc3339: ended.text("created")),
            let finished = Timestamp(rfc3339: ended.text("finished"))
        else { throw CommandError("the change tells no times", code: "demo_broken") }
        return (
            .milliseconds(created.milliseconds - sent.milliseconds),
            .milliseconds(finished.milliseconds - sent.milliseconds)
        )
    }

    /// Kills until `count` of the kills fell inside a promote, at moments spread over it.
    func run(_ count: Int, between span: (begin: Duration, end: Duration)) throws -> Count {
        var result = Count()
        for attempt in 0..<count * 10 where result.whole < count {
            let from = try activeVersion()
            let to = try prepare(other: from)
            let killed = try kill(after: span.begin + (span.end - span.begin) * Self.share(attempt), during: to)
            try hub.waitForEnd()
            try hub.start()
            guard let left = try tree.version(at: places.target), [from, to.version].contains(left) else {
                throw CommandError(
                    "kill \(result.whole + 1) left a target that is neither \(from) nor \(to.version)",
                    code: "demo_broken")
            }
            switch try moment(of: killed, during: to) {
            case .early: result.early += 1
            case .late: result.late += 1
            case .inside where left == from: result.old += 1
            case .inside: result.new += 1
            }
            screen.console.redraw("  killed \(result.whole)/\(count): whole \(result.whole)/\(result.whole)")
        }
        guard result.whole == count else {
            throw CommandError(
                "only \(result.whole) of \(count * 10) kills fell inside a promote",
                remedy: "run the demo again when the machine is less busy", code: "demo_broken")
        }
        return result
    }

    /// Which part of a promote has passed at a kill: spread evenly however many there will be (golden ratio).
    private static func share(_ attempt: Int) -> Double {
        ((Double(attempt) + 0.5) * 0.618_033_988_75).truncatingRemainder(dividingBy: 1)
    }

    /// Asks the hub that came back: the promote had begun when there is a change, and ended when that ended before.
    private func moment(of killed: Timestamp, during prepared: Prepared) throws -> Moment {
        let newest = try change.people.owen.list("/api/v1/changes", limit: 1).first
        guard let newest, newest.text("suggestion") == prepared.suggestion.text("id"),
            let created = Timestamp(rfc3339: newest.text("created")), created >= prepared.made
        else { return .early }
        guard let finished = Timestamp(rfc3339: newest.text("finished")) else { return .inside }
        return finished < killed ? .late : .inside
    }

    /// An approval that is ready to be sent.
    private struct Prepared {
        let version: String
        let suggestion: JSONValue
        let plan: PlanOnScreen
        let envelope: JSONValue
        let made: Timestamp
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
            envelope: try change.envelope(suggestion, plan, reason: Self.reason), made: Self.now)
    }

    private static var now: Timestamp { Timestamp(milliseconds: WallClock.system.now()) }

    /// Sends the approval; answers the change's id.
    private func send(_ prepared: Prepared) throws -> String {
        try change.goAhead(
            prepared.suggestion, prepared.plan, reason: Self.reason, envelope: prepared.envelope)
    }

    /// Sends the approval and kills the hub `moment` later, wherever it is by then.
    ///
    /// - Returns: when it was killed.
    private func kill(after moment: Duration, during prepared: Prepared) throws -> Timestamp {
        let victim = hub
        let killed = Mutex(Self.now)
        let deadline = ContinuousClock.now + moment
        let killer = ServiceThread(name: "demo-killer") {
            while ContinuousClock.now < deadline { usleep(200) }
            killed.withLock { $0 = Self.now }
            victim.kill()
        }
        guard let killer else { throw CommandError("the system gives no more threads", code: "demo_broken") }
        do {
            defer { killer.join() }
            let id = try send(prepared)
            _ = try change.people.owen.get("/api/v1/changes" + URLText.path(id), wait: 5)
        } catch is CommandError {
            // The hub died under this request: that is the point.
        }
        return killed.withLock { $0 }
    }

    private func activeVersion() throws -> String {
        guard let version = try tree.version(at: places.target) else {
            throw CommandError("the target holds no known version", code: "demo_broken")
        }
        return version
    }
}
