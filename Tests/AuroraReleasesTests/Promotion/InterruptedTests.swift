import AuroraApprovals
import AuroraModel
import AuroraReleases
import AuroraTestSupport
import Foundation
import Testing

/// A hub killed with SIGKILL again and again before the switch of a change.
@Suite struct InterruptedTests {
    /// Runs in a process of its own and is killed there, when the change has begun to prepare.
    ///
    /// - Parameter suggestion: What to start; empty to take the last promote back.
    private static func beginAndDie(_ root: String, _ suggestion: String) throws {
        let hub = try TestHub.start(root, .one(root))
        _ = hub.changes.subscribe { event in
            if event.data["tasks"]?.array?.first?["state"] == "running" { kill(getpid(), SIGKILL) }
        }
        if let id = SuggestionID(suggestion) {
            _ = try hub.promoter.start(id, by: .maria)
            hub.promoter.drain()
        } else {
            _ = try hub.takeBack()
        }
    }

    /// Opens a hub, lets it prepare, and closes it.
    private func prepare(_ root: String, _ body: (TestHub) throws -> String) throws -> String {
        let hub = try TestHub.start(root, .one(root))
        try hub.promote(try hub.publish(["VERSION": "1"]))
        return try body(hub)
    }

    @Test func `a promote whose hub is killed again and again before its switch counts as failed after three times`()
        async throws
    {
        try await withAsyncTemporaryDirectory { root in
            let id = try prepare(root) { hub in
                let suggestion = try hub.suggest(try hub.publish(["VERSION": "2"]))
                try hub.approve(suggestion)
                return suggestion.id.text
            }
            for _ in 0..<3 {
                // Every start of it but the first shows that the approval was given back.
                await #expect(processExitsWith: .signal(SIGKILL)) { [root = root as String, id = id as String] in
                    try InterruptedTests.beginAndDie(root, id)
                }
            }
            let hub = try TestHub.start(root, .one(root))
            let suggestion = try hub.approvals.get(try #require(SuggestionID(id)))
            #expect(suggestion.state == .failed)
            #expect(suggestion.stateReason.contains("3 times"))
            try hub.promoter.tick()
            hub.promoter.drain()
            #expect(try hub.read("VERSION") == "1")
            #expect(try hub.changes.list().items.filter { $0.suggestion == suggestion.id }.count == 3)
            // The right that the promote before it carried still holds.
            #expect(try hub.takeBack().state == .done)
        }
    }

    @Test func `promise 9: a taking back cut off by a kill before its switch can be done again`() async throws {
        try await withAsyncTemporaryDirectory { root in
            _ = try prepare(root) { hub in
                try hub.promote(try hub.publish(["VERSION": "2"]))
                return ""
            }
            await #expect(processExitsWith: .signal(SIGKILL)) { [root = root as String] in
                try InterruptedTests.beginAndDie(root, "")
            }
            let hub = try TestHub.start(root, .one(root))
            #expect(try hub.read("VERSION") == "2")
            #expect(try hub.takeBack().state == .done)
            #expect(try hub.read("VERSION") == "1")
        }
    }
}
