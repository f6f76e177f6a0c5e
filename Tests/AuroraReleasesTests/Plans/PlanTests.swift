import AuroraActivation
import AuroraApprovals
import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

/// Plans: exact, repeatable, and honest about what nobody can know.
@Suite struct PlanTests {
    @Test func `a plan made twice from the same state has the same bytes`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let release = try hub.publish(["VERSION": "1", "a": "1"])
            let first = try hub.releases.planner.promote(release.artifact, on: .app)
            hub.time.advance(milliseconds: 60_000)
            let second = try hub.releases.planner.promote(release.artifact, on: .app)
            #expect(first.plan.bytes == second.plan.bytes)
            #expect(first.plan.files.added == 2)
            #expect(first.plan.from.generation == 0)
            #expect(first.plan.to.generation == 1)
            #expect(try hub.releases.planner.diff(of: first.plan) == first.diff)
        }
    }

    @Test func `I-13: only signed versions of one name tell a downgrade`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let old = try hub.publish(["VERSION": "1"], version: "1.0.0")
            let new = try hub.publish(["VERSION": "2"], version: "2.0.0")
            let bare = try hub.publish(["VERSION": "0"])
            #expect(try hub.releases.planner.promote(new.artifact, on: .app).plan.downgrade == .unknown)
            try hub.promote(new)
            #expect(try hub.releases.planner.promote(old.artifact, on: .app).plan.downgrade == .yes)
            #expect(try hub.releases.planner.promote(bare.artifact, on: .app).plan.downgrade == .unknown)
            try hub.promote(old)
            #expect(try hub.releases.planner.promote(new.artifact, on: .app).plan.downgrade == .no)
        }
    }

    @Test func `drift of the active tree stands in the plan and makes an older plan stale`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            try hub.promote(try hub.publish(["VERSION": "1", "data": "x"]))
            let release = try hub.publish(["VERSION": "2", "data": "x"])
            let suggestion = try hub.suggest(release)
            #expect(suggestion.plan.drift.isEmpty)
            try hub.approve(suggestion)
            let file = try FileManager.default.destinationOfSymbolicLink(atPath: root + "/srv/app")
            let path = root + "/srv/" + file + "/data"
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            try AuroraTestSupport.write("changed by hand", to: path)
            #expect(refusalCode { _ = try hub.promoter.start(suggestion.id, by: .maria) } == "plan_stale")
            let plan = try hub.releases.planner.promote(release.artifact, on: .app).plan
            #expect(plan.drift == [PlanDrift(path: "data", problem: .changed)])
        }
    }

    @Test func `a release for other hardware is refused`() throws {
        try withTemporaryDirectory { root in
            var options = try TestHub.Options.one(root)
            options.targets[0].hardwareIDs = ["gw-8"]
            let hub = try TestHub.start(root, options)
            let other = try hub.publish(["VERSION": "1"], version: "1.0.0", hardware: ["gw-7"])
            #expect(refusalCode { _ = try hub.suggest(other) } == "hardware_mismatch")
            _ = try hub.suggest(try hub.publish(["VERSION": "2"], version: "2.0.0", hardware: ["gw-7", "gw-8"]))
        }
    }

    @Test func `a target that names hardware takes no release that names none`() throws {
        try withTemporaryDirectory { root in
            var options = try TestHub.Options.one(root)
            options.targets[0].hardwareIDs = ["gw-8"]
            let hub = try TestHub.start(root, options)
            let silent = try hub.publish(["VERSION": "1"], version: "1.0.0")
            #expect(refusalCode { _ = try hub.suggest(silent) } == "hardware_mismatch")
            let bare = try hub.publish(["VERSION": "2"])
            #expect(refusalCode { _ = try hub.suggest(bare) } == "hardware_mismatch")
        }
    }

    @Test func `a key that was taken off the list no longer promotes what it signed before`() throws {
        try withTemporaryDirectory { root in
            let options = try TestHub.Options.one(root)
            let list = root + "/release-keys.txt"
            let prepare = {
                let hub = try TestHub.start(root, options)
                let bare = try hub.publish(["VERSION": "1"])
                let filed = try hub.publish(["VERSION": "2"], version: "2.0.0")
                let suggestion = try hub.suggest(bare)
                try hub.approve(suggestion)
                return (bare, filed, suggestion.id)
            }
            let (bare, filed, suggestion) = try prepare()
            let allowed = try readText(list)
            let refused = {
                let hub = try TestHub.start(root, options)
                #expect(refusalCode { _ = try hub.suggest(bare) } == "signature_bad")
                #expect(refusalCode { _ = try hub.suggest(filed) } == "signature_bad")
                #expect(refusalCode { _ = try hub.promoter.start(suggestion, by: .maria) } == "signature_bad")
                #expect(!FileManager.default.fileExists(atPath: root + "/srv/app"))
            }
            try AuroraTestSupport.write(String(repeating: "A", count: 40), to: list)
            try refused()
            try AuroraTestSupport.write(allowed, to: list)
            let hub = try TestHub.start(root, options)
            _ = try hub.promoter.start(suggestion, by: .maria)
            hub.promoter.drain()
            #expect(try hub.read("VERSION") == "1")
            try hub.promote(filed)
            #expect(try hub.read("VERSION") == "2")
        }
    }

    @Test func `an unsigned release is planned only where the policy allows it`() throws {
        try withTemporaryDirectory { root in
            var options = try TestHub.Options.one(root)
            options.allowsUnsigned = true
            let hub = try TestHub.start(root, options)
            try hub.releases.uploads.send(try Archive.tarGzip(["VERSION": "1"], in: root), as: "a.tar.gz")
            let release = try hub.releases.stager.stage(.label("a.tar.gz"), by: .ci)
            #expect(refusalCode { _ = try hub.suggest(release) } == "unsigned")
            hub.approvals.policies = PolicyBook(isDevelopment: true)
            #expect(try hub.suggest(release).plan.isUnsigned)
        }
    }

    @Test func `defect 29: an unknown release and an unknown target are 404 and tell no paths`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let release = try hub.publish(["VERSION": "1"])
            let nowhere = try #require(TargetName("nowhere"))
            for (digest, target) in [(Digest(hashing: [0]), TargetName.app), (release.artifact, nowhere)] {
                do {
                    _ = try hub.releases.planner.promote(digest, on: target)
                    Issue.record("a plan was made")
                } catch let refusal as Refusal {
                    #expect(refusal.kind == .notFound)
                    #expect(!refusal.description.contains(root))
                }
            }
        }
    }

    @Test(arguments: ["../../..", "/", "/etc", "", "srv/app", "/srv/app/../app"])
    func `defect 21: a target that is not registered is refused, whatever it names`(text: String) throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            #expect(refusalCode { _ = try hub.releases.targets.find(text) } == "target_unknown")
            #expect(try hub.releases.targets.find(root + "/srv/app").name == .app)
            #expect(try hub.releases.targets.find(nil).name == .app)
        }
    }

    @Test func `the trial runs without network in a copy, and its result is part of the plan`() throws {
        try withTemporaryDirectory { root in
            var options = try TestHub.Options.one(root)
            let probe = "cat VERSION; echo touched > VERSION; test \"$(ls /sys/class/net 2>/dev/null | wc -l)\" -le 1"
            options.targets[0].trial = ["/bin/sh", "-c", probe]
            let hub = try TestHub.start(root, options)
            let release = try hub.publish(["VERSION": "one"])
            let suggestion = try hub.suggest(release)
            let trial = try #require(suggestion.plan.trial)
            #expect(trial.state == .passed || trial.state == .refused, "\(trial)")
            if trial.state == .passed { #expect(trial.output.hasPrefix("one")) }
            let tree = try hub.releases.targets.find("app").engine.treePath(release.tree)
            #expect(try readText(tree + "/VERSION") == "one")
        }
    }

    @Test func `a trial that fails says how`() throws {
        try withTemporaryDirectory { root in
            var options = try TestHub.Options.one(root)
            options.targets[0].trial = ["/bin/sh", "-c", "echo broken >&2; exit 3"]
            let hub = try TestHub.start(root, options)
            let trial = try #require(
                try hub.releases.trials.run(try hub.publish(["VERSION": "1"]).artifact, on: .app, by: .ci))
            guard trial.state != .refused else { return }
            #expect(trial.state == .failed)
            #expect(trial.exitCode == 3)
            #expect(trial.output.contains("broken"))
        }
    }
}
