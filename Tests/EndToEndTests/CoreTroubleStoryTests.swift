import AuroraModel
import AuroraPacks
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

/// The local core as a real program when something around it is not as it should be.
@Suite struct CoreTroubleStoryTests {
    private func end(_ core: ChildProcess) throws -> Bool {
        core.send(SIGTERM)
        return try core.wait(timeout: .seconds(120)) == .exited(0)
    }

    @Test("a core that finds another program changing the device waits and says so, and ends when it is told to")
    func busyDevice() throws {
        try CoreMachine.with { machine in
            var lock: FileLock? = try FileLock(path: "\(machine.places.root)/lock")
            func isWaiting() throws -> Bool {
                let ran = try machine.aurora("pack", "status")
                return ran.code != 0 && ran.error.contains("another command is changing this device")
            }
            var core = try machine.startCore()
            #expect(try eventually(isWaiting))
            #expect(try end(core))

            core = try machine.startCore()
            #expect(try eventually(isWaiting))
            lock = nil
            #expect(try machine.allReady().count == 2)
            #expect(try end(core))
            withExtendedLifetime(lock) {}
        }
    }

    /// A command whose words are read while it runs.
    private func start(_ words: [String], on machine: CoreMachine) throws -> (process: ChildProcess, said: String) {
        let said = "\(machine.state)/command"
        let file = try Descriptor.open(said, [.writeOnly, .create, .append])
        let spec = ProcessSpec(executable: Programs.aurora, arguments: words, environment: machine.environment)
        return (
            try ChildProcess.start(
                spec, output: .descriptor(file.rawValue), errorOutput: .descriptor(file.rawValue)), said
        )
    }

    private func runsNothing(_ machine: CoreMachine) throws -> Bool {
        try JSONParser.parse(machine.aurora("pack", "status", "--json").output)["items"]?.array?.isEmpty == true
    }

    @Test("a command that waited for the device while a core started changes the packs through that core")
    func coreInBetween() throws {
        try CoreMachine.with { machine in
            let archive = "\(machine.state)/base.tar"
            #expect(try machine.aurora("pack", "export-data", "base", "--out", archive).code == 0)
            var lock: FileLock? = try FileLock(path: "\(machine.places.root)/lock")
            let (command, said) = try start(["pack", "import-data", "base", archive, "--reason", "x"], on: machine)
            #expect(try eventually { try readText(said).contains("waiting for its end") })
            command.send(SIGSTOP)
            lock = nil
            let core = try machine.startCore()
            let pid = try #require(CoreMachine.pid(try machine.allReady()["base"]))
            command.send(SIGCONT)
            #expect(try command.wait(timeout: .seconds(120)) == .exited(0))
            // A pack that went on would write into the folder that was put aside.
            #expect(CoreMachine.isGone(pid))
            #expect(try machine.allReady()["base"]?["attempt"]?.integer == 2)
            #expect(try end(core))
            withExtendedLifetime(lock) {}
        }
    }

    @Test("a second change waits for the one that goes through the core; what cannot wait ends as a conflict")
    func twoAtOnce() throws {
        try CoreMachine.with { machine in
            let core = try machine.startCore()
            _ = try machine.allReady()
            let client = try CoreClient(machine.places)
            try client.beginChange()
            let (command, said) = try start(["pack", "rollback", "--reason", "a test"], on: machine)
            #expect(try eventually { try readText(said).contains("waiting for its end") })
            let stop = try machine.aurora("pack", "stop", "app")
            #expect(stop.code == 6)
            #expect(stop.error.contains("next: wait for the end of the change"))
            try client.endChange()
            #expect(try command.wait(timeout: .seconds(120)) == .exited(0))
            #expect(try eventually { try runsNothing(machine) })
            #expect(try end(core))
        }
    }

    @Test("a core does not start with a mistake in device.yaml, and says where it is and what to write")
    func mistakenConfiguration() throws {
        try withTemporaryDirectory { state in
            try FileTree.makeFolders("\(state)/device", mode: 0o755)
            try write("version: aurora-device-v1\nstore: {keep: many}\n", to: "\(state)/device/device.yaml")
            let environment = ["PATH": "/usr/bin:/bin", "HOME": state, "AURORA_STATE": state]
            for command in [["start"], ["agent", "run", "--local"]] {
                let ran = try run(Programs.aurora, command, environment: environment)
                #expect(ran.code == 2 && ran.output.isEmpty, "\(ran)")
                #expect(ran.error.contains("device.yaml:2:15: store.keep: \"many\" is not a whole number"), "\(ran)")
                #expect(ran.error.contains("\n  next: write a whole number from 1 to 1000"), "\(ran)")
            }
        }
    }

