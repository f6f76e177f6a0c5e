import AuroraCrypto
import AuroraFetch
import AuroraModel
import AuroraSystem
import AuroraTrust
import Glibc

/// The demo's device: the packs that come with Aurora, approved by Owen, each in a sandbox of its own.
///
/// It types what an operator would type: every step is a command of this very program.
final class DemoDevice {
    private let demo: Demo
    private let port: ReservedPort
    private var core: ChildProcess?

    private var screen: DemoScreen { demo.screen }
    private var root: String { demo.places.root + "/device" }
    private var packs: String { root + "/packs" }
    private var passphrase: String { root + "/passphrase" }

    init(demo: Demo) throws {
        self.demo = demo
        port = try ReservedPort(near: 9720)
    }

    /// Plays the act, where this machine lets it.
    func play(_ people: DemoPeople) throws {
        screen.chapter("A device, and packs from a folder: approved like everything else, each in its own sandbox")
        guard geteuid() == 0 else {
            return screen.leftOut("packs run as users of their own under limits, which only root can set")
        }
        guard LocalFile.exists("/usr/bin/python3") else { return screen.leftOut("the packs are written in Python 3") }
        defer { stop() }
        try setUp(people)
        try refusedAndInstalled()
        try demo.signals.check()
        try sickVersion()
        try rollBack()
        try proof()
    }

    /// Ends the core, and with it every pack.
    func stop() {
        core?.terminate()
        if ((try? core?.wait(timeout: .seconds(20))) ?? nil) == nil { core?.kill() }
        core = nil
    }

    // MARK: Acts

    private func setUp(_ people: DemoPeople) throws {
        for folder in [root, packs] { try FolderMaker.make(folder, mode: 0o755) }
        let sources = try demo.invocation.comesWith("packs/pack-status", inSources: "packs/pack-status")
        for pack in ["pack01_pack01", "pack-status"] {
            try FileTree.copy(from: "\(sources)/../\(pack)", to: "\(packs)/\(pack)")
        }
        // Its port must be free on whatever machine this is.
        try edit("pack-status/status_service/server.py", "DEFAULT_PORT = 9720", "DEFAULT_PORT = \(port.number)")
        try LocalFile.write(passphrase, Array(DemoPeople.passphrase.utf8), mode: 0o600)
        try LocalFile.write(
            root + "/owen.pub", Array("\(OperatorPublicKey(key: people.owenKey.publicKey, name: "owen"))\n".utf8))
        try must(
            "device", "init", "--name", "gateway-1", "--operator-key", "owen=\(root)/owen.pub", "--accept-unsigned")
        try startCore()
        screen.done("a device of its own, its core running", "it takes what owen signs, and nothing else")
    }

    private func refusedAndInstalled() throws {
        for pack in ["pack01_pack01", "pack-status"] { try must("pack", "stage", "\(packs)/\(pack)") }
        screen.done("staged pack01_pack01 and pack-status", "read, measured, not active")
        let refused = try aurora("pack", "install", "pack-status")
        guard refused.error.text("code") == "approval_required" else {
            throw broken("an install without approval", refused)
        }
        screen.refused("an install nobody approved", refused.commandError)
        try must(install("pack-status"))
        screen.done("owen signs the plan; rehearsed in the sandbox, switched with one rename", "both packs are healthy")
        screen.done("the device's page, from inside the sandbox", try page())
    }

    private func sickVersion() throws {
        try edit("pack-status/manifest.yaml", "version: \"1.0.0\"", "version: \"1.0.1\"")
        // What is sick is taken back when its time is over; here nobody should have to wait half a minute for that.
        try edit("pack-status/manifest.yaml", "health_check_timeout_seconds: 30", "health_check_timeout_seconds: 1")
        try edit("pack-status/manifest.yaml", "  permissions:", "  service: {start_timeout_seconds: 2}\n  permissions:")
        try edit("pack-status/health_check.sh", "set -euo pipefail", "echo 'sick on purpose' >&2; exit 2")
        try must("pack", "stage", "\(packs)/pack-status")
        let ended = try aurora(try install("pack-status"))
        guard ended.exit == ExitCode.rolledBack.rawValue else { throw broken("a sick version", ended) }
        screen.done("1.0.1 is not healthy: taken back by itself", ended.data.text("reason"))
        screen.done("the page again", try page())
    }

    private func rollBack() throws {
        // The right to take the packs back without a word of owen's ended with the version that was sick.
        let plan = try approved("pack", ["--generation", "0"])
        let ended = try must("pack", "rollback", "--to", "0", "--approval", plan + ".approval")
        screen.done(
            "owen signs that the packs go, in one step",
            "generation \(ended.data["generation"]?.integer ?? -1) is active")
    }

