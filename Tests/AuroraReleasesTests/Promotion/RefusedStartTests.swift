import AuroraApprovals
import AuroraAudit
import AuroraModel
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraReleases

/// Approved suggestions that cannot start by themselves.
@Suite struct RefusedStartTests {
    @Test func `a start that stays refused is logged once, and happens when the reason is gone`() throws {
        try withTemporaryDirectory { root in
            let id = try approved(root)
            var options = try TestHub.Options.one(root)
            options.targets[0].hardwareIDs = ["another-board"]
            try refuse(TestHub.start(root, options))
            let hub = try TestHub.start(root, .one(root))
            hub.time.advance(milliseconds: 60 * 60_000)
            try hub.promoter.tick()
            hub.promoter.drain()
            #expect(try hub.read("VERSION") == "1")
            #expect(try hub.approvals.get(id).state == .done)
        }
    }

    private func approved(_ root: String) throws -> SuggestionID {
        let hub = try TestHub.start(root, .one(root))
        let suggestion = try hub.suggest(try hub.publish(["VERSION": "1"]))
        try hub.approve(suggestion)
        return suggestion.id
    }

    /// Lets the timer of two hours run.
    private func refuse(_ hub: TestHub) throws {
        for _ in 0..<240 {
            try hub.promoter.tick()
            hub.time.advance(milliseconds: 30_000)
        }
        let entries = try hub.audit.entries(from: 0, limit: 1000).map { try $0.decoded() }
        let refused = entries.filter { $0.action == "suggestion.start" }
        #expect(refused.map(\.outcome) == [.refused(code: "hardware_mismatch")])
    }

    @Test func `a suggestion whose start fails keeps no other one from starting`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(
                root, TestHub.Options(targets: [try .sample(root), try .sample(root, .second)]))
            let one = try hub.publish(["VERSION": "1"])
            try hub.promote(one)
            let two = try hub.publish(["VERSION": "2"])
            for target in [TargetName.app, .second] {
                try hub.approve(try hub.suggest(two, on: target))
                hub.time.advance(milliseconds: 1000)
            }
            // No refusal, a fault of the machine: what is active on the first target cannot be checked.
            try hub.damageManifest(of: one.tree)
            try hub.promoter.tick()
            hub.promoter.drain()
            #expect(try hub.read("VERSION") == "1")
            #expect(try readText(root + "/srv/second/VERSION") == "2")
        }
    }

    @Test func `pauses between attempts grow to a quarter of an hour, and another reason is news`() {
        let starts = RefusedStarts()
        let id = SuggestionID(random: [UInt8](repeating: 1, count: 10))
        #expect(starts.isDue(id, at: 0))
        #expect(starts.note(id, "digest_blocked", at: 0))
        #expect(!starts.isDue(id, at: 29_999))
        #expect(starts.isDue(id, at: 30_000))
        for _ in 0..<10 { #expect(!starts.note(id, "digest_blocked", at: 30_000)) }
        #expect(!starts.isDue(id, at: 30_000 + 899_999))
        #expect(starts.isDue(id, at: 30_000 + 900_000))
        #expect(starts.note(id, "signature_bad", at: 0))
        starts.keep(only: [])
        #expect(starts.isDue(id, at: 0))
        #expect(starts.note(id, "signature_bad", at: 0))
    }
}
