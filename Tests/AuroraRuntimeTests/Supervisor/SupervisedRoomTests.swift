import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Glibc
import Synchronization
import Testing

/// The supervisor over the real runner, with real scripts.
@Suite struct SupervisedRoomTests {
    private final class Changes: Sendable {
        let all = Mutex<[ServiceTransition]>([])
    }

    /// A pack of these scripts under supervision, started.
    private func withService(
        start: String, stop: String = "exit 0", health: String = "exit 0",
        _ change: (inout ServiceDefinition) -> Void = { _ in }, _ body: (Supervisor, LogWriter, Changes) throws -> Void
    ) throws {
        try withRoom { fixture in
            for (name, text) in [("start", start), ("stop", stop), ("health_check", health)] {
                try write("#!/bin/bash\n\(text)\n", to: "\(fixture.folder)/code/\(name).sh", mode: 0o755)
            }
            var definition = ServiceDefinition(
                id: "app", version: "1.0.0", room: fixture.room, start: ["/pack/start.sh"], stop: ["/pack/stop.sh"],
                health: ["/pack/health_check.sh"])
            definition.settings.restart.base = .milliseconds(1)
            definition.settings.killGrace = .milliseconds(300)
            change(&definition)
            try makeFolder("\(fixture.folder)/run")
            let changes = Changes()
            let logs = try LogWriter(folder: "\(fixture.folder)/output")
            var hooks = Supervisor.Hooks()
            hooks.onChange = { _, change in changes.all.withLock { $0.append(change) } }
            let supervisor = try Supervisor(
                runner: fixture.runner, logs: logs, runFolder: "\(fixture.folder)/run", seed: 5, hooks: hooks)
            defer {
                _ = supervisor.end(timeout: .seconds(60))
                logs.end()
            }
            try supervisor.replace([definition], cause: .supervisor)
            try supervisor.start(["app"], cause: .operatorAsked)
            try body(supervisor, logs, changes)
        }
    }

    /// Gives a change of the definition a name, beside the closure that follows.
    private func adjusting(
        _ change: @escaping (inout ServiceDefinition) -> Void
    ) -> (inout ServiceDefinition) -> Void { change }

    private func makeFolder(_ path: String) throws { try DurableFile.makeDirectory(path, mode: 0o700) }

    private func reaches(_ state: ServiceState, _ supervisor: Supervisor) -> Bool {
        supervisor.wait(timeout: .seconds(60)) { $0["app"] == state }
    }

    @Test func whatStartLeavesBehindIsTheServiceAndStopEndsIt() throws {
        try withService(
            start: "nohup sleep 4801 >/dev/null 2>&1 &\necho started",
            stop: "pkill -TERM sleep; echo asked to stop", health: "pgrep -x sleep >/dev/null"
        ) { supervisor, logs, _ in
            #expect(reaches(.ready, supervisor))
            let row = try #require(supervisor.status.first)
            #expect(row.processes.map(\.command) == ["sleep 4801"])
            let pid = try #require(row.processes.first?.pid)
            #expect(kill(pid, 0) == 0)
            #expect(try supervisor.health(of: "app").passed)
            try supervisor.stop(["app"], withDependants: true, cause: .operatorAsked)
            #expect(supervisor.waitUntilStopped(["app"], timeout: .seconds(60)))
            #expect(kill(pid, 0) != 0)
            #expect(supervisor.status.first?.processes.isEmpty == true)
            // A stopped pack is asked in a room of its own.
            #expect(try supervisor.health(of: "app").passed == false)
            logs.end()
            let said = try logs.reader(of: "app").tail(100).lines
            #expect(said.contains { $0.source == .output && $0.text == "started" })
            #expect(said.contains { $0.source == .output && $0.text == "asked to stop" })
        }
    }