    private func proof() throws {
        let folder = root + "/log"
        try must("device", "log", "--export", folder)
        let report = try must("audit", "verify", folder)
        screen.done("the device's own log, verified", "\(report.data["entries"]?.integer ?? 0) entries")
    }

    // MARK: Steps

    /// Plans, has Owen sign the plan's bytes, and answers the words that install it.
    private func install(_ pack: String) throws -> [String] {
        ["pack", "install", pack, "--approval", try approved(pack, [pack]) + ".approval"]
    }

    /// Plans, and has Owen sign the plan's bytes; the file of the plan.
    private func approved(_ name: String, _ words: [String]) throws -> String {
        let plan = "\(root)/\(name).plan"
        try must(["pack", "plan"] + words + ["--out", plan])
        try must(
            "pack", "approve", plan, "--operator", "owen", "--key", demo.places.owenKey, "--passphrase-file",
            passphrase,
            "--reason", "owen read the plan")
        return plan
    }

    private func edit(_ file: String, _ old: String, _ new: String) throws {
        let path = "\(packs)/\(file)"
        let text = String(decoding: try LocalFile.read(path, what: "pack"), as: UTF8.self)
        guard text.contains(old) else { throw CommandError("\(file) is not as the demo knows it", code: "demo_broken") }
        try LocalFile.write(path, Array(text.replacing(old, with: new).utf8))
    }

    /// What the service in the pack says of the services of the device.
    private func page() throws -> String {
        let answer = try HTTPClient().perform(
            ClientRequest(url: "http://127.0.0.1:\(port.number)/status.json"), download: .memory(limit: 1 << 20))
        let services = try JSONParser.parse(Array(answer.text.utf8))["services"]?.object
        let words = (services?.members ?? []).map { "\($0.key) is \($0.value.text("state"))" }
        return "http://127.0.0.1:\(port.number)/: " + words.joined(separator: ", ")
    }

    // MARK: The program

    private func startCore() throws {
        let log = try Descriptor.open(root + "/core.log", [.writeOnly, .create, .append])
        let started = try ChildProcess.start(
            spec(["agent", "run", "--local"]), output: .descriptor(log.rawValue), errorOutput: .descriptor(log.rawValue)
        )
        core = started
        let deadline = ContinuousClock.now + .seconds(30)
        while try aurora("pack", "status").exit != 0 {
            try demo.signals.check()
            if let outcome = try started.wait(timeout: .milliseconds(50)) {
                throw CommandError("the core did not start: \(outcome)", code: "demo_failed")
            }
            guard ContinuousClock.now < deadline else {
                throw CommandError("the core did not get ready in 30 s", code: "demo_failed")
            }
        }
    }

    private func spec(_ arguments: [String]) -> ProcessSpec {
        var environment = demo.invocation.surroundings.environment
        environment["AURORA_STATE"] = root + "/state"
        return ProcessSpec(
            executable: demo.invocation.surroundings.executable, arguments: arguments, environment: environment,
            outputLimit: 1 << 20, timeout: .seconds(120))
    }

    /// How a command ended, and what it said.
    private struct Ended {
        let exit: Int32
        let data: JSONValue
        let error: JSONValue

        var commandError: CommandError {
            CommandError(
                error.text("message"), cause: error.text("cause"), remedy: error.text("hint"), code: error.text("code"))
        }
    }

    private func aurora(_ arguments: String...) throws -> Ended { try aurora(arguments) }

    private func aurora(_ arguments: [String]) throws -> Ended {
        let result = try Processes.run(spec(arguments + ["--json"]))
        let exit: Int32 = if case .exited(let code) = result.outcome { code } else { -1 }
        let said =
            String(decoding: result.errorOutput, as: UTF8.self).split(separator: "\n").last.map(String.init) ?? ""
        return Ended(
            exit: exit, data: (try? JSONParser.parse(result.output)) ?? .null,
            error: (try? JSONParser.parse(Array(said.utf8)))?["error"] ?? .string(said))
    }

    @discardableResult
    private func must(_ arguments: String...) throws -> Ended { try must(arguments) }

    @discardableResult
    private func must(_ arguments: [String]) throws -> Ended {
        let ended = try aurora(arguments)
        guard ended.exit == 0 else { throw broken("aurora \(arguments.joined(separator: " "))", ended) }
        return ended
    }

    private func broken(_ what: String, _ ended: Ended) -> CommandError {
        CommandError(
            "\(what) ended with \(ended.exit)", cause: ended.error.string ?? ended.error.text("message"),
            code: "demo_broken")
    }
}