    @Test("a core that has no descriptor to spare serves who has asked meanwhile as soon as it has one")
    func noDescriptors() throws {
        try CoreMachine.with { machine in
            let said = try Descriptor.open("\(machine.state)/said", [.writeOnly, .create, .append])
            let core = try ChildProcess.start(
                ProcessSpec(
                    executable: Programs.aurora, arguments: ["agent", "run", "--local"],
                    environment: machine.environment),
                output: .descriptor(said.rawValue), errorOutput: .descriptor(said.rawValue))
            _ = try machine.allReady()
            func limit(_ count: Int) throws -> Int32 {
                try run("/usr/bin/prlimit", ["--pid", "\(core.pid)", "--nofile=\(count):"]).code
            }
            #expect(try limit(3) == 0)
            // Accepting may have begun before the limit: that one is let in.
            let clients = try [CoreClient(machine.places), CoreClient(machine.places)]
            #expect(try eventually { try readText("\(machine.state)/said").contains("lets nobody in at the moment") })
            #expect(try limit(1024) == 0)
            for client in clients { #expect(try client.status().count == 2) }
            #expect(try eventually { try readText("\(machine.state)/said").contains("lets clients in again") })
            #expect(try end(core))
        }
    }

    @Test("looking at packs beside a core starts nothing again, and their run-time facts are written when they change")
    func looking() throws {
        try CoreMachine.with { machine in
            let core = try machine.startCore()
            let before = try machine.allReady()
            let pid = try #require(CoreMachine.pid(before["app"]))
            func runtime() throws -> JSONValue {
                try JSONParser.parse(machine.aurora("pack", "info", "app", "--json").output)["runtime"] ?? .null
            }
            #expect(try eventually { try runtime()["state"]?.string == "READY" })
            let facts = try runtime()
            let cgroup = try #require(facts["cgroup"]?.string)
            #expect(try readText("\(cgroup)/cgroup.procs").split(separator: "\n").contains("\(pid)"))
            #expect(facts["root"]?.string?.hasPrefix("\(machine.places.root)/store/") == true)
            #expect(facts["generation"]?.integer == 1)
            for words in [["pack", "list"], ["pack", "verify"], ["pack", "info", "base"], ["pack", "health"]] {
                #expect(try run(Programs.aurora, words, environment: machine.environment).code == 0)
            }
            #expect(try machine.aurora("pack", "plan", "app").code != 0, "nothing to change")
            let after = try machine.allReady()
            for id in ["app", "base"] {
                #expect(CoreMachine.pid(after[id]) == CoreMachine.pid(before[id]))
                #expect(after[id]?["attempt"]?.integer == 1)
            }
            #expect(try runtime()["version"] == facts["version"], "a health check is no change")
            #expect(try end(core))
            #expect(try runtime()["state"]?.string == "STOPPED")
            #expect(try runtime()["cgroup"]?.isNull == true)
        }
    }

    @Test(
        "a layer that the machine lacks is named by the plan, the doctor and the facts, and refuses before anything changes",
        .enabled(if: geteuid() == 0, "only root can hide the cgroups"))
    func missingLayer() throws {
        try CoreMachine.with { machine in
            func hidden(_ words: String...) throws -> Ran {
                try run(
                    "/usr/bin/unshare",
                    [
                        "--mount", "--propagation", "private", "sh", "-c",
                        "umount -R -l /sys/fs/cgroup && exec \"$@\"", "sh", Programs.aurora,
                    ] + words, environment: machine.environment)
            }
            try CoreMachine.writePack("app", "2.0.0", needs: "base", to: "\(machine.state)/next")
            #expect(try machine.aurora("pack", "stage", "\(machine.state)/next").code == 0)
            let plan = try hidden("pack", "plan", "app@2.0.0", "--json")
            #expect(
                try JSONParser.parse(plan.output)["plan"]?["missingFeatures"]?.array?.map(\.string) == ["cgroup"],
                "\(plan)")
            for command in ["dry-run", "install"] {
                let refused = try hidden("pack", command, "app@2.0.0")
                #expect(refused.code != 0 && refused.error.contains("cgroup (no cgroups are mounted)"), "\(refused)")
            }
            #expect(try hidden("doctor").output.contains("packs cannot have the layer cgroup"))
            let facts = try JSONParser.parse(hidden("device", "facts", "--json").output)
            #expect(facts["missing_layers"]?[0]?["layer"]?.string == "cgroup")
            #expect(try hidden("device", "facts").output.contains("cgroup: no cgroups are mounted"))

            let clear = try machine.aurora("pack", "plan", "app@2.0.0", "--json")
            #expect(try JSONParser.parse(clear.output)["plan"]?["missingFeatures"]?.array?.isEmpty == true)
            #expect(
                try JSONParser.parse(machine.aurora("device", "facts", "--json").output)["missing_layers"]?.array?
                    .isEmpty == true)
            #expect(try readText("\(machine.places.live)/app/manifest.yaml").contains("version: 1.0.0"))
        }
    }
}
