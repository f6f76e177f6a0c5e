import AuroraActivation
import AuroraDatabase
import AuroraModel
import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Synchronization
import Testing

@testable import AuroraPacks

@Suite struct InstallTests {
    @Test("N packs with what they need are one generation and one rename, started after what they need")
    func oneRename() throws {
        try withBench { bench in
            try bench.stage(
                SamplePack(id: "app", needs: ["base": "^1.0.0"]), SamplePack(id: "base"), SamplePack(id: "other"))
            let outcome = try bench.install("app", "other")
            #expect(outcome.isCommitted)
            #expect(try bench.active() == ["app 1.0.0", "base 1.0.0", "other 1.0.0"])
            #expect(try FileTree.readLink(bench.places.current) == "gen/1/tree")
            #expect(
                bench.services.log == [
                    "start base 1.0.0", "start app 1.0.0", "start other 1.0.0", "check base 1.0.0 30 s",
                    "check app 1.0.0 30 s", "check other 1.0.0 30 s",
                ])
            #expect(
                bench.runner.commands
                    == ["base: install.sh --install", "app: install.sh --install", "other: install.sh --install"])
        }
    }

    @Test("live/<pack>/start.sh is always the active one, and its logs and data are its own folders")
    func live() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "app"))
            try bench.install("app")
            #expect(try readText("\(bench.places.live)/app/VERSION") == "1.0.0")
            try bench.stage(SamplePack(id: "app", version: "1.1.0"))
            try bench.install("app")
            #expect(try readText("\(bench.places.live)/app/VERSION") == "1.1.0")
            let id = try #require(PackID("app"))
            try write("x", to: "\(bench.places.live)/app/data/file")
            #expect(try readText("\(bench.places.data(of: id, schema: 1))/file") == "x")
            try write("y", to: "\(bench.places.live)/app/logs/file")
            #expect(try readText("\(bench.places.logs(of: id))/file") == "y")
        }
    }

    @Test("packs that did not change are not restarted; those in whose room a changed one appears are")
    func unchanged() throws {
        try withBench { bench in
            try bench.stage(
                SamplePack(id: "app", needs: ["base": "*"]), SamplePack(id: "base"), SamplePack(id: "other"))
            try bench.install("app", "other")
            try bench.stage(SamplePack(id: "base", version: "1.1.0"))
            bench.services.forget()
            try bench.install("base")
            #expect(
                bench.services.log == [
                    "stop app", "stop base", "start base 1.1.0", "start app 1.0.0", "check base 1.1.0 30 s",
                    "check app 1.0.0 30 s",
                ])
            #expect(bench.runner.commands.last == "base: install.sh --install")
        }
    }

    @Test("a pack that is needed cannot be removed; with what needs it, it can, and that can be taken back")
    func removal() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "app", needs: ["base": "*"]), SamplePack(id: "base"))
            try bench.install("app")
            let (app, base) = (try #require(PackID("app")), try #require(PackID("base")))
            #expect(
                code {
                    try bench.use { _ = try $0.plan(.change([.removal(base)])) }
                } == "pack_unsatisfiable")
            try bench.use {
                _ = try $0.install(
                    .change([.removal(base), .removal(app)]), approval: TestBench.typed, by: TestBench.ada)
            }
            #expect(try bench.active() == [])
            #expect(bench.services.running == [])
            try bench.use { _ = try $0.rollback(reason: "needed after all", by: TestBench.ada) }
            #expect(try bench.active() == ["app 1.0.0", "base 1.0.0"])
            #expect(bench.services.running == ["app 1.0.0", "base 1.0.0"])
        }
    }

    @Test("not healthy in time: the old packs come back by themselves, the failed tree is blocked, the good one is not")
    func unhealthy() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"), SamplePack(id: "b"))
            try bench.install("a", "b")
            try bench.stage(SamplePack(id: "a", version: "2.0.0"), SamplePack(id: "b", version: "2.0.0"))
            bench.services.makeIll("a 2.0.0", "no answer")
            let outcome = try bench.install("a", "b")
            #expect(outcome.activation.result == .rolledBack)
            #expect(outcome.activation.reason == "a is not healthy: no answer")
            #expect(try bench.active() == ["a 1.0.0", "b 1.0.0"])
            #expect(bench.services.running == ["a 1.0.0", "b 1.0.0"])
            #expect(code { try bench.install("a") } == "pack_blocked")
            #expect(try bench.install("b").isCommitted)
            #expect(try bench.active() == ["a 1.0.0", "b 2.0.0"])
        }
    }

    @Test("a pack that does not start is blamed, and a person who knows why may clear the block")
    func brokenStart() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"))
            try bench.install("a")
            let tree = try bench.stage(SamplePack(id: "a", version: "2.0.0"))[0].tree
            bench.services.breakStart("a 2.0.0")
            #expect(try bench.install("a").activation.reason?.contains("start.sh ended") == true)
            #expect(
                code { try bench.use { try $0.unblock(tree, reason: " ", by: TestBench.ada) } } == "reason_required")
            try bench.use { try $0.unblock(tree, reason: "the cable was loose", by: TestBench.ada) }
            #expect(try bench.use { try $0.plan(.change([.tree(tree)])).plan.changes.count } == 1)
        }
    }

    @Test("both versions ill: the old one stays and the device is degraded, there is no ping-pong")
    func degraded() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"))
            try bench.install("a")
            try bench.stage(SamplePack(id: "a", version: "2.0.0"))
            bench.services.makeIll("a 1.0.0", "ill")
            bench.services.makeIll("a 2.0.0", "ill")
            #expect(try bench.install("a").activation.result == .degraded)
            #expect(try bench.active() == ["a 1.0.0"])
            #expect(try bench.use { $0.engine.degraded } != nil)
        }
    }

    @Test("a pack that cannot be stopped keeps everything as it is")
    func survivor() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"))
            try bench.install("a")
            try bench.stage(SamplePack(id: "a", version: "2.0.0"))
            bench.services.refuseStops()
            #expect(throws: ServicesDouble.Fault.self) { try bench.install("a") }
            #expect(try SetTrees.active(at: bench.places).members.map { "\($0.version)" } == ["1.0.0"])
        }
    }

    @Test("the rollback target is one-shot; an earlier generation is a change of its own")
    func rollback() throws {
        try withBench { bench in
            for version in ["1.0.0", "2.0.0", "3.0.0"] {
                try bench.stage(SamplePack(id: "a", version: version))
                try bench.install("a")
            }
            #expect(code { try bench.use { _ = try $0.rollback(reason: "", by: TestBench.ada) } } == "reason_required")
            try bench.use { _ = try $0.rollback(reason: "slow", by: TestBench.ada) }
            #expect(try bench.active() == ["a 2.0.0"])
            #expect(
                code { try bench.use { _ = try $0.rollback(reason: "more", by: TestBench.ada) } }
                    == "rollback_unavailable")
            let outcome = try bench.use {
                try $0.install(.generation(1), approval: TestBench.typed, by: TestBench.ada)
            }
            #expect(outcome.plan.isDowngrade)
            #expect(try bench.active() == ["a 1.0.0"])
        }
    }

    @Test(
        "a change that fell back by itself ends the right to take the one before it back; one that switched nothing does not"
    )
    func rightEnds() throws {
        try withBench { bench in
            for version in ["1.0.0", "2.0.0"] {
                try bench.stage(SamplePack(id: "a", version: version))
                try bench.install("a")
            }
            try bench.stage(SamplePack(id: "a", version: "2.5.0", files: ["install.sh": "exit 1"]))
            #expect(throws: (any Error).self) { try bench.install("a") }
            #expect(try bench.active() == ["a 2.0.0"])
            let plan = try bench.use { try $0.plan(.takeBack).plan }
            #expect(plan.changes.map { $0.to?.version } == [SemanticVersion("1.0.0")] && !plan.needsApproval)
            #expect(try bench.looking { try $0.generations() }.first(where: \.isWayBack)?.number == 1)

            try bench.stage(SamplePack(id: "a", version: "3.0.0"))
            bench.services.makeIll("a 3.0.0", "no answer")
            #expect(try bench.install("a").activation.result == .rolledBack)
            let refusal = try #require(throws: Refusal.self) {
                try bench.use { _ = try $0.rollback(reason: "x", by: TestBench.ada) }
            }
            #expect(refusal.code == "rollback_unavailable")
            #expect(refusal.message == "The last change was taken back by itself; generation 2 is the one before it.")
            #expect(try bench.looking { try $0.generations() }.allSatisfy { !$0.isWayBack })
            #expect(try bench.active() == ["a 2.0.0"])
            // The next change that holds has a right of its own.
            try bench.stage(SamplePack(id: "a", version: "4.0.0"))
            #expect(try bench.install("a").isCommitted)
            try bench.use { _ = try $0.rollback(reason: "x", by: TestBench.ada) }
            #expect(try bench.active() == ["a 2.0.0"])
        }
    }

    @Test("what speaks against a change is said before anything is stopped: features, variables, room")
    func preflight() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a", lines: ["env: {required: [\"TOKEN\", \"REGION\"]}"]))
            try bench.setVariable("REGION", "north")
            do {
                try bench.install("a")
                Issue.record("started without TOKEN")
            } catch let refusal as Refusal {
                #expect(refusal.code == "environment_missing")
                #expect(refusal.message == "a needs TOKEN, which is not set in device.yaml.")
            }
            try bench.setVariable("TOKEN", "t")
            bench.runner.missing.withLock {
                $0 = [SandboxRefusal(.landlock, "not in this kernel", remedy: "boot another")]
            }
            do {
                try bench.install("a")
                Issue.record("started without Landlock")
            } catch let refusal as Refusal {
                #expect(refusal.code == "feature_missing")
                #expect(refusal.message == "This machine lacks what these packs need: landlock (not in this kernel).")
                #expect(refusal.remedy.hasPrefix("boot another; "))
            }
            #expect(bench.services.log == [])
            bench.runner.missing.withLock { $0 = [] }
            try bench.install("a")
            #expect(bench.runner.rooms.last?.environment == ["TOKEN": "t", "REGION": "north"])
        }
    }

    @Test("the health timeout and the shared network of the manifest reach the gate and the room")
    func fields() throws {
        try withBench { bench in
            try bench.stage(
                SamplePack(
                    id: "a",
                    lines: [
                        "safety: {health_check_timeout_seconds: 7}", "permissions: {network: shared}",
                        "resources: {memory_mb: 64}",
                    ]))
            try bench.install("a")
            #expect(bench.services.log.last == "check a 1.0.0 7 s")
            let room = try #require(bench.runner.rooms.last)
            #expect(room.network == .none, "a change reaches no network, whatever the service was granted")
            let service = try bench.use { installer in
                let set = try installer.active()
                let pack = try #require(try installer.list().first)
                return try installer.rooms.confinement(of: RunnablePack(pack: pack, set: set))
            }
            #expect(service.network == .shared)
            #expect(room.limits.memoryBytes == 64 << 20)
            #expect(room.place == "/aurora/packs/a")
            #expect(room.workingDirectory == "/aurora")
        }
    }

    @Test("a change whose core vanishes stays open: looking leaves it alone, and the next who may finishes it")
    func openChange() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"))
            bench.services.vanish()
            #expect(throws: NoVerdict.self) { try bench.install("a") }
            let device = try Device(
                places: bench.places, configuration: bench.configuration, clock: .fixed(bench.now))
            defer { device.database.close() }
            #expect(
                code {
                    _ = try PackInstaller.open(device, try bench.settings(), resuming: false) { _ in bench.services }
                }
                    == "change_open")
            bench.services.vanish(false)
            try bench.open { installer, recovery in
                #expect(recovery.report.outcome?.result == .committed)
                #expect(installer.engine.blocked().isEmpty)
            }
            #expect(try bench.logged().suffix(2) == ["pack.install refused change_open", "pack.done"])
        }
    }

    @Test("a rollback of another change than the one that was looked at is refused")
    func staleRollback() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"), SamplePack(id: "b"))
            try bench.install("a")
            let seen = try bench.use { try $0.plan(.takeBack).digest }
            try bench.install("b")
            #expect(
                code { try bench.use { _ = try $0.rollback(reason: "x", expecting: seen, by: TestBench.ada) } }
                    == "stale_plan")
            #expect(try bench.active() == ["a 1.0.0", "b 1.0.0"])
        }
    }

    @Test("two at once: the second is told that somebody else is changing the packs")
    func busy() throws {
        try withBench { bench in
            try bench.use { _ in
                #expect(code { try bench.use { _ in } } == "device_busy")
            }
        }
    }

    @Test("a collection keeps the active set, its way back, and what was staged last")
    func collection() throws {
        try withBench { bench in
            bench.configuration.store.keep = 1
            var trees: [Digest] = []
            for version in ["1.0.0", "2.0.0", "3.0.0"] {
                trees.append(try bench.stage(SamplePack(id: "a", version: version))[0].tree)
                try bench.install("a")
            }
            trees.append(try bench.stage(SamplePack(id: "a", version: "4.0.0"))[0].tree)
            let report = try bench.use { try $0.collect(by: TestBench.ada) }
            #expect(report.generations == [0, 1])
            let left = try bench.use { installer in trees.map { (try? installer.engine.hasTree($0)) == true } }
            #expect(left == [false, true, true, true])
            #expect(try bench.use { try $0.list().map { "\($0.version)" } } == ["4.0.0", "3.0.0", "2.0.0"])
        }
    }

    @Test("what stages and changes a device is in its log, refusals too, and the log verifies")
    func log() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"))
            bench.configuration.policy.console = .refuse
            #expect(code { try bench.install("a") } == "console_refused")
            bench.configuration.policy.console = .accept
            try bench.install("a")
            try bench.use { _ = try $0.rollback(reason: "no", by: TestBench.ada) }
            #expect(
                try bench.logged() == [
                    "pack.stage", "pack.install refused console_refused", "pack.install", "pack.done",
                    "pack.rollback", "pack.done",
                ])
        }
    }
}
