import AuroraModel
import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Glibc
import Synchronization
import Testing

@Suite struct SupervisorTests {
    /// A supervisor over a double, its folder, and what it was told.
    struct Bench {
        let supervisor: Supervisor
        let runner: DoubleRunner
        let folder: String
        let changes: Changes

        final class Changes: Sendable {
            let all = Mutex<[(String, ServiceTransition)]>([])
            func of(_ id: String) -> [ServiceTransition] { all.withLock { $0.filter { $0.0 == id }.map(\.1) } }
        }

        func wait(_ id: String, _ state: ServiceState) -> Bool {
            supervisor.wait(timeout: .seconds(20)) { $0[id] == state }
        }
        func row(_ id: String) -> ServiceStatus? { supervisor.status.first { $0.id == id } }
    }

    private func withBench(_ runner: DoubleRunner, _ body: (Bench) throws -> Void) throws {
        try withTemporaryDirectory { folder in
            let changes = Bench.Changes()
            let writer = try LogWriter(folder: "\(folder)/output")
            var hooks = Supervisor.Hooks()
            hooks.onChange = { id, change in changes.all.withLock { $0.append((id, change)) } }
            let supervisor = try Supervisor(runner: runner, logs: writer, runFolder: folder, seed: 1, hooks: hooks)
            defer {
                _ = supervisor.end(timeout: .seconds(20))
                writer.end()
            }
            try body(Bench(supervisor: supervisor, runner: runner, folder: folder, changes: changes))
        }
    }

    private func service(
        _ id: String, needs: [String] = [], _ change: (inout ServiceDefinition) -> Void = { _ in }
    ) -> ServiceDefinition {
        let room = Confinement(id: id, identity: SandboxIdentity(uid: getuid(), gid: getgid()), code: "/store/\(id)")
        var definition = ServiceDefinition(
            id: id, version: "1.0.0", room: room, start: ["/\(id)/start"], stop: ["/\(id)/stop"],
            health: ["/\(id)/health"])
        definition.needs = needs
        definition.settings.settleTime = .milliseconds(1)
        definition.settings.restart.base = .milliseconds(1)
        change(&definition)
        return definition
    }

    private let daemon: DoubleRunner.Command = { room in
        room.spawn("/usr/bin/daemon")
        return .exited(0)
    }

