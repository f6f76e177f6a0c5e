import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

/// The packs in packs/, run by hand with the programs of this machine, without any room.
@Suite("The packs that come with Aurora")
struct ShippedPackTests {
    static let folder = Gateway.sources + "/packs"
    static let packs = ["pack01_pack01", "pack02_env_profiler", "pack03_os_base", "pack04_launcher", "pack-status"]
    static let scripts = ["install.sh", "start.sh", "stop.sh", "health_check.sh"]

    /// Runs a script of a copy of the packs, so that nothing is written to the sources.
    private func run(
        _ path: String, _ arguments: [String] = [], environment: [String: String] = [:]
    ) throws -> ProcessResult {
        try Processes.run(
            ProcessSpec(
                executable: "/bin/bash", arguments: [path] + arguments,
                environment: ["PATH": "/usr/bin:/bin", "STATUS_PORT": "0"].merging(environment) { $1 },
                workingDirectory: "/", timeout: .seconds(120)))
    }

    /// A copy of all packs below a folder `packs`, as on a device.
    private func copy(to folder: String) throws -> String {
        let packs = folder + "/packs"
        try FileManager.default.copyItem(atPath: Self.folder, toPath: packs)
        return packs
    }

    @Test("install.sh --dry-run passes its tests, fails with 2 when one fails, and refuses other words with 3")
    func installContract() throws {
        try withTemporaryDirectory { folder in
            let packs = try copy(to: folder)
            for pack in Self.packs {
                let script = "\(packs)/\(pack)/install.sh"
                let passed = try run(script, ["--dry-run"])
                #expect(passed.outcome == .exited(0), "\(pack): \(text(passed))")
                #expect(try run(script, ["--install"]).outcome == .exited(0))
                #expect(try run(script, ["--whatever"]).outcome == .exited(3))
                let broken = "import unittest\nclass T(unittest.TestCase):\n    def test_x(self): self.fail()\n"
                try write(broken, to: "\(packs)/\(pack)/tests/test_broken_\(pack.count).py")
                #expect(try run(script, ["--dry-run"]).outcome == .exited(2), "\(pack) with a failing test")
            }
        }
    }

    @Test("PYTHON names the interpreter of every script")
    func interpreter() throws {
        try withTemporaryDirectory { folder in
            let packs = try copy(to: folder)
            let python = folder + "/python"
            try write(
                "#!/bin/bash\necho asked >> \(folder)/asked\nexec /usr/bin/python3 \"$@\"\n", to: python, mode: 0o755)
            for pack in Self.packs {
                try? FileManager.default.removeItem(atPath: folder + "/asked")
                _ = try run("\(packs)/\(pack)/install.sh", ["--dry-run"], environment: ["PYTHON": python])
                #expect(try readText(folder + "/asked").contains("asked"), "\(pack)")
            }
        }
    }

    @Test("by hand a pack starts, is healthy, starts again without a second process, stops, and is not healthy then")
    func byHand() throws {
        try withTemporaryDirectory { folder in
            let packs = try copy(to: folder)
            for pack in ["pack01_pack01", "pack03_os_base", "pack-status"] {
                let root = "\(packs)/\(pack)"
                // In one shell: what a script leaves behind ends with the shell that ran it.
                let scripts = ["start.sh", "health_check.sh", "start.sh", "health_check.sh", "stop.sh", "stop.sh"]
                let result = try run("-c", [scripts.map { "bash \(root)/\($0)" }.joined(separator: " && ")])
                #expect(result.outcome == .exited(0), "\(pack): \(text(result))")
                #expect(try run("\(root)/health_check.sh").outcome == .exited(2), "\(pack) is healthy after its stop")
            }
        }
    }

    @Test("defect 50: start.sh reports a service that died at once, and health_check.sh works from any folder")
    func deadService() throws {
        try withTemporaryDirectory { folder in
            let packs = try copy(to: folder)
            try write("raise SystemExit('broken on purpose')\n", to: "\(packs)/pack03_os_base/os_base/vfs.py")
            let result = try run("\(packs)/pack03_os_base/start.sh")
            #expect(result.outcome == .exited(1))
            #expect(text(result).contains("broken on purpose"), "\(text(result))")
        }
    }

    @Test("defect 49: all packs can be loaded into one program, and importing them writes nothing")
    func together() throws {
        try withTemporaryDirectory { folder in
            let packs = try copy(to: folder)
            let before = try FileManager.default.subpathsOfDirectory(atPath: packs).count
            let modules = [
                "aurora_core.monitor", "env_profiler.profile", "os_base.resident", "os_base.vfs", "launcher.control",
                "status_service.server",
            ]
            let result = try Processes.run(
                ProcessSpec(
                    executable: "/usr/bin/python3",
                    arguments: ["-B", "-c", "import " + modules.joined(separator: ", ")],
                    environment: ["PYTHONPATH": Self.packs.map { "\(packs)/\($0)" }.joined(separator: ":")]))
            #expect(result.isSuccess, "\(text(result))")
            #expect(try FileManager.default.subpathsOfDirectory(atPath: packs).count == before)
        }
    }

    @Test("shellcheck finds nothing in any script")
    func scripts() throws {
        let scripts = Self.packs.flatMap { pack in Self.scripts.map { "\(Self.folder)/\(pack)/\($0)" } }
        let result = try Processes.run(ProcessSpec(executable: "/usr/bin/shellcheck", arguments: scripts))
        #expect(result.isSuccess, "\(text(result))")
    }

    private func text(_ result: ProcessResult) -> String {
        "\(result.outcome) "
            + String(decoding: result.output.suffix(1500) + result.errorOutput.suffix(1500), as: UTF8.self)
    }
}
