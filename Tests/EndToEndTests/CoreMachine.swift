import AuroraModel
import AuroraPacks
import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import AuroraTrust
import Glibc
import Testing

/// A state folder with two active packs, of which `app` needs `base`.
struct CoreMachine {
    let state: String
    var environment: [String: String] { ["PATH": "/usr/bin:/bin", "HOME": state, "AURORA_STATE": state] }
    var places: DevicePlaces { DevicePlaces(root: "\(state)/device") }

    func aurora(_ arguments: String...) throws -> Ran {
        try run(Programs.aurora, arguments, environment: environment)
    }

    func startCore(_ words: [String] = ["agent", "run", "--local"]) throws -> ChildProcess {
        try ChildProcess.start(
            ProcessSpec(
                executable: Programs.aurora, arguments: words + ["--log-format", "json"], environment: environment))
    }

    /// The rows of `aurora pack status`, once `isWanted`; empty after two minutes.
    func status(until isWanted: ([String: JSONValue]) -> Bool) throws -> [String: JSONValue] {
        var rows: [String: JSONValue] = [:]
        let isThere = try eventually {
            let ran = try aurora("pack", "status", "--json")
            let items = (try? JSONParser.parse(ran.output))?["items"]?.array ?? []
            rows = Dictionary(items.map { ($0["pack"]?.string ?? "", $0) }) { $1 }
            return isWanted(rows)
        }
        return isThere ? rows : [:]
    }

    func allReady() throws -> [String: JSONValue] {
        try status { rows in rows.count == 2 && rows.values.allSatisfy { $0["state"]?.string == "READY" } }
    }

    // MARK: Processes

    /// The first process of a pack's row.
    static func pid(_ row: JSONValue?) -> Int32? {
        row?["processes"]?[0]?["pid"]?.integer.flatMap { Int32(exactly: $0) }
    }

    /// Whether a process is gone within a minute.
    static func isGone(_ pid: Int32) -> Bool { eventually(within: .seconds(60)) { kill(pid, 0) != 0 } }

    // MARK: Making one

    /// Writes a pack whose one process is a `sleep` that its health check looks for.
    static func writePack(
        _ id: String, _ version: String = "1.0.0", needs: String? = nil, to folder: String
    ) throws {
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
              version: \(version)
              description: a pack of a test
              entrypoint: {install: install.sh, start: start.sh, stop: stop.sh, health: health_check.sh}
              service: {backoff: {base_seconds: 1}}\(dependency)

            """, to: "\(folder)/manifest.yaml")
    }

    /// Gives `body` a device on which `base` and `app` are active, and no core runs.
    ///
    /// - Parameter prepare: is given the state folder before anything is in it.
    static func with(preparing prepare: (String) throws -> Void = { _ in }, _ body: (CoreMachine) throws -> Void) throws
    {
        try withTemporaryDirectory { folder in
            let machine = CoreMachine(state: "\(folder)/state")
            try prepare(machine.state)
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
    private static func install(from folder: String, on machine: CoreMachine, _ configuration: DeviceConfiguration)
        throws
    {
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
            .change(wishes),
            approval: .console(login: LoginUser(uid: 1000, name: "1000", isLogin: true), reason: "a test"), by: ada)
        try #require(outcome.isCommitted)
    }
}
