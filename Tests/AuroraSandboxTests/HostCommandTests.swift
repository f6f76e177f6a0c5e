import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Foundation
import Glibc
import Testing

@Suite("Commands of the host's own configuration")
struct HostCommandTests {
    private let sandbox: Sandbox

    init() throws { sandbox = Sandbox(launcherPath: try BuiltPrograms.path("aurora-launcher")) }

    /// A user that only this test uses.
    private static let user: UInt32 = SandboxIdentity.own.uid == 0 ? 64_399 : SandboxIdentity.own.uid

    @Test("it has its own user, no groups, no rights to regain, and nothing inherited")
    func bare() throws {
        let leak = dup(0)
        _ = fcntl(leak, F_SETFD, 0)
        defer { close(leak) }
        let said = try run(
            "id -u; id -G; grep -E '^(NoNewPrivs|CapEff|CapPrm|SigBlk)' /proc/self/status; env; ls /proc/self/fd")
        let lines = said.split(separator: "\n").map(String.init)
        #expect(lines.first == String(Self.user))
        #expect(lines.contains("NoNewPrivs:\t1"))
        #expect(lines.contains("CapEff:\t0000000000000000"))
        #expect(lines.contains("CapPrm:\t0000000000000000"))
        #expect(lines.contains("EXTRA=1"))
        #expect(!lines.contains { $0.hasPrefix("HOME=") || $0.hasPrefix("SWIFT") })
        // 3 is ls's own.
        #expect(lines.suffix(4) == ["0", "1", "2", "3"])
    }

    @Test("its exit status is its own, even one that the launcher uses")
    func exitStatus() throws {
        let profile = SandboxProfile.hostCommand(uid: Self.user, gid: Self.user)
        let result = try sandbox.run(profile, program: .path("/bin/sh"), arguments: ["-c", "exit 208"])
        #expect(result.outcome == .exited(208))
    }

    @Test("at its time limit the whole group dies")
    func timeLimit() throws {
        let profile = SandboxProfile.hostCommand(uid: Self.user, gid: Self.user, timeout: .milliseconds(300))
        let marker = "4711.\(getpid())"
        let result = try sandbox.run(
            profile, program: .path("/bin/sh"), arguments: ["-c", "sleep \(marker) & sleep \(marker) & wait"])
        #expect(result.outcome == .timedOut)
        let survivors = try Processes.run(
            ProcessSpec(executable: "/usr/bin/pgrep", arguments: ["-f", "sleep \(marker)"]))
        #expect(survivors.output == [])
    }

    @Test("a program that does not exist is a refusal, not an exit status")
    func missingProgram() throws {
        let profile = SandboxProfile.hostCommand(uid: Self.user, gid: Self.user)
        let refusal = try #require(throws: SandboxRefusal.self) {
            try sandbox.run(profile, program: .path("/nonexistent/apply"), arguments: [])
        }
        #expect(refusal.layer == .program)
        #expect(refusal.detail.contains("/nonexistent/apply"))
    }

    @Test("a script runs by path")
    func script() throws {
        try withTemporaryDirectory { folder in
            try write("#!/bin/sh\necho \"$1\"\n", to: "\(folder)/apply", mode: 0o755)
            let profile = SandboxProfile.hostCommand(uid: Self.user, gid: Self.user)
            let result = try sandbox.run(profile, program: .path("\(folder)/apply"), arguments: ["switched"])
            #expect(String(decoding: result.output, as: UTF8.self) == "switched\n")
        }
    }

    private func run(_ script: String) throws -> String {
        let profile = SandboxProfile.hostCommand(uid: Self.user, gid: Self.user, environment: ["EXTRA": "1"])
        let result = try sandbox.run(profile, program: .path("/bin/sh"), arguments: ["-c", script])
        #expect(result.isSuccess)
        return String(decoding: result.output, as: UTF8.self)
    }
}
