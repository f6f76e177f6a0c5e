import AuroraApprovals
import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

/// Two targets of a hub that was killed while both waited for their health gates.
@Suite struct RecoveryGateTests {
    /// Health of a target: announces itself, waits for the other target's health, and kills the hub in the first round.
    private static func health(_ root: String, _ name: String, waitsFor other: String) -> [String] {
        let wait = "until [ -e \(root)/$round.\(other) ]; do sleep 0.05; done"
        return [
            "/bin/sh", "-c",
            "round=$(cat \(root)/round); [ -n \"$round\" ] || exit 0; : > \(root)/$round.\(name); \(wait); "
                + "if [ $round = crash ]; then kill -9 $PPID; sleep 60; fi",
        ]
    }

    private static func options(_ root: String) throws -> TestHub.Options {
        var options = TestHub.Options(targets: [
            try .sample(root, health: health(root, "app", waitsFor: "second")),
            try .sample(root, .second, health: health(root, "second", waitsFor: "app")),
        ])
        for index in options.targets.indices { options.targets[index].healthTimeout = .seconds(100) }
        return options
    }

    /// Runs in a process of its own, which the commands kill.
    private static func promoteBoth(_ root: String, _ suggestions: [String]) throws {
        let hub = try TestHub.start(root, options(root))
        for text in suggestions {
            guard let id = SuggestionID(text) else { return }
            _ = try hub.promoter.start(id, by: .maria)
        }
        hub.promoter.drain()
    }

    @Test(.timeLimit(.minutes(4)))
    func `gates that a crash left open run at the same time at the next start`() async throws {
        try await withAsyncTemporaryDirectory { root in
            try write("", to: root + "/round")
            let ids = try prepare(root)
            try write("crash", to: root + "/round")
            await #expect(processExitsWith: .signal(SIGKILL)) { [root = root as String, ids = ids as [String]] in
                try RecoveryGateTests.promoteBoth(root, ids)
            }
            // One gate after the other, the first would wait for the second until its time is over, and be taken back.
            try write("again", to: root + "/round")
            let hub = try TestHub(root, RecoveryGateTests.options(root))
            let recoveries = try hub.promoter.recoverAtStart()
            #expect(recoveries.map(\.target) == [.app, .second])
            for name in ["app", "second"] {
                #expect(try readText("\(root)/srv/\(name)/VERSION") == "2")
                #expect(FileManager.default.fileExists(atPath: "\(root)/again.\(name)"))
            }
            for id in ids {
                #expect(try hub.approvals.get(try #require(SuggestionID(id))).state == .done)
            }
        }
    }

    /// Approved suggestions of version 2 for both targets.
    private func prepare(_ root: String) throws -> [String] {
        let hub = try TestHub.start(root, RecoveryGateTests.options(root))
        let release = try hub.publish(["VERSION": "2"])
        return try [TargetName.app, .second].map { target in
            let suggestion = try hub.suggest(release, on: target)
            try hub.approve(suggestion)
            return suggestion.id.text
        }
    }
}
