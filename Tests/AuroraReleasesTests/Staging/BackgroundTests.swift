import AuroraActivation
import AuroraApprovals
import AuroraAudit
import AuroraModel
import AuroraReleases
import AuroraTestSupport
import Dispatch
import Foundation
import Synchronization
import Testing

/// Stages and trials in the background: how they are stopped, and how the hub's end is theirs.
@Suite struct BackgroundTests {
    /// Calls `body` once, on the stage's own thread, when a stage comes to a task.
    private func atTask(_ name: String, in hub: TestHub, _ body: @escaping @Sendable (ChangeID) -> Void) {
        let isOver = Mutex(false)
        _ = hub.changes.subscribe { event in
            let tasks = event.data["tasks"]?.array ?? []
            guard event.kind == "task",
                tasks.contains(where: { $0["name"] == .string(name) && $0["state"] == "running" }),
                !isOver.withLock({ isOver in
                    defer { isOver = true }
                    return isOver
                })
            else { return }
            body(event.change)
        }
    }

    private func upload(_ hub: TestHub, _ version: String) throws -> ArtifactName {
        let bytes = try Archive.tarGzip(["VERSION": version], in: hub.root)
        let name = "app-\(version).tar.gz"
        try hub.releases.uploads.send(bytes, as: name)
        try hub.releases.uploads.send(try Signer.shared.get().sign(bytes), as: name + ".asc")
        return .label(name)
    }

    private func ends(_ hub: TestHub) throws -> [[String]] {
        try hub.audit.entries(from: 0, limit: 1000).map { try $0.decoded() }
            .filter { $0.action == "change.interrupted" }
            .map { entry in
                [entry.subject]
                    + ["change", "kind"].map { name in entry.details.first { $0.name == name }?.value ?? "" }
            }
    }

    @Test func `a stopping hub ends the stage that runs and the one that waits as interrupted, and begins no more`()
        throws
    {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let (first, second) = (try upload(hub, "1"), try upload(hub, "2"))
            let waits = DispatchSemaphore(value: 0)
            let releases = hub.releases
            atTask("unpacking", in: hub) { _ in
                waits.wait()
                releases.interrupt()
            }
            let running = try releases.stager.stageInBackground(first, by: .ci)
            let queued = try releases.stager.stageInBackground(second, by: .ci)
            waits.signal()
            releases.drain()
            for change in [running, queued] {
                let ended = try hub.changes.get(change.id)
                #expect(ended.state == .interrupted && ended.errorCode == "interrupted", "\(ended)")
            }
            #expect(
                try ends(hub) == [running, queued].map { [$0.subject, $0.id.text, "stage"] })
            #expect(try Shelf.names(root + "/srv/.app.aurora/staging").isEmpty)
            #expect(try releases.stager.releases().items.isEmpty)
            #expect(
                refusalCode { _ = try releases.stager.stageInBackground(first, by: .ci) } == "server_stopping")
        }
    }

    @Test func `a stopping hub waits for no trial that a request makes, and keeps no result of it`() throws {
        try withTemporaryDirectory { root in
            var options = try TestHub.Options.one(root)
            options.targets = [try .sample(root, trial: ["/bin/sleep", "600"])]
            let hub = try TestHub.start(root, options)
            let release = try hub.publish(["VERSION": "1"])
            hub.releases.interrupt()
            #expect(refusalCode { _ = try hub.suggest(release) } == "server_stopping")
            #expect(try hub.releases.trials.result(of: release.tree, on: .app) == nil)
            #expect(try !hub.actions().contains("release.try"))
        }
    }

    @Test func `a stage or trial that a kill cut off ends with its entry at the next start, and with one only`() throws
    {
        try withTemporaryDirectory { root in
            let hub = try TestHub(root, .one(root))
            let cut = [Change.Kind.stage, .trial].map {
                hub.changes.new($0, subject: "the artifact", actor: "ci", reason: "", tasks: ["unpacking"])
            }
            for change in cut {
                try hub.changes.create(change)
                hub.time.advance(milliseconds: 1)
            }
            // End and entry are one: a log that takes nothing leaves the change to the next start.
            #expect(throws: (any Error).self) {
                try hub.database.withoutLog { _ = try hub.promoter.recoverAtStart() }
            }
            #expect(try hub.changes.unfinished().count == 2)
            _ = try hub.promoter.recoverAtStart()
            _ = try hub.promoter.recoverAtStart()
            for change in cut {
                let ended = try hub.changes.get(change.id)
                #expect(ended.state == .interrupted && ended.errorCode == "interrupted", "\(ended)")
            }
            let told = try Set(ends(hub))
            #expect(told == Set(cut.map { ["the artifact", $0.id.text, $0.kind.rawValue] }))
            #expect(try ends(hub).count == 2)
        }
    }

    @Test func `a known release that is staged for one more target cannot be stopped once its tree is published`()
        throws
    {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(
                root, TestHub.Options(targets: [try .sample(root), try .sample(root, .second)]))
            let release = try hub.publish(["VERSION": "1"], for: .app)
            let codes = Mutex<[String?]>([])
            let promoter = hub.promoter
            atTask("publishing", in: hub) { id in
                let code = refusalCode {
                    _ = try promoter.abort(id, reason: "this was the wrong release", by: .olaf)
                }
                codes.withLock { $0.append(code) }
            }
            let change = try hub.releases.stager.stageInBackground(.digest(release.artifact), for: .second, by: .ci)
            hub.releases.drain()
            #expect(codes.withLock { $0 } == ["not_abortable"])
            #expect(try hub.changes.get(change.id).state == .done)
            #expect(try hub.releases.targets.find("second").engine.hasTree(release.tree))
        }
    }

    @Test func `nothing is stopped that the log does not take`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let artifact = try upload(hub, "1")
            let (promoter, database) = (hub.promoter, hub.database)
            let codes = Mutex<[String?]>([])
            atTask("hashing", in: hub) { id in
                let code = refusalCode {
                    try database.withoutLog {
                        _ = try promoter.abort(id, reason: "this was the wrong release", by: .olaf)
                    }
                }
                codes.withLock { $0.append(code) }
            }
            let change = try hub.releases.stager.stageInBackground(artifact, by: .ci)
            hub.releases.drain()
            #expect(codes.withLock { $0 }.first??.hasPrefix("error") == true)
            #expect(try hub.changes.get(change.id).state == .done)
        }
    }

    @Test func `a stop that the change's end overtakes is in the log twice: asked for, then refused`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let artifact = try upload(hub, "1")
            let (reached, goesOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            atTask("hashing", in: hub) { _ in
                reached.signal()
                goesOn.wait()
            }
            let change = try hub.releases.stager.stageInBackground(artifact, by: .ci)
            reached.wait()
            let releases = hub.releases
            hub.time.atNextLook {
                goesOn.signal()
                releases.drain()
            }
            #expect(
                refusalCode { _ = try hub.promoter.abort(change.id, reason: "this was the wrong release", by: .olaf) }
                    == "change_finished")
            #expect(try hub.changes.get(change.id).state == .done)
            let aborts = try hub.audit.entries(from: 0, limit: 1000).map { try $0.decoded() }
                .filter { $0.action.hasPrefix("change.abort") }
            #expect(aborts.map(\.action) == ["change.abort", "change.abort"])
            #expect(aborts.map(\.outcome) == [.accepted, .refused(code: "change_finished")])
        }
    }
}