    @Test func servicesComeUpInOrderAndTheirProcessesAreNamed() throws {
        try withBench(DoubleRunner(["/app/start": daemon, "/base/start": daemon])) { bench in
            try bench.supervisor.replace([service("app", needs: ["base"]), service("base")], cause: .supervisor)
            #expect(bench.supervisor.status.map(\.state) == [.staged, .staged])
            try bench.supervisor.start(["app"], cause: .operatorAsked)
            #expect(bench.wait("app", .ready))
            #expect(bench.runner.rooms(2).map(\.room.id) == ["base", "app"])
            let row = try #require(bench.row("app"))
            #expect(row.processes == [RoomMember(pid: 4711, command: "/usr/bin/daemon")] && row.attempt == 1)
            try bench.supervisor.stop(["base"], withDependants: true, cause: .operatorAsked)
            #expect(bench.wait("base", .stopped))
            #expect(
                bench.runner.rooms(2).map { $0.state.withLock(\.ran) } == [
                    ["/base/start", "/base/stop"], ["/app/start", "/app/stop"],
                ])
            let order = bench.changes.all.withLock { $0.filter { $0.1.to == .stopped }.map(\.0) }
            #expect(order == ["app", "base"])
        }
    }

    @Test func aServiceThatDiesIsStartedAgainInANewRoom() throws {
        try withBench(DoubleRunner(["/app/start": daemon])) { bench in
            try bench.supervisor.replace([service("app")], cause: .supervisor)
            try bench.supervisor.start(["app"], cause: .supervisor)
            #expect(bench.wait("app", .ready))
            bench.runner.rooms(1)[0].die(outOfMemory: true)
            #expect(bench.runner.rooms(2).count == 2)
            #expect(bench.wait("app", .ready))
            #expect(bench.runner.rooms(2)[0].state.withLock { $0.isClosed })
            #expect(bench.changes.of("app").contains { $0.to == .backoff && $0.cause == .outOfMemory })
            #expect(bench.row("app")?.attempt == 2)
        }
    }

    @Test("defect 50: start and stop report success for processes that died")
    func deadAtOnce() throws {
        let runner = DoubleRunner([
            "/app/start": { room in
                room.spawn("short")
                room.die(.exited(1))
                return .exited(0)
            }
        ])
        try withBench(runner) { bench in
            try bench.supervisor.replace([service("app") { $0.settings.restart.budget = 2 }], cause: .supervisor)
            try bench.supervisor.start(["app"], cause: .supervisor)
            #expect(bench.wait("app", .quarantined))
            #expect(!bench.changes.of("app").contains { $0.to == .ready })
            #expect(bench.row("app")?.cause == .diedAtOnce("ended with exit status 1"))
        }
    }

    @Test func aMissingLayerIsNamedAndHoldsBackWhatNeedsTheService() throws {
        let runner = DoubleRunner(
            refusal: SandboxRefusal(.seccomp, "the kernel has none", remedy: "use another kernel"))
        try withBench(runner) { bench in
            try bench.supervisor.replace(
                [service("app", needs: ["base"]), service("base") { $0.settings.restart.mode = .never }],
                cause: .supervisor)
            try bench.supervisor.start(["app"], cause: .supervisor)
            #expect(bench.wait("base", .quarantined))
            #expect(bench.row("base")?.cause.description.contains("seccomp: the kernel has none; use another") == true)
            #expect(bench.row("app")?.state == .staged && bench.row("app")?.waitsFor == ["base"])
        }
    }

    @Test func aStopEndsAStartCommandThatHangs() throws {
        let runner = DoubleRunner([
            "/app/start": { room in
                _ = room.state.wait(timeout: .seconds(20)) { $0.ran.contains("interrupted") ? true : nil }
                return .stopped
            }
        ])
        try withBench(runner) { bench in
            try bench.supervisor.replace([service("app")], cause: .supervisor)
            try bench.supervisor.start(["app"], cause: .supervisor)
            let room = bench.runner.rooms(1)[0]
            try bench.supervisor.stop(["app"], withDependants: true, cause: .operatorAsked)
            // The double does not watch the stop signal; the real runner ends the command by it.
            room.state.change(wakingAll: true) { $0.ran.append("interrupted") }
            #expect(bench.wait("app", .stopped))
            #expect(!room.state.withLock { $0.ran.contains("/app/stop") })
        }
    }

    @Test func aHealthProbeDecidesBetweenReadyAndDegradedAndAnswersAPerson() throws {
        let isWell = Mutex(true)
        let runner = DoubleRunner([
            "/app/start": daemon, "/app/health": { _ in .exited(isWell.withLock { $0 } ? 0 : 1) },
        ])
        let definition = service("app") { definition in
            var probe = Probe(.command(definition.health))
            probe.period = .milliseconds(5)
            definition.probes = [.startup: probe, .ready: probe]
        }
        try withBench(runner) { bench in
            try bench.supervisor.replace([definition], cause: .supervisor)
            try bench.supervisor.start(["app"], cause: .supervisor)
            #expect(bench.wait("app", .ready))
            #expect(try bench.supervisor.health(of: "app").passed)
            isWell.withLock { $0 = false }
            #expect(bench.wait("app", .degraded))
            let answer = try bench.supervisor.health(of: "app")
            #expect(!answer.passed && answer.detail == "exit status 1")
            isWell.withLock { $0 = true }
            #expect(bench.wait("app", .ready))
            #expect(throws: SupervisorError.unknown("other")) { try bench.supervisor.health(of: "other") }
        }
    }

    @Test func aServiceSaysThatItIsReadyOnItsNotifySocket() throws {
        try withBench(DoubleRunner(["/app/start": daemon])) { bench in
            try bench.supervisor.replace([service("app") { $0.settings.readiness = .notify }], cause: .supervisor)
            try bench.supervisor.start(["app"], cause: .supervisor)
            let room = bench.runner.rooms(1)[0].room
            let mount = try #require(room.mounts.first { $0.inside == room.environment["NOTIFY_SOCKET"] })
            #expect(bench.supervisor.states["app"] == .starting)
            try sendDatagram("STATUS=hello\nREADY=1", to: mount.host)
            #expect(bench.wait("app", .ready))
        }
    }

    @Test func nothingStartsOnceTheSupervisorEnds() throws {
        try withBench(DoubleRunner(["/app/start": daemon])) { bench in
            try bench.supervisor.replace([service("app")], cause: .supervisor)
            try bench.supervisor.start(["app"], cause: .supervisor)
            #expect(bench.wait("app", .ready))
            #expect(bench.supervisor.end(timeout: .seconds(20)))
            #expect(bench.supervisor.states["app"] == .stopped)
            #expect(throws: SupervisorError.ended) { try bench.supervisor.start(["app"], cause: .operatorAsked) }
        }
    }

    @Test func everyChangeIsInTheServicesLogWithItsCause() throws {
        try withTemporaryDirectory { folder in
            let writer = try LogWriter(folder: folder)
            let supervisor = try Supervisor(
                runner: DoubleRunner(["/app/start": daemon]), logs: writer, runFolder: folder, seed: 1)
            try supervisor.replace([service("app")], cause: .supervisor)
            try supervisor.start(["app"], cause: .operatorAsked)
            #expect(supervisor.wait(timeout: .seconds(20)) { $0["app"] == .ready })
            #expect(supervisor.end(timeout: .seconds(20)))
            writer.end()
            let events = try writer.reader(of: "app").tail(100).lines.filter { $0.source == .event }
            #expect(events.map(\.cause) == ["operator", "ready", "supervisor", "ended"])
            #expect(events.first?.text == "STAGED -> STARTING: asked by an operator")
        }
    }

    @Test("the supervisor turns when nothing happens, and stands still when it cannot look at its services any more")
    func turns() throws {
        try withTemporaryDirectory { folder in
            let (isStuck, release) = (Monitor(false), Monitor(false))
            var hooks = Supervisor.Hooks()
            hooks.onChange = { _, _ in
                isStuck.change(wakingAll: true) { $0 = true }
                _ = release.wait(timeout: .seconds(60)) { $0 ? true : nil }
            }
            let writer = try LogWriter(folder: "\(folder)/output")
            let supervisor = try Supervisor(
                runner: DoubleRunner(["/app/start": daemon]), logs: writer, runFolder: folder, seed: 1, hooks: hooks,
                longestPause: .milliseconds(1))
            defer { writer.end() }
            #expect(eventually { supervisor.turns > 3 })
            try supervisor.replace([service("app")], cause: .supervisor)
            let start = ServiceThread(name: "stuck", stackSize: 256 << 10) {
                try? supervisor.start(["app"], cause: .supervisor)
            }
            #expect(isStuck.wait(timeout: .seconds(20)) { $0 ? true : nil } == true)
            // One turn may have begun before.
            let seen = supervisor.turns + 1
            let moved = release.wait(timeout: .milliseconds(200)) { _ in supervisor.turns > seen ? true : nil }
            #expect(moved == nil && supervisor.turns <= seen)
            release.change(wakingAll: true) { $0 = true }
            start?.join()
            #expect(eventually { supervisor.turns > seen + 3 })
            #expect(supervisor.end(timeout: .seconds(20)))
        }
    }

    @Test("how long the end takes at most follows from what runs: its stop and kill times, one after the other by need")
    func longestStop() throws {
        try withBench(DoubleRunner(["/app/start": daemon, "/base/start": daemon, "/side/start": daemon])) { bench in
            func timed(_ id: String, _ seconds: Int, needs: [String] = []) -> ServiceDefinition {
                service(id, needs: needs) {
                    $0.settings.stopTimeout = .seconds(seconds)
                    $0.settings.killGrace = .seconds(1)
                }
            }
            let all = [timed("app", 100, needs: ["base"]), timed("base", 10), timed("side", 50), timed("idle", 3600)]
            try bench.supervisor.replace(all, cause: .supervisor)
            #expect(bench.supervisor.longestStop(slack: .seconds(5)) == .zero)
            try bench.supervisor.start(["app", "side"], cause: .supervisor)
            #expect(bench.wait("app", .ready) && bench.wait("side", .ready))
            #expect(bench.supervisor.longestStop(slack: .seconds(5)) == .seconds(122))
            try bench.supervisor.stop(["app"], withDependants: false, cause: .operatorAsked)
            #expect(bench.wait("app", .stopped))
            #expect(bench.supervisor.longestStop(slack: .zero) == .seconds(51))
        }
    }
}
