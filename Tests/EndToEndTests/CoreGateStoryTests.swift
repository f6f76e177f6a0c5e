import AuroraModel
import AuroraPacks
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

/// A change that is in its gate, where the new packs run and are judged, when everything around it ends.
@Suite struct CoreGateStoryTests {
    /// Stages version 2 of `app`, which is healthy once `logs/go` is there; the words that install it, with an approval.
    ///
    /// Each time it is asked it adds a line to `logs/asked`.
    private func prepareNext(_ machine: CoreMachine) throws -> [String] {
        let (next, plan, secret) = ("\(machine.state)/next", "\(machine.state)/plan", "\(machine.state)/secret")
        try CoreMachine.writePack("app", "2.0.0", needs: "base", to: next)
        try write(
            "#!/usr/bin/env bash\ncd \"$(dirname \"$0\")\"; echo asked >>logs/asked; [ -e logs/go ]\n",
            to: "\(next)/health_check.sh", mode: 0o755)
        try write(
            readText("\(next)/manifest.yaml") + "  safety: {health_check_timeout_seconds: 3600}\n",
            to: "\(next)/manifest.yaml")
        try write("a passphrase of a test\n", to: secret, mode: 0o600)
        func must(_ words: String...) throws -> String {
            let ran = try run(Programs.aurora, words, environment: machine.environment)
            try #require(ran.code == 0, "\(words): \(ran)")
            return ran.output
        }
        _ = try must("key", "generate", "--name", "ann", "--passphrase-file", secret)
        let key = try must("key", "export-public").split(separator: "\n").joined()
        try write(
            """
            version: aurora-device-v1
            policy: {unsealed: accept, unsigned: accept}
            operators: [{name: ann, keys: ["\(key)"]}]

            """, to: "\(machine.places.root)/device.yaml")
        _ = try must("pack", "stage", next)
        _ = try must("pack", "plan", "app@2.0.0", "--out", plan)
        _ = try must(
            "pack", "approve", plan, "--operator", "ann", "--passphrase-file", secret, "--reason", "a test")
        return ["pack", "install", "app@2.0.0", "--approval", "\(plan).approval"]
    }

    /// How often the new version was asked for its health.
    private func asked(_ machine: CoreMachine) -> Int {
        (try? readText("\(machine.places.logs)/app/asked").split(separator: "\n").count) ?? 0
    }

    @Test("a core told to end while it judges an interrupted change ends soon, and the next one finishes that change")
    func endInGate() throws {
        try CoreMachine.with { machine in
            var core = try machine.startCore()
            _ = try machine.allReady()
            let said = try Descriptor.open("\(machine.state)/said", [.writeOnly, .create, .append])
            let installer = try ChildProcess.start(
                ProcessSpec(
                    executable: Programs.aurora, arguments: prepareNext(machine), environment: machine.environment),
                output: .descriptor(said.rawValue), errorOutput: .descriptor(said.rawValue))
            let isJudged = eventually { asked(machine) > 0 }
            let words = try readText("\(machine.state)/said")
            try #require(isJudged, "\(words)")
            for process in [installer, core] { process.send(SIGKILL) }
            for process in [installer, core] { #expect(try process.wait(timeout: .seconds(60)) == .signalled(SIGKILL)) }

            // The gate would take an hour.
            core = try machine.startCore()
            let before = asked(machine)
            try #require(eventually { asked(machine) > before })
            core.send(SIGTERM)
            #expect(try core.wait(timeout: .seconds(120)) == .exited(0))
            #expect(try readText("\(machine.places.live)/app/manifest.yaml").contains("version: 2.0.0"))

            try write("", to: "\(machine.places.logs)/app/go")
            core = try machine.startCore()
            let rows = try machine.allReady()
            #expect(rows["app"]?["version"]?.string == "2.0.0" && rows["base"]?["version"]?.string == "1.0.0")
            let info = try JSONParser.parse(machine.aurora("pack", "info", "app", "--json").output)
            #expect(info["blocked"]?.array?.isEmpty == true && info["active"]?["version"]?.string == "2.0.0")
            // The packs are ready a moment before the change has its end in the log.
            var acts: [String] = []
            let isDone = try eventually {
                let log = try JSONParser.parse(machine.aurora("device", "log", "--json").output)["items"]?.array ?? []
                acts = log.compactMap { $0["action"]?.string }
                return acts.filter { $0 == AuditAct.packDone.rawValue }.count == 2
            }
            #expect(isDone, "\(acts)")
            #expect(
                acts.last == AuditAct.packDone.rawValue && !acts.contains(AuditAct.packRolledBack.rawValue), "\(acts)")
            core.send(SIGTERM)
            #expect(try core.wait(timeout: .seconds(120)) == .exited(0))
        }
    }
}
