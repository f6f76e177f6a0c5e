import AuroraActivation
import AuroraApprovals
import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

/// A hub killed with SIGKILL in the middle of a promote, and what its next start makes of it.
@Suite struct CrashTests {
    /// Where the hub is killed.
    enum Moment: String, Codable, CaseIterable {
        case preparing
        case intent
        case applying
        case checking

        /// Whether the switch has happened by then.
        var isSwitched: Bool { self == .applying || self == .checking }
    }

    /// The target's commands kill their parent, the hub, while a file says so: nothing inside the hub takes part.
    private static func options(_ root: String) throws -> TestHub.Options {
        let kill = { (moment: Moment) in
            "if [ \"$(cat \(root)/kill 2>/dev/null)\" = \(moment.rawValue) ]; then kill -9 $PPID; sleep 5; fi; "
        }
        var options = try TestHub.Options.one(root)
        options.targets[0].apply = ["/bin/sh", "-c", kill(.applying) + "true"]
        options.targets[0].health = [
            "/bin/sh", "-c", kill(.checking) + "! grep -q bad \"$AURORA_PATH/VERSION\"",
        ]
        return options
    }

    /// Prepares a hub with version 1 active and an approved suggestion for `version`.
    private func prepare(_ root: String, _ version: String, killAt moment: Moment) throws -> SuggestionID {
        let hub = try TestHub.start(root, CrashTests.options(root))
        try hub.promote(try hub.publish(["VERSION": "1"]))
        let suggestion = try hub.suggest(try hub.publish(["VERSION": version]))
        try hub.approve(suggestion)
        try AuroraTestSupport.write(moment.rawValue, to: root + "/kill")
        return suggestion.id
    }

    /// Runs in a process of its own and is killed there.
    private static func promoteAndDie(_ root: String, _ suggestion: String, _ moment: Moment) throws {
        let hub = try TestHub.start(root, CrashTests.options(root))
        let task = moment == .preparing ? "prepare" : "switch"
        if !moment.isSwitched {
            _ = hub.changes.subscribe { event in
                let tasks = event.data["tasks"]?.array ?? []
                let isThere = tasks.contains { $0["name"] == .string(task) && $0["state"] == "running" }
                if isThere { kill(getpid(), SIGKILL) }
            }
        }
        guard let id = SuggestionID(suggestion) else { return }
        _ = try hub.promoter.start(id, by: .maria)
        hub.promoter.drain()
    }

    @Test(arguments: Moment.allCases)
    func `promise 1: a kill in mid-promote leaves old or new, and the next start finishes the story`(
        moment: Moment
    ) async throws {
        try await withCrashedHub(version: "2", moment) { hub, suggestion in
            let isSwitched = moment.isSwitched
            #expect(try hub.read("VERSION") == (isSwitched ? "2" : "1"))
            _ = try hub.promoter.recoverAtStart()
            let state = try hub.approvals.get(suggestion).state
            let change = try #require(try hub.changes.list().items.first { $0.suggestion == suggestion })
            #expect(try hub.read("VERSION") == (isSwitched ? "2" : "1"))
            #expect(change.state == (isSwitched ? .done : .interrupted))
            #expect(state == (isSwitched ? .done : .approved))
            #expect(try hub.actions().last == (isSwitched ? "change.done" : "change.interrupted"))
            // An approval that was given back still fits and works once more.
            if !isSwitched {
                _ = try hub.promoter.start(suggestion, by: .maria)
                hub.promoter.drain()
                #expect(try hub.read("VERSION") == "2")
                #expect(try hub.approvals.get(suggestion).state == .done)
            }
            #expect(refusalCode { _ = try hub.promoter.start(suggestion, by: .maria) } == "approval_used")
        }
    }

    @Test func `promise 1: a bad version that was switched before the kill is taken back at the next start`()
        async throws
    {
        try await withCrashedHub(version: "bad", .applying) { hub, suggestion in
            #expect(try hub.read("VERSION") == "bad")
            _ = try hub.promoter.recoverAtStart()
            #expect(try hub.read("VERSION") == "1")
            #expect(try hub.approvals.get(suggestion).state == .rolledBack)
            let engine = try hub.releases.targets.find("app").engine
            #expect(engine.blocked().count == 1)
            #expect(refusalCode { _ = try hub.promoter.start(suggestion, by: .maria) } == "approval_used")
        }
    }

    @Test func `recovery can be repeated and finds nothing the second time`() async throws {
        try await withCrashedHub(version: "2", .checking) { hub, _ in
            _ = try hub.promoter.recoverAtStart()
            let before = try hub.actions().count
            let again = try hub.promoter.recoverAtStart()
            #expect(again.map(\.summary) == ["clean"])
            #expect(try hub.actions().count == before)
        }
    }

    private func withCrashedHub(
        version: String, _ moment: Moment, _ body: (TestHub, SuggestionID) throws -> Void
    ) async throws {
        try await withAsyncTemporaryDirectory { root in
            let suggestion = try prepare(root, version, killAt: moment)
            let id = suggestion.text
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [root = root as String, id = id as String, moment = moment as Moment] in
                try CrashTests.promoteAndDie(root, id, moment)
            }
            try FileTree.remove(root + "/kill")
            try body(try TestHub(root, CrashTests.options(root)), suggestion)
        }
    }
}
