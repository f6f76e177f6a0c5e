import AuroraArchive
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import HostileArchives
import Testing

/// Promise 7: a missing sandbox layer means refuse, with the reason and the remedy; never run weaker.
@Suite("Promise 7: a missing layer refuses")
struct MissingLayerTests {
    /// How a layer is taken away: strace answers a system call of the launcher in the kernel's place.
    struct Mask: Sendable, CustomTestStringConvertible {
        let layer: SandboxLayer
        let injection: String
        var testDescription: String { "\(layer.rawValue): \(injection)" }
    }

    @Test(
        "the refusal names the layer and a remedy, and the program does not run",
        arguments: [
            Mask(layer: .landlock, injection: "landlock_create_ruleset:error=ENOSYS"),
            Mask(layer: .landlock, injection: "landlock_create_ruleset:error=EOPNOTSUPP"),
            Mask(layer: .landlock, injection: "landlock_create_ruleset:retval=1:when=1"),
            Mask(layer: .landlock, injection: "landlock_add_rule:error=EINVAL"),
            Mask(layer: .landlock, injection: "landlock_restrict_self:error=EPERM"),
            // The launcher's first three calls of prctl, in order.
            Mask(layer: .parentDeath, injection: "prctl:error=EINVAL:when=1"),
            Mask(layer: .noNewPrivileges, injection: "prctl:error=EINVAL:when=2"),
            Mask(layer: .seccomp, injection: "prctl:error=EINVAL:when=3"),
            Mask(layer: .descriptors, injection: "close_range:error=ENOSYS"),
            Mask(layer: .workingDirectory, injection: "chdir:error=EACCES"),
            Mask(layer: .program, injection: "execveat:error=ENOSYS"),
        ])
    func masked(_ mask: Mask) throws {
        try expectRefusal(mask.layer, injection: mask.injection)
    }

    @Test(
        "an identity that does not change is noticed", .enabled(if: SandboxIdentity.own.uid == 0, "needs root"),
        arguments: [
            "setgroups:error=EPERM", "setresgid:error=EPERM", "setresuid:error=EPERM", "setresuid:retval=0",
            "setresgid:retval=0",
        ])
    func identity(_ injection: String) throws {
        try expectRefusal(.identity, injection: injection)
    }

    @Test("a launcher that is not there")
    func noLauncher() throws {
        let sandbox = Sandbox(launcherPath: "/nonexistent/aurora-launcher")
        let refusal = try #require(throws: SandboxRefusal.self) {
            try sandbox.run(.parse(), program: .path("/usr/bin/true"), arguments: [])
        }
        #expect(refusal.layer == .launcher)
    }

    @Test("a launcher that other users cannot execute")
    func privateLauncher() throws {
        try withTemporaryDirectory { folder in
            let launcher = "\(folder)/aurora-launcher"
            try write("", to: launcher, mode: 0o700)
            let refusal = try #require(throws: SandboxRefusal.self) { try Sandbox.requireShared(launcher) }
            #expect(refusal.layer == .launcher && "\(refusal)".contains("chmod 755"))
            try write("", to: launcher, mode: 0o755)
            try Sandbox.requireShared(launcher)
        }
    }

    @Test("a launcher that does something else")
    func foreignLauncher() throws {
        let sandbox = Sandbox(launcherPath: "/usr/bin/true")
        let refusal = try #require(throws: SandboxRefusal.self) {
            try sandbox.run(.parse(), program: .path("/usr/bin/true"), arguments: [])
        }
        #expect(refusal.layer == .launcher)
    }

    @Test("a launcher that gets a damaged specification", arguments: [1, 15, 16, 17, 40, 52, 80, 120])
    func damaged(_ length: Int) throws {
        try withTemporaryDirectory { folder in
            var bytes = Array("AURORA-LAUNCH-2\u{0}".utf8)
            bytes += [UInt8](repeating: 1, count: 200)
            let file = try Descriptor.open("\(folder)/specification", [.readWrite, .create])
            try file.write(all: bytes.prefix(length))
            let result = try Processes.run(
                ProcessSpec(
                    executable: try BuiltPrograms.path("aurora-launcher"), arguments: ["3"],
                    descriptors: [(3, file.rawValue)]))
            #expect(result.outcome == .exited(SandboxLayer.specification.exitCode))
            #expect(String(decoding: result.errorOutput, as: UTF8.self).hasPrefix("aurora-launcher: specification: "))
        }
    }

    private func expectRefusal(_ layer: SandboxLayer, injection: String) throws {
        let child = try UnpackChild(wrapper: [
            "/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=\(injection)",
        ])
        let control = try #require(HostileArchives.controls.first)
        let refusal = try #require(throws: SandboxRefusal.self) { try child.unpack(try control.make()) }
        #expect(refusal.layer == layer, "\(refusal)")
        #expect(!refusal.detail.isEmpty)
        #expect(!refusal.remedy.isEmpty)
    }
}