    @Test func aServiceThatIsKilledIsStartedAgain() throws {
        try withService(start: "setsid sleep 4802 &") { supervisor, _, changes in
            #expect(reaches(.ready, supervisor))
            let first = try #require(supervisor.status.first?.processes.first?.pid)
            kill(first, SIGKILL)
            #expect(
                supervisor.wait(timeout: .seconds(60)) { _ in changes.all.withLock { $0.contains { $0.to == .backoff } }
                })
            #expect(reaches(.ready, supervisor))
            let row = try #require(supervisor.status.first)
            #expect(row.attempt == 2 && row.processes.map(\.command) == ["sleep 4802"])
        }
    }

    /// The prototype's own start script: its monitor ends by itself while the script waits, or after it has ended.
    private func prototypeStart(status: Int, isWaiting: Bool = true) -> String {
        """
        nohup ${PYTHON:-python3} - <<'PY' >/dev/null 2>&1 &
        import time, sys
        time.sleep(0.1)
        sys.exit(\(status))
        PY
        \(isWaiting ? "sleep 0.5" : "")
        echo "start script exited"
        """
    }

    @Test("defect 50: start and stop report success for processes that died")
    func prototypeStartThatFails() throws {
        let start = prototypeStart(status: 1, isWaiting: false)
        try withService(start: start, adjusting { $0.settings.restart.budget = 2 }) { supervisor, _, changes in
            #expect(reaches(.quarantined, supervisor))
            #expect(!changes.all.withLock { $0.contains { $0.to == .ready } })
            #expect(supervisor.status.first?.cause == .diedAtOnce("ended with exit status 1"))
        }
    }

    @Test("defect 50: what died unseen under a start script that waited is found by the health command")
    func prototypeStartThatHidesTheDeath() throws {
        try withService(
            start: prototypeStart(status: 1), health: "pgrep -f 'python3 -' >/dev/null || { echo no monitor; exit 1; }",
            adjusting {
                var probe = Probe(.command($0.health))
                probe.period = .milliseconds(20)
                $0.probes = [.startup: probe]
                $0.settings.readyTimeout = .milliseconds(500)
                $0.settings.restart.budget = 1
            }
        ) { supervisor, _, changes in
            #expect(reaches(.quarantined, supervisor))
            #expect(!changes.all.withLock { $0.contains { $0.to == .ready } })
            #expect(supervisor.status.first?.cause == .notReady("exit status 1: no monitor"))
        }
    }

    @Test func aMonitorThatEndsWellIsDoneAndTheHealthCommandDecides() throws {
        try withService(start: prototypeStart(status: 0)) { supervisor, _, _ in
            #expect(reaches(.ready, supervisor))
            let row = try #require(supervisor.status.first)
            #expect(row.isDone && row.cause == .done && row.processes.isEmpty)
        }
    }

    @Test func aServiceThatIgnoresSIGTERMAndAStopScriptThatHangsAreKilled() throws {
        try withService(
            start: "(trap '' TERM; while :; do sleep 1; done) &\necho up", stop: "sleep 4803",
            adjusting { $0.settings.stopTimeout = .milliseconds(300) }
        ) { supervisor, logs, _ in
            #expect(reaches(.ready, supervisor))
            let pids = supervisor.status.first?.processes.map(\.pid) ?? []
            #expect(!pids.isEmpty)
            try supervisor.stop(["app"], withDependants: true, cause: .operatorAsked)
            #expect(supervisor.waitUntilStopped(["app"], timeout: .seconds(60)))
            #expect(pids.allSatisfy { kill($0, 0) != 0 })
            #expect(supervisor.status.first?.cause == .ended(survivors: 0))
            logs.end()
            #expect(
                try logs.reader(of: "app").tail(100).lines.contains {
                    $0.text == "the stop command was still running at its time limit"
                })
        }
    }

    @Test func aStartScriptThatHangsIsEndedByAStop() throws {
        try withService(start: "sleep 4804") { supervisor, _, _ in
            try supervisor.stop(["app"], withDependants: true, cause: .operatorAsked)
            #expect(supervisor.waitUntilStopped(["app"], timeout: .seconds(60)))
            #expect(reaches(.stopped, supervisor))
        }
    }

    @Test(arguments: [
        ("exit 78", ServiceState.quarantined, ServiceCause.exited(78)), ("exit 0", .ready, .done),
        ("kill -SEGV $BASHPID", .quarantined, .signalled(11)),
    ])
    func howTheServiceEndedDecidesWhatFollows(_ end: String, _ state: ServiceState, _ cause: ServiceCause) throws {
        try withService(
            start: "(while [ ! -e /data/go ]; do sleep 0.05; done; \(end)) &\necho up", health: "touch /data/go",
            adjusting { $0.settings.restart.budget = 1 }
        ) { supervisor, _, _ in
            #expect(reaches(.ready, supervisor))
            _ = try supervisor.health(of: "app")
            let isThere = eventually { supervisor.status.first.map { $0.state == state && $0.cause == cause } ?? false }
            #expect(isThere, "\(supervisor.status)")
        }
    }

    @Test func memoryThatRanOutIsNamedAsTheCause() throws {
        try withService(
            start: "(sleep 0.5; head -c 400m /dev/zero | tail) >/dev/null &",
            adjusting {
                $0.room.limits.memoryBytes = 64 << 20
                $0.settings.restart.mode = .never
            }
        ) { supervisor, _, _ in
            #expect(reaches(.quarantined, supervisor))
            #expect(supervisor.status.first?.cause == .outOfMemory)
        }
    }

    @Test func aServiceSaysFromItsRoomThatItIsReady() throws {
        let start = """
            python3 -c '
            import os, socket, time
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.sendto(b"READY=1\\n", os.environ["NOTIFY_SOCKET"])
            time.sleep(4805)
            ' &
            """
        try withService(start: start, adjusting { $0.settings.readiness = .notify }) { supervisor, _, _ in
            #expect(reaches(.ready, supervisor))
        }
    }

    @Test func aFloodOfOutputIsCountedAndHoldsTheServiceUpInNothing() throws {
        try withService(
            start: "(head -c 20m /dev/zero | tr '\\0' 'x' | fold -w 100; touch /data/through; sleep 4806) &",
            health: "test -e /data/through",
            adjusting {
                var probe = Probe(.command($0.health))
                probe.period = .milliseconds(100)
                $0.probes = [.startup: probe]
            }
        ) { supervisor, _, _ in
            #expect(reaches(.ready, supervisor))
            let dropped = try #require(supervisor.status.first?.droppedBytes)
            #expect(dropped > 10 << 20)
        }
    }

    @Test func everythingHasGoneWhenTheSupervisorEnds() throws {
        var pids: [Int32] = []
        try withService(start: "setsid -f sleep 4807; sleep 4807 &") { supervisor, _, _ in
            #expect(reaches(.ready, supervisor))
            pids = supervisor.status.first?.processes.map(\.pid) ?? []
            #expect(pids.count == 2)
            #expect(supervisor.end(timeout: .seconds(60)))
            #expect(pids.allSatisfy { kill($0, 0) != 0 })
        }
    }
}
