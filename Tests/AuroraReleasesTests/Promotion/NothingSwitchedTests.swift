import AuroraApprovals
import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTestSupport
import Foundation
import Synchronization
import Testing

/// Changes that end before their switch: the target is as it was, and so are the rights.
@Suite struct NothingSwitchedTests {
    @Test func `a promote that fails before its switch ends once, and does not start again by itself`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            try hub.promote(try hub.publish(["VERSION": "1"]))
            let release = try hub.publish(["VERSION": "2"])
            let suggestion = try hub.suggest(release)
            try hub.approve(suggestion)
            try hub.change(release.tree, to: "x")
            let change = try #require(try hub.promoter.approved(suggestion.id, by: .maria))
            hub.promoter.drain()
            try hub.promoter.tick()
            hub.promoter.drain()
            #expect(try hub.changes.get(change.id).state == .failed)
            #expect(try hub.approvals.get(suggestion.id).state == .failed)
            #expect(try hub.actions().filter { $0 == "change.failed" }.count == 1)
            #expect(refusalCode { _ = try hub.promoter.start(suggestion.id, by: .maria) } == "approval_used")
            // It can be asked for again, and then works.
            try hub.change(release.tree, to: "2")
            #expect(try hub.promote(release).state == .done)
        }
    }

    @Test func `promise 9: a promote that failed before its switch leaves the right to take back the one before`()
        throws
    {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            for version in ["1", "2"] { try hub.promote(try hub.publish(["VERSION": version])) }
            let release = try hub.publish(["VERSION": "3"])
            let suggestion = try hub.suggest(release)
            try hub.approve(suggestion)
            try hub.change(release.tree, to: "x")
            _ = try hub.promoter.start(suggestion.id, by: .maria)
            hub.promoter.drain()
            #expect(try hub.takeBack().state == .done)
            #expect(try hub.read("VERSION") == "1")
        }
    }

    @Test func `promise 9: a taking back that was stopped before its switch can be done again`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            for version in ["1", "2"] { try hub.promote(try hub.publish(["VERSION": version])) }
            let promoter = hub.promoter
            let isStopped = Mutex(false)
            _ = hub.changes.subscribe { event in
                let prepare = event.data["tasks"]?.array?.first
                guard event.kind == "task", prepare?["state"] == "running",
                    isStopped.withLock({ done in
                        defer { done = true }
                        return !done
                    })
                else { return }
                _ = try? promoter.abort(event.change, reason: "look at the logs first", by: .olaf)
            }
            #expect(try hub.takeBack().state == .aborted)
            #expect(try hub.read("VERSION") == "2")
            #expect(try hub.actions().contains("target.take-back-release"))
            #expect(try hub.takeBack().state == .done)
            #expect(try hub.read("VERSION") == "1")
            // Once it has switched, it is used up.
            #expect(refusalCode { _ = try hub.takeBack() } != nil)
        }
    }

    @Test func `promise 9: a taking back to a damaged tree fails, and can be done once the tree is mended`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let one = try hub.publish(["VERSION": "1"])
            try hub.promote(one)
            try hub.promote(try hub.publish(["VERSION": "2"]))
            try hub.change(one.tree, to: "x")
            #expect(try hub.takeBack().state == .failed)
            #expect(try hub.read("VERSION") == "2")
            try hub.change(one.tree, to: "1")
            #expect(try hub.takeBack().state == .done)
            #expect(try hub.read("VERSION") == "1")
        }
    }

    @Test func `promise 9: nothing of the tree that is given up is read, so its damage stops no taking back`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            try hub.promote(try hub.publish(["VERSION": "1"]))
            let bad = try hub.publish(["VERSION": "2"])
            try hub.promote(bad)
            try hub.damageManifest(of: bad.tree)
            #expect(try hub.takeBack().state == .done)
            #expect(try hub.read("VERSION") == "1")
        }
    }
}

extension TestHub {
    /// Takes the last promote of `app` back and waits.
    func takeBack() throws -> Change {
        let outcome = try promoter.rollback(.app, by: .maria, reason: "customers complain about it")
        guard case .started(let change) = outcome else { throw ToolFailure("\(outcome)") }
        promoter.drain()
        return try changes.get(change.id)
    }

    /// Writes other bytes into the VERSION of a stored tree of `app`, as a bad disk or a careless hand would.
    func change(_ tree: Digest, to text: String) throws {
        try overwrite("\(root)/srv/.app.aurora/store/\(tree.hex)/VERSION", with: text)
    }

    /// Makes the manifest of a stored tree unreadable.
    func damageManifest(of tree: Digest, on target: String = "app") throws {
        try overwrite("\(root)/srv/.\(target).aurora/store/\(tree.hex).manifest", with: "{")
    }

    private func overwrite(_ path: String, with text: String) throws {
        chmod(path, 0o644)
        let file = try Descriptor.open(path, [.writeOnly, .truncate])
        try file.write(all: Array(text.utf8))
        chmod(path, 0o444)
    }
}
