import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

@Suite("Programs outside of rooms")
struct HostRunnerTests {
    private let runner: HostRunner

    init() throws { runner = HostRunner(sandbox: Sandbox(launcherPath: try BuiltPrograms.path("aurora-launcher"))) }

    @Test("a program says how it ended, and gets its input, folder and variables")
    func runs() throws {
        var host = HostCommand()
        host.environment = ["COLOUR": "blue"]
        host.workingDirectory = "/usr"
        var options = ConfinedRun()
        options.input = .bytes(Array("in".utf8))
        let result = try runner.run(["/bin/bash", "-c", "cat; echo $COLOUR; pwd; echo bad >&2; exit 4"], host, options)
        #expect(result.text == "inblue\n/usr\n" && result.errorText == "bad\n")
        #expect(result.cause == .exited(4))
        #expect(try runner.run(["/bin/bash", "-c", "kill -9 $$"]).cause == .signalled(SIGKILL))
    }

    @Test("defect 47: only the variables that are named are inherited")
    func environment() throws {
        setenv("AURORA_HOST_SECRET", "swordfish", 1)
        var host = HostCommand()
        #expect(!(try runner.run(["/usr/bin/env"], host).text.contains("swordfish")))
        host.inherited = ["AURORA_HOST_SECRET"]
        #expect(try runner.run(["/usr/bin/env"], host).text == "AURORA_HOST_SECRET=swordfish\n")
    }

    @Test(
        "defect 47: at the time limit detached grandchildren die, with a cgroup and without one",
        arguments: [true, false])
    func timeLimit(_ hasGroup: Bool) throws {
        let marker = "4721.\(UInt32.random(in: 0 ... .max))"
        var options = ConfinedRun(timeout: .milliseconds(500))
        options.killGrace = .milliseconds(100)
        let script = "trap '' TERM; (setsid -f bash -c 'trap \"\" TERM; setsid -f sleep \(marker)'); sleep \(marker)"
        let command = ["/bin/bash", "-c", script]
        if hasGroup {
            #expect(try runner.run(command, HostCommand(), options).cause == .timedOut)
        } else {
            let keeper = Sandbox(launcherPath: try BuiltPrograms.path("aurora-launcher"))
            let room = try HostRunner(sandbox: keeper, usesGroups: false).run(command, HostCommand(), options)
            #expect(room.cause == .timedOut)
        }
        #expect(try survivors(marker) == [])
    }

    @Test("defect 47: a missing program is a refusal that names it, not a crash")
    func missing() throws {
        let refusal = try #require(throws: SandboxRefusal.self) { try runner.run(["/nonexistent/tool"]) }
        #expect(refusal.layer == .program)
        #expect(refusal.detail.contains("/nonexistent/tool"))
    }

    @Test("defect 47: a flood of bytes that are no text is taken in bounded memory")
    func flood() throws {
        let result = try runner.run([try AttackProgram.path, "flood", "200"])
        #expect(result.cause == .exited(0) && result.truncated)
        #expect(result.output.count == 64 << 10)
        #expect(result.output.allSatisfy { $0 == 0xff })
    }

    @Test("defect 47: background programs are listed, collected when they end, and ended")
    func background() throws {
        let sink = Collected()
        let marker = "4722.\(UInt32.random(in: 0 ... .max))"
        let room = try runner.open(output: sink)
        #expect(try room.bash("(echo from behind; setsid -f sleep \(marker)) & (exit 3) & wait; echo done").isSuccess)
        #expect(eventually { room.members().map(\.command) == ["sleep \(marker)"] })
        #expect(sink.text().contains("from behind\n"))
        #expect(room.close(grace: .seconds(5)) == [])
        #expect(try survivors(marker) == [])
    }

    @Test("a stop signal ends it, and the cause says so")
    func stop() throws {
        let stop = try StopSignal()
        var options = ConfinedRun()
        options.stop = stop
        stop.raise()
        #expect(try runner.run(["/bin/sleep", "600"], HostCommand(), options).cause == .stopped)
    }

    @Test("limits of all together need cgroups and hold", .enabled(if: SandboxIdentity.own.uid == 0, "needs root"))
    func together() throws {
        var host = HostCommand()
        host.together = CgroupLimits(memoryBytes: 64 << 20, processes: 32)
        #expect(try runner.run([try AttackProgram.path, "memory", "300"], host).cause == .outOfMemory)
    }

    @Test("limits of each process hold")
    func limits() throws {
        var host = HostCommand()
        host.limits = [ResourceLimit(.addressSpace, 128 << 20), ResourceLimit(.coreBytes, 0)]
        let memory = try runner.run([try AttackProgram.path, "memory", "300"], host)
        #expect(memory.cause == .exited(1))
        host.limits = [ResourceLimit(.cpuSeconds, 1), ResourceLimit(.coreBytes, 0)]
        let spin = try runner.run([try AttackProgram.path, "spin", "60000"], host)
        #expect([.signalled(SIGKILL), .signalled(SIGXCPU)].contains(spin.cause))
    }

    @Test(
        "the number of processes that each user may have holds where no cgroup does, and not for root",
        .enabled(if: SandboxIdentity.own.uid == 0, "needs root"))
    func processesOfAUser() throws {
        try withTemporaryDirectory { folder in
            try #require(chmod(folder, 0o755) == 0)
            let attack = "\(folder)/attack"
            try copyProgram(try AttackProgram.path, to: attack)
            var host = HostCommand()
            host.limits = [ResourceLimit(.processes, 40), ResourceLimit(.coreBytes, 0)]
            host.environment = ["AURORA_IN_THE_OPEN": "1"]
            let alone = HostRunner(
                sandbox: Sandbox(launcherPath: try BuiltPrograms.path("aurora-launcher")), usesGroups: false)
            // A user that no other test has.
            host.identity = SandboxIdentity(uid: 1_879_100_021, gid: 1_879_100_021)
            let bounded = try alone.run([attack, "forks", "200"], host)
            #expect(bounded.cause == .exited(1))
            #expect((30..<40).contains(try #require(Int(bounded.text.dropLast()))))
            // Only a second fence: the kernel does not count root.
            host.identity = .own
            #expect(try alone.run([attack, "forks", "200"], host).text == "200\n")
        }
    }

    @Test("when the supervisor is killed, nothing it started goes on")
    func supervisor() async throws {
        let launcher = try BuiltPrograms.path("aurora-launcher")
        let marker = "4723.\(UInt32.random(in: 0 ... .max))"
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [launcher = launcher as String, marker = marker as String] in
            let runner = HostRunner(sandbox: Sandbox(launcherPath: launcher), usesGroups: false)
            let room = try runner.open(output: Collected())
            _ = try room.bash("(setsid -f bash -c 'setsid -f sleep \(marker)'); echo")
            guard eventually({ room.members().contains { $0.command == "sleep \(marker)" } }) else { exit(1) }
            kill(getpid(), SIGKILL)
        }
        #expect(eventually { (try? survivors(marker)) == [] })
    }

    private func survivors(_ marker: String) throws -> [UInt8] {
        try Processes.run(ProcessSpec(executable: "/usr/bin/pgrep", arguments: ["-f", "sleep \(marker)"])).output
    }
}
