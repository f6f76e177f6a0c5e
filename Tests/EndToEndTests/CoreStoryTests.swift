import AuroraModel
import AuroraPacks
import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import AuroraTrust
import Glibc
import Testing

/// The local core as a real program over real packs in real rooms.
@Suite struct CoreStoryTests {
    @Test func theCoreKeepsPacksRunningThroughKillsAndStopsThemInOrder() throws {
        try CoreMachine.with { machine in
            var core = try machine.startCore()
            var rows = try machine.allReady()
            let first = try #require(CoreMachine.pid(rows["app"]))
            #expect(rows["app"]?["processes"]?[0]?["command"]?.string == "sleep 492")
            #expect(rows["base"]?["version"]?.string == "1.0.0")

            kill(first, SIGKILL)
            rows = try machine.status {
                $0["app"]?["state"]?.string == "READY" && ($0["app"]?["attempt"]?.integer ?? 0) > 1
            }
            let second = try #require(CoreMachine.pid(rows["app"]))
            let base = try #require(CoreMachine.pid(rows["base"]))
            #expect(rows["base"]?["attempt"]?.integer == 1)

            core.send(SIGKILL)
            _ = try core.wait(timeout: .seconds(60))
            #expect(CoreMachine.isGone(second) && CoreMachine.isGone(base))

            core = try machine.startCore()
            rows = try machine.allReady()
            let last = try ["app", "base"].map { try #require(CoreMachine.pid(rows[$0])) }
            core.send(SIGTERM)
            #expect(try core.wait(timeout: .seconds(120)) == .exited(0))
            #expect(last.allSatisfy(CoreMachine.isGone))
            let events = try readText("\(machine.places.status)/events.jsonl").split(separator: "\n")
            let stopped = events.filter { $0.contains("\"to\":\"STOPPED\"") }
            #expect(stopped.first?.contains("\"app\"") == true && stopped.last?.contains("\"base\"") == true)

            // What was written is there without a core, and nothing else answers.
            let logs = try machine.aurora("pack", "logs", "app")
            #expect(logs.output.contains(" stdout up\n") && logs.output.contains(" stdout asked to stop\n"), "\(logs)")
            #expect(logs.output.contains("ended by signal 9"), "\(logs)")
            #expect(try machine.aurora("pack", "status").code == 7)
            #expect(try readText("\(machine.places.logs)/app/said").hasPrefix("started\n"))
        }
    }

    @Test func packsAreStoppedStartedAndAskedByCommand() throws {
        try CoreMachine.with { machine in
            let core = try machine.startCore(["start"])
            defer {
                core.send(SIGTERM)
                _ = try? core.wait(timeout: .seconds(120))
            }
            _ = try machine.allReady()
            #expect(try machine.aurora("pack", "health").code == 0)
            #expect(try machine.aurora("pack", "stop", "base").code == 0)
            let rows = try machine.status { $0["app"]?["state"]?.string == "STOPPED" }
            #expect(rows["base"]?["state"]?.string == "STOPPED")
            let health = try machine.aurora("pack", "health", "app")
            #expect(health.code == 1 && health.output.contains("BAD"), "\(health)")
            #expect(try machine.aurora("pack", "start", "app").code == 0)
            #expect(try machine.allReady().count == 2)
            let second = try machine.aurora("agent", "run", "--local")
            #expect(second.code == 6 && second.error.contains("a core runs on"), "\(second)")
            let unknown = try machine.aurora("pack", "start", "nobody")
            #expect(unknown.code == 3 && unknown.error.contains("nobody"), "\(unknown)")
        }
    }

    @Test("the core examines the device's database before it runs anything, and refuses one that is damaged")
    func examination() throws {
        try CoreMachine.with { machine in
            // Leaves everything in the one file.
            #expect(try machine.aurora("pack", "list").code == 0)
            let path = machine.places.database
            let sound = try DurableFile.read(path, limit: 64 << 20)
            // A page that a short command does not look at.
            let hidden = try (1..<sound.count / 4096).reversed().first { page in
                var damaged = sound
                damaged[page * 4096 + 2048] ^= 1
                try DurableFile.replace(path, contents: damaged)
                return try machine.aurora("pack", "list").code == 0
            }
            try #require(hidden != nil)
            let core = try machine.startCore()
            let outcome = try core.wait(timeout: .seconds(60))
            if outcome == nil {
                core.send(SIGTERM)
                _ = try core.wait(timeout: .seconds(120))
            }
            try #require(outcome == .exited(1), "\(outcome as Any)")
            let refused = try machine.aurora("agent", "run", "--local")
            #expect(refused.code == 1 && refused.error.contains("is damaged"), "\(refused)")
        }
    }

    @Test(arguments: [SIGTERM, SIGKILL])
    func aHubRunsBesideTheCoreAndEndsWithIt(_ signal: Int32) throws {
        try withTemporaryDirectory { folder in
            let machine = CoreMachine(state: "\(folder)/state")
            try write(
                "version: aurora-config-v1\nhub: {updater_port: 0, dashboard_port: 0}\n",
                to: "\(machine.state)/aurora.yaml")
            let said = try Descriptor.open("\(folder)/said", [.writeOnly, .create, .append])
            let core = try ChildProcess.start(
                ProcessSpec(
                    executable: Programs.aurora, arguments: ["start"],
                    environment: machine.environment.merging(["AURORA_ENABLE_AUX": "1"]) { $1 }),
                output: .descriptor(said.rawValue), errorOutput: .descriptor(said.rawValue))
            #expect(try eventually { try readText("\(folder)/said").contains("listening") })
            let hub = try #require(try children(of: core.pid).first)
            #expect(getpgid(hub) == getpgid(core.pid))
            core.send(signal)
            let outcome = try core.wait(timeout: .seconds(120))
            #expect(outcome == (signal == SIGTERM ? .exited(0) : .signalled(SIGKILL)))
            #expect(CoreMachine.isGone(hub))
        }
    }

    private func children(of pid: Int32) throws -> [Int32] {
        try readText("/proc/\(pid)/task/\(pid)/children").split(separator: " ").compactMap { Int32($0) }
    }
}
