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
    /// A state folder with two active packs, of which `app` needs `base`.
    private struct Machine {
        let state: String
        var environment: [String: String] { ["PATH": "/usr/bin:/bin", "HOME": state, "AURORA_STATE": state] }
        var places: DevicePlaces { DevicePlaces(root: "\(state)/device") }

        func aurora(_ arguments: String...) throws -> Ran {
            try run(
                Programs.aurora, arguments, environment: environment)
        }

        func startCore(_ words: [String] = ["agent", "run", "--local"]) throws -> ChildProcess {
            try ChildProcess.start(
                ProcessSpec(
                    executable: Programs.aurora, arguments: words + ["--log-format", "json"], environment: environment))
        }

        /// The rows of `aurora pack status`, once `isWanted`; empty after two minutes.
        func status(until isWanted: ([String: JSONValue]) -> Bool) throws -> [String: JSONValue] {
            let deadline = ContinuousClock.now + .seconds(120)
            while ContinuousClock.now < deadline {
                let ran = try aurora("pack", "status", "--json")
                let items = (try? JSONParser.parse(ran.output))?["items"]?.array ?? []
                let rows = Dictionary(items.map { ($0["pack"]?.string ?? "", $0) }) { $1 }
                if isWanted(rows) { return rows }
                usleep(50_000)
            }
            return [:]
        }

        func allReady() throws -> [String: JSONValue] {
            try status { rows in rows.count == 2 && rows.values.allSatisfy { $0["state"]?.string == "READY" } }
        }
    }

    private func pid(_ row: JSONValue?) -> Int32? {
        row?["processes"]?[0]?["pid"]?.integer.flatMap { Int32(exactly: $0) }
    }

    private func isGone(_ pid: Int32) -> Bool {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if kill(pid, 0) != 0 { return true }
            usleep(10_000)
        }
        return false
    }

    private func writePack(_ id: String, needs: String? = nil, to folder: String) throws {
        let scripts = [
            "install.sh": "exit 0",
            "start.sh":
                "cd \"$(dirname \"$0\")\"; echo started >>logs/said; setsid sleep 49\(needs == nil ? 1 : 2) & echo up",
            "stop.sh": "echo asked to stop; pkill sleep", "health_check.sh": "pgrep sleep",
        ]
        for (name, text) in scripts {
            try write("#!/usr/bin/env bash\n\(text)\n", to: "\(folder)/\(name)", mode: 0o755)
        }
        let dependency = needs.map { "\n  dependencies: [{pack_id: \($0), version_constraint: \">=1.0.0\"}]" } ?? ""
        try write(
            """
            schema_version: aurora-manifest-v1
            pack:
              id: \(id)
              name: \(id)
              version: 1.0.0
              description: a pack of a test
              entrypoint: {install: install.sh, start: start.sh, stop: stop.sh, health: health_check.sh}
              service: {backoff: {base_seconds: 1}}\(dependency)

            """, to: "\(folder)/manifest.yaml")
    }

    private func withMachine(_ body: (Machine) throws -> Void) throws {
        try withTemporaryDirectory { folder in
            let machine = Machine(state: "\(folder)/state")
            try writePack("base", to: "\(folder)/base")
            try writePack("app", needs: "base", to: "\(folder)/app")
            var configuration = DeviceConfiguration()
            configuration.policy.console = .accept
            configuration.policy.unsealed = .accept
            configuration.policy.unsigned = .accept
            try write(
                "version: aurora-device-v1\npolicy: {console: accept, unsealed: accept, unsigned: accept}\n",
                to: "\(machine.places.root)/device.yaml")
            try install(from: folder, on: machine, configuration)
            try body(machine)
        }
    }

    /// Stages and installs both packs, approved at the console, without a core.
    private func install(from folder: String, on machine: Machine, _ configuration: DeviceConfiguration) throws {
        let device = try Device(places: machine.places, configuration: configuration)
        let sandbox = Sandbox(launcherPath: try BuiltPrograms.path("aurora-launcher"))
        let runner = SandboxedRunner(sandbox: sandbox)
        let settings = PackInstallerSettings(
            runner: runner, unpack: UnpackChild(sandbox: sandbox, auroraPath: Programs.aurora),
            traits: DeviceTraits(machine: "x86_64"))
        let ada = Actor(name: "ada", via: .console)
        let (installer, _) = try PackInstaller.open(device, settings) {
            TemporaryServices(runner: runner, rooms: $0)
        }
        for name in ["base", "app"] { _ = try installer.stage(.folder("\(folder)/\(name)"), by: ada) }
        let wishes = ["base", "app"].compactMap { PackID($0) }.map { PackRequest.Wish.version($0, nil) }
        let outcome = try installer.install(
            .change(wishes), approval: .console(login: "1000", reason: "a test"), by: ada)
        try #require(outcome.isCommitted)
    }

    @Test func theCoreKeepsPacksRunningThroughKillsAndStopsThemInOrder() throws {
        try withMachine { machine in
            var core = try machine.startCore()
            var rows = try machine.allReady()
            let first = try #require(pid(rows["app"]))
            #expect(rows["app"]?["processes"]?[0]?["command"]?.string == "sleep 492")
            #expect(rows["base"]?["version"]?.string == "1.0.0")

            kill(first, SIGKILL)
            rows = try machine.status { $0["app"]?["state"]?.string == "READY" && $0["app"]?["attempt"]?.integer == 2 }
            let second = try #require(pid(rows["app"]))
            let base = try #require(pid(rows["base"]))
            #expect(rows["base"]?["attempt"]?.integer == 1)

            core.send(SIGKILL)
            _ = try core.wait(timeout: .seconds(60))
            #expect(isGone(second) && isGone(base))

            core = try machine.startCore()
            rows = try machine.allReady()
            let last = try ["app", "base"].map { try #require(pid(rows[$0])) }
            core.send(SIGTERM)
            #expect(try core.wait(timeout: .seconds(120)) == .exited(0))
            #expect(last.allSatisfy(isGone))
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
        try withMachine { machine in
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

    @Test(arguments: [SIGTERM, SIGKILL])
    func aHubRunsBesideTheCoreAndEndsWithIt(_ signal: Int32) throws {
        try withTemporaryDirectory { folder in
            let machine = Machine(state: "\(folder)/state")
            try write(
                "version: aurora-config-v1\nhub: {updater_port: 0, dashboard_port: 0}\n",
                to: "\(machine.state)/aurora.yaml")
            let said = try Descriptor.open("\(folder)/said", [.writeOnly, .create, .append])
            let core = try ChildProcess.start(
                ProcessSpec(
                    executable: Programs.aurora, arguments: ["start"],
                    environment: machine.environment.merging(["AURORA_ENABLE_AUX": "1"]) { $1 }),
                output: .descriptor(said.rawValue), errorOutput: .descriptor(said.rawValue))
            let deadline = ContinuousClock.now + .seconds(120)
            while try !readText("\(folder)/said").contains("listening"), ContinuousClock.now < deadline {
                usleep(20_000)
            }
            let hub = try #require(try children(of: core.pid).first)
            #expect(getpgid(hub) == getpgid(core.pid))
            core.send(signal)
            let outcome = try core.wait(timeout: .seconds(120))
            #expect(outcome == (signal == SIGTERM ? .exited(0) : .signalled(SIGKILL)))
            #expect(isGone(hub))
        }
    }

    private func children(of pid: Int32) throws -> [Int32] {
        try readText("/proc/\(pid)/task/\(pid)/children").split(separator: " ").compactMap { Int32($0) }
    }
}
