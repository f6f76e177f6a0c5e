import AuroraActivation
import AuroraApprovals
import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTestSupport
import Foundation
import Synchronization
import Testing

/// From an approved plan to an active tree.
@Suite struct PromoteTests {
    @Test func `defect 4, promise 2: nothing is activated without an approval for exactly this plan`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let release = try hub.publish(["VERSION": "1"])
            let outcome = try hub.promoter.promote(
                release.artifact, on: .app, by: .ci, reason: "please, right now")
            guard case .approvalRequired(let suggestion) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(refusalCode { _ = try hub.promoter.start(suggestion.id, by: .maria) } == "approval_required")
            #expect(!FileManager.default.fileExists(atPath: root + "/srv/app"))
            try hub.approve(suggestion)
            _ = try hub.promoter.start(suggestion.id, by: .maria)
            hub.promoter.drain()
            #expect(try hub.read("VERSION") == "1")
            #expect(try hub.approvals.get(suggestion.id).state == .done)
        }
    }

    @Test func `promise 2: an approval is used once, and a replay is refused`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let suggestion = try hub.suggest(try hub.publish(["VERSION": "1"]))
            try hub.approve(suggestion)
            _ = try hub.promoter.start(suggestion.id, by: .maria)
            hub.promoter.drain()
            #expect(refusalCode { _ = try hub.promoter.start(suggestion.id, by: .olaf) } == "approval_used")
            let promote = try hub.promoter.promote(
                try #require(suggestion.plan.to.artifact), on: .app, by: .maria, reason: "once more")
            guard case .alreadyActive = promote else {
                Issue.record("\(promote)")
                return
            }
            #expect(try hub.actions().filter { $0 == "target.promote" }.count == 1)
        }
    }

    @Test func `promise 2: a changed plan is stale, answers with a fresh one, and needs fresh votes`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let (one, two) = (try hub.publish(["VERSION": "1"]), try hub.publish(["VERSION": "2"], as: "b.tar.gz"))
            let (first, second) = (try hub.suggest(one), try hub.suggest(two))
            try hub.approve(first)
            try hub.approve(second)
            _ = try hub.promoter.start(first.id, by: .maria)
            hub.promoter.drain()
            do {
                _ = try hub.promoter.start(second.id, by: .maria)
                Issue.record("a stale plan was started")
            } catch let refusal as Refusal {
                #expect(refusal.code == "plan_stale")
                let fresh = try #require(refusal.details["suggestion"]?.string.flatMap { SuggestionID($0) })
                #expect(try hub.approvals.get(fresh).state == .waiting)
                #expect(try hub.approvals.get(fresh).plan.from.generation == 1)
                #expect(try hub.approvals.get(fresh).requestedBy.text == "ci")
            }
            #expect(try hub.approvals.get(second.id).state == .stale)
            #expect(try hub.read("VERSION") == "1")
        }
    }

    @Test func `on-approval starts by itself with the last vote, by-hand waits`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let suggestion = try hub.suggest(try hub.publish(["VERSION": "1"]))
            #expect(try hub.promoter.approved(suggestion.id) == nil)
            try hub.approve(suggestion)
            #expect(try hub.promoter.approved(suggestion.id, by: .maria) != nil)
            hub.promoter.drain()
            #expect(try hub.read("VERSION") == "1")
            var settings = PolicySettings()
            settings.apply = .byHand
            hub.approvals.policies = PolicyBook(domains: [.core: settings])
            let second = try hub.suggest(try hub.publish(["VERSION": "2"]))
            try hub.approve(second)
            #expect(try hub.promoter.approved(second.id) == nil)
            try hub.promoter.tick()
            hub.promoter.drain()
            #expect(try hub.read("VERSION") == "1")
        }
    }

    @Test func `defect 1, defect 2: the active tree holds the release's files and nothing of its signature`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            try hub.promote(try hub.publish(["VERSION": "1", "bin/run*": "#!/bin/sh\n"]))
            #expect(try Shelf.names(root + "/srv/app/.") == ["VERSION", "bin"])
        }
    }

    @Test func `defect 5: promoting unpacks: the new version is what the target serves`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            try hub.promote(try hub.publish(["VERSION": "1", "lib/x": "one"]))
            #expect(try hub.read("lib/x") == "one")
            try hub.promote(try hub.publish(["VERSION": "2", "lib/x": "two"]))
            #expect(try hub.read("lib/x") == "two")
        }
    }

    @Test func `defect 7: a file that the new release no longer has is gone`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            try hub.promote(try hub.publish(["VERSION": "1", "old": "x"]))
            let release = try hub.publish(["VERSION": "2"])
            #expect(try hub.releases.planner.promote(release.artifact, on: .app).plan.files.removed == 1)
            try hub.promote(release)
            #expect(try Shelf.names(root + "/srv/app/.") == ["VERSION"])
        }
    }

    @Test func `defect 8: two promotes within one second both work, and old generations are collected`() throws {
        try withTemporaryDirectory { root in
            var options = try TestHub.Options.one(root)
            options.targets[0].keep = 2
            let hub = try TestHub.start(root, options)
            for version in 1...6 { try hub.promote(try hub.publish(["VERSION": "\(version)"])) }
            #expect(try hub.read("VERSION") == "6")
            let generations = try hub.releases.targets.find("app").engine.generations()
            #expect(generations.count <= 3)
            #expect(try Shelf.names(root + "/srv/.app.aurora/store").filter { $0.count == 64 }.count <= 3)
        }
    }

    @Test func `defect 9: without a target there is no default path, only the one registered target`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, TestHub.Options(targets: []))
            #expect(refusalCode { _ = try hub.releases.targets.find(nil) } == "target_required")
            #expect(refusalCode { _ = try hub.releases.targets.find(".") } == "target_unknown")
        }
    }

    @Test func `defect 10: a target that does not exist yet is made, and its first promote can be taken back`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            #expect(try hub.promote(try hub.publish(["VERSION": "1"])).state == .done)
            let outcome = try hub.promoter.rollback(.app, by: .maria, reason: "it was not wanted after all")
            guard case .started(let change) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            hub.promoter.drain()
            #expect(try hub.changes.get(change.id).state == .done)
            #expect(!FileManager.default.fileExists(atPath: root + "/srv/app"))
        }
    }

    @Test func `existing content is adopted and comes back`() throws {
        try withTemporaryDirectory { root in
            let options = try TestHub.Options.one(root)
            try AuroraTestSupport.write("before", to: root + "/srv/app/VERSION")
            let hub = try TestHub.start(root, options)
            try hub.promote(try hub.publish(["VERSION": "1"]))
            _ = try hub.promoter.rollback(.app, by: .maria, reason: "back to what was there")
            hub.promoter.drain()
            #expect(try hub.read("VERSION") == "before")
        }
    }

    @Test func `a real directory keeps its path`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, TestHub.Options(targets: [try .sample(root, kind: .directory)]))
            try hub.promote(try hub.publish(["VERSION": "1"]))
            try hub.promote(try hub.publish(["VERSION": "2"]))
            #expect(try FileStatus.of(root + "/srv/app").kind == .directory)
            #expect(try hub.read("VERSION") == "2")
            _ = try hub.promoter.rollback(.app, by: .maria, reason: "version 2 is not wanted")
            hub.promoter.drain()
            #expect(try hub.read("VERSION") == "1")
        }
    }

    @Test func `promise 9: bad health takes the change back by itself, once, and blocks the digest`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            try hub.promote(try hub.publish(["VERSION": "1"]))
            let bad = try hub.publish(["VERSION": "bad"])
            let suggestion = try hub.suggest(bad)
            try hub.approve(suggestion)
            let change = try hub.promoter.start(suggestion.id, by: .maria)
            hub.promoter.drain()
            #expect(try hub.changes.get(change.id).state == .rolledBack)
            #expect(try hub.changes.get(change.id).errorCode == "rolled_back")
            #expect(try hub.approvals.get(suggestion.id).state == .rolledBack)
            #expect(try hub.read("VERSION") == "1")
            #expect(refusalCode { _ = try hub.suggest(bad) } == "digest_blocked")
            #expect(try hub.actions().contains("change.rolled-back"))
            // No ping-pong: the right of that promote is used up.
            #expect(
                refusalCode { _ = try hub.promoter.rollback(.app, by: .maria, reason: "back and forth we go") } != nil)
            try hub.releases.targets.clearBlock(
                bad.tree, on: .app, reason: "the health check was wrong", by: .maria)
            _ = try hub.suggest(bad)
        }
    }

    @Test func `a block that could not be cleared leaves no entry that says it was`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            try hub.promote(try hub.publish(["VERSION": "1"]))
            let bad = try hub.publish(["VERSION": "bad"])
            try hub.promote(bad)
            let engine = try hub.releases.targets.find("app").engine
            func clear() -> String? {
                refusalCode {
                    try hub.releases.targets.clearBlock(
                        bad.tree, on: .app, reason: "the health check was wrong", by: .maria)
                }
            }
            var code: String?
            // The engine is at work and takes no second operation.
            _ = try engine.rollback(apply: {}) {
                code = clear()
                return .healthy
            }
            #expect(code == "target_busy")
            #expect(engine.blocked().contains { $0.tree == bad.tree })
            #expect(try !hub.actions().contains("target.unblock"))
            #expect(clear() == nil)
            #expect(try hub.actions().contains("target.unblock"))
            #expect(!engine.blocked().contains { $0.tree == bad.tree })
        }
    }

    @Test func `promise 9: a promote carries the right to be taken back exactly once`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let one = try hub.publish(["VERSION": "1"])
            try hub.promote(one)
            let two = try hub.publish(["VERSION": "2"])
            let suggestion = try hub.suggest(two)
            try hub.approve(suggestion)
            _ = try hub.promoter.start(suggestion.id, by: .maria)
            hub.promoter.drain()
            #expect(refusalCode { _ = try hub.promoter.rollback(.app, by: .maria, reason: "") } == "reason_required")
            #expect(
                refusalCode { _ = try hub.promoter.rollback(.app, by: .ci, reason: "not my right") } == "role_required")
            _ = try hub.promoter.rollback(.app, by: .maria, reason: "customers complain about it")
            hub.promoter.drain()
            #expect(try hub.read("VERSION") == "1")
            #expect(try hub.approvals.get(suggestion.id).state == .rolledBack)
            #expect(
                refusalCode { _ = try hub.promoter.rollback(.app, by: .maria, reason: "and now further back") } != nil)
            #expect(try hub.read("VERSION") == "1")
        }
    }

    @Test func `another generation needs an approval of its own`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            for version in 1...3 { try hub.promote(try hub.publish(["VERSION": "\(version)"])) }
            let outcome = try hub.promoter.rollback(.app, to: 1, by: .maria, reason: "two steps back, please")
            guard case .approvalRequired(let suggestion) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(suggestion.plan.action == .rollback)
            #expect(try hub.read("VERSION") == "3")
            try hub.approve(suggestion, by: "olaf")
            _ = try hub.promoter.start(suggestion.id, by: .olaf)
            hub.promoter.drain()
            #expect(try hub.read("VERSION") == "1")
            #expect(
                refusalCode { _ = try hub.promoter.rollback(.app, to: 99, by: .maria, reason: "to nowhere at all") }
                    == "generation_unknown")
        }
    }

    @Test func `an apply command that fails is a failed change`() throws {
        try withTemporaryDirectory { root in
            var options = try TestHub.Options.one(root)
            options.targets[0].apply = ["/bin/sh", "-c", "! grep -q noapply \"$AURORA_PATH/VERSION\""]
            let hub = try TestHub.start(root, options)
            try hub.promote(try hub.publish(["VERSION": "1"]))
            let change = try hub.promote(try hub.publish(["VERSION": "noapply"]))
            #expect(change.state == .rolledBack)
            #expect(change.errorMessage?.contains("apply") == true)
            #expect(change.tasks.first { $0.name == "apply" }?.state == .failed)
            #expect(try hub.read("VERSION") == "1")
        }
    }

    @Test func `a command sees only its own environment`() throws {
        try withTemporaryDirectory { root in
            var options = try TestHub.Options.one(root)
            options.targets[0].apply = ["/bin/sh", "-c", "env | sort > \(root)/seen"]
            setenv("AURORA_SECRET_OF_THE_HUB", "1", 1)
            let hub = try TestHub.start(root, options)
            try hub.promote(try hub.publish(["VERSION": "1"]))
            let names = try readText(root + "/seen").split(separator: "\n").map { $0.prefix { $0 != "=" } }
            #expect(Set(names.map(String.init)) == ["AURORA_PATH", "AURORA_TARGET", "LANG", "PATH", "PWD"])
        }
    }

    @Test func `one change at a time: a second start while one runs is refused`() throws {
        try withTemporaryDirectory { root in
            var options = try TestHub.Options.one(root)
            options.targets[0].apply = ["/bin/sh", "-c", "read line < \(root)/gate"]
            mkfifo(root + "/gate", 0o600)
            let hub = try TestHub.start(root, options)
            let first = try hub.suggest(try hub.publish(["VERSION": "1"]))
            let second = try hub.suggest(try hub.publish(["VERSION": "2"]))
            try hub.approve(first)
            try hub.approve(second)
            let change = try hub.promoter.start(first.id, by: .maria)
            #expect(refusalCode { _ = try hub.promoter.start(second.id, by: .maria) } == "target_busy")
            #expect(try hub.approvals.get(second.id).state == .approved)
            try Descriptor.open(root + "/gate", .writeOnly).write(all: Array("go\n".utf8))
            hub.promoter.drain()
            #expect(try hub.changes.get(change.id).state == .done)
        }
    }

    @Test func `a change can be stopped before its switch, and does not start again by itself`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let suggestion = try hub.suggest(try hub.publish(["VERSION": "1"]))
            try hub.approve(suggestion)
            // The observer runs on the worker's thread, while it prepares: as early as anybody could know of the change.
            let promoter = hub.promoter
            let answers = Mutex<[String?]>([])
            _ = hub.changes.subscribe { event in
                let prepare = event.data["tasks"]?.array?.first
                guard event.kind == "task", prepare?["state"] == "running" else { return }
                let code = refusalCode {
                    _ = try promoter.abort(event.change, reason: "this was the wrong release", by: .olaf)
                }
                answers.withLock { $0.append(code) }
            }
            let change = try hub.promoter.start(suggestion.id, by: .maria)
            hub.promoter.drain()
            #expect(answers.withLock { $0 } == [nil])
            #expect(try hub.changes.get(change.id).state == .aborted)
            #expect(try hub.approvals.get(suggestion.id).state == .withdrawn)
            try hub.promoter.tick()
            hub.promoter.drain()
            #expect(!FileManager.default.fileExists(atPath: root + "/srv/app"))
            #expect(
                refusalCode { _ = try promoter.abort(change.id, reason: "once more, please", by: .olaf) }
                    == "change_finished")
            #expect(try hub.actions().suffix(1) == ["change.aborted"])
        }
    }

    @Test func `every change stands in the log with its beginning and its end`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            try hub.promote(try hub.publish(["VERSION": "1"]))
            #expect(
                try hub.actions() == [
                    "artifact.upload", "artifact.upload", "release.stage", "suggestion.file", "suggestion.approve",
                    "suggestion.start", "target.promote", "suggestion.finish", "change.done",
                ])
        }
    }
}
