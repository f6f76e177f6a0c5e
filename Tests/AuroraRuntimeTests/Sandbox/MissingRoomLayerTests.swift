import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

/// Promise 7 for rooms: a layer that is missing refuses the start and is named; nothing has run.
@Suite("Promise 7: a missing layer refuses a room", .enabled(if: SandboxIdentity.own.uid == 0, "needs root"))
struct MissingRoomLayerTests {
    /// What the kernel is made to lack, by a seccomp filter around the launcher.
    struct Mask: Sendable, CustomTestStringConvertible {
        let layer: SandboxLayer
        let feature: String
        var testDescription: String { "\(layer.rawValue) without \(feature)" }
    }

    @Test(
        "the refusal names the layer and a remedy",
        arguments: [
            // PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG.
            Mask(layer: .seccomp, feature: "prctl:22"), Mask(layer: .noNewPrivileges, feature: "prctl:38"),
            Mask(layer: .parentDeath, feature: "prctl:1"),
            // landlock_create_ruleset, landlock_add_rule, landlock_restrict_self, close_range, open_tree, move_mount.
            Mask(layer: .landlock, feature: "call:444"), Mask(layer: .landlock, feature: "call:445"),
            Mask(layer: .landlock, feature: "call:446"), Mask(layer: .descriptors, feature: "call:436"),
            Mask(layer: .mounts, feature: "call:428"), Mask(layer: .mounts, feature: "call:429"),
            Mask(layer: .bubblewrap, feature: "userns"), Mask(layer: .bubblewrap, feature: "call:setsid"),
            Mask(layer: .resourceLimits, feature: "call:prlimit64"), Mask(layer: .identity, feature: "call:setgroups"),
            Mask(layer: .identity, feature: "call:setresgid"), Mask(layer: .identity, feature: "call:setresuid"),
        ], RoomFixture.configurations)
    func masked(_ mask: Mask, _ configuration: SandboxConfiguration) throws {
        if mask.feature == "userns", configuration == .privileged { return }
        let wrapper = [try AttackProgram.path, "mask", mask.feature]
        try withRoom(configuration, wrapper: wrapper) { fixture in
            let refusal = try #require(throws: SandboxRefusal.self) { try fixture.run("touch /data/ran") }
            #expect(refusal.layer == mask.layer, "\(refusal)")
            #expect(!refusal.detail.isEmpty && !refusal.remedy.isEmpty)
            #expect(try FileStatus.ifExists("\(fixture.folder)/data/ran") == nil)
        }
    }

    @Test("a launcher that leads no session and cannot make one", arguments: RoomFixture.configurations)
    func noSession(_ configuration: SandboxConfiguration) throws {
        // Behind a shell the launcher is not the first of its session, which it is where Aurora starts it.
        let wrapper = [
            "/bin/bash", "-c", "\"$@\" & wait $!", "bash", try AttackProgram.path, "mask", "call:setsid",
        ]
        try withRoom(configuration, wrapper: wrapper) { fixture in
            let refusal = try #require(throws: SandboxRefusal.self) { try fixture.run("touch /data/ran") }
            #expect(refusal.layer == .session && refusal.detail.hasPrefix("setsid failed"), "\(refusal)")
            #expect(try FileStatus.ifExists("\(fixture.folder)/data/ran") == nil)
        }
    }

    @Test("without user namespaces root takes the other configuration, and the room holds")
    func fallback() throws {
        let wrapper = [try AttackProgram.path, "mask", "userns"]
        try withRoom(nil, wrapper: wrapper) { fixture in
            let result = try fixture.run("id -u; grep -c . /proc/self/uid_map; grep CapBnd /proc/self/status")
            #expect(result.text == "\(RoomFixture.identity.uid)\n1\nCapBnd:\t0000000000000000\n")
        }
    }

    @Test("where user namespaces work they are taken")
    func preferred() throws {
        try withRoom(nil) { fixture in
            let map = try fixture.run("tr -s ' ' </proc/self/uid_map").text
            #expect(!map.contains("4294967295"))
        }
    }

    @Test("bubblewrap that is not there")
    func noBubblewrap() throws {
        try withTemporaryDirectory { folder in
            var sandbox = Sandbox(launcherPath: try BuiltPrograms.path("aurora-launcher"))
            sandbox.bubblewrap = "/nonexistent/bwrap"
            let runner = SandboxedRunner(sandbox: sandbox)
            let room = Confinement(id: "room", identity: RoomFixture.identity, code: folder)
            let refusal = try #require(throws: SandboxRefusal.self) {
                try runner.run(["/bin/true"], in: room, ConfinedRun())
            }
            #expect(refusal.layer == .bubblewrap, "\(refusal)")
        }
    }

    @Test("a launcher that is not there, or is something else", arguments: ["/nonexistent/launcher", "/usr/bin/true"])
    func noLauncher(_ path: String) throws {
        try withTemporaryDirectory { folder in
            let runner = SandboxedRunner(sandbox: Sandbox(launcherPath: path), configuration: .unprivileged)
            let room = Confinement(id: "room", identity: RoomFixture.identity, code: folder)
            let refusal = try #require(throws: SandboxRefusal.self) {
                try runner.run(["/bin/true"], in: room, ConfinedRun())
            }
            #expect(refusal.layer == .launcher, "\(refusal)")
        }
    }

    @Test("a room never runs as root", arguments: RoomFixture.configurations)
    func root(_ configuration: SandboxConfiguration) throws {
        try withRoom(configuration) { fixture in
            fixture.room.identity = SandboxIdentity(uid: 0, gid: 0)
            let refusal = try #require(throws: SandboxRefusal.self) { try fixture.run("true") }
            #expect(refusal.layer == .identity)
        }
    }

    @Test("folders that are links, missing, or would cover the world's own are refused")
    func folders() throws {
        try withRoom { fixture in
            guard symlink("/etc", "\(fixture.folder)/link") == 0 else { throw Unexpected("symlink") }
            for host in [
                "\(fixture.folder)/link", "\(fixture.folder)/link/ssl", "\(fixture.folder)/missing", "relative",
            ] {
                fixture.room.mounts = [Confinement.Mount(host: host, inside: "/extra")]
                let refusal = try #require(throws: SandboxRefusal.self) { try fixture.run("true") }
                #expect(refusal.layer == .mounts, "\(host): \(refusal)")
            }
            for inside in [
                "/usr/local", "/etc", "/proc", "/dev/x", "/tmp", "/pack", "/pack/x", "/", "x", "/a/../b",
                "/.aurora-launcher",
            ] {
                fixture.room.mounts = [Confinement.Mount(host: "\(fixture.folder)/data", inside: inside)]
                let refusal = try #require(throws: SandboxRefusal.self) { try fixture.run("true") }
                #expect(refusal.layer == .mounts, "\(inside): \(refusal)")
            }
        }
    }

    @Test("without root and without a delegated cgroup nothing runs, unless an operator signed for it")
    func noCgroup() async throws {
        try await withAsyncTemporaryDirectory { folder in
            let launcher = try Self.reachable("aurora-launcher", in: folder)
            await #expect(processExitsWith: .success) { [launcher = launcher as String] in
                guard setgid(64_999) == 0, setuid(64_999) == 0 else { exit(90) }
                let runner = SandboxedRunner(sandbox: Sandbox(launcherPath: launcher))
                var room = Confinement(id: "room", identity: .own, code: "/usr/share")
                do throws(SandboxRefusal) {
                    _ = try runner.run(["/bin/true"], in: room, ConfinedRun())
                    exit(91)
                } catch {
                    guard error.layer == .cgroup else { exit(92) }
                }
                room.waivers[.cgroup] = "test"
                room.limits.memoryBytes = 64 << 20
                let result = try runner.run(
                    ["/bin/bash", "-c", "id -u; ulimit -d"], in: room, ConfinedRun())
                exit(result.output == Array("64999\n65536\n".utf8) ? 0 : 93)
            }
        }
    }

    /// A copy of a built program where every user comes to it, wherever the checkout lies.
    private static func reachable(_ program: String, in folder: String) throws -> String {
        let copy = "\(folder)/\(program)"
        try copyProgram(try BuiltPrograms.path(program), to: copy)
        return copy
    }

    @Test("without root and without user namespaces nothing runs")
    func noUserNamespaces() async throws {
        try await withAsyncTemporaryDirectory { folder in
            let launcher = try Self.reachable("aurora-launcher", in: folder)
            let attack = "\(folder)/attack"
            try copyProgram(try AttackProgram.path, to: attack)
            await #expect(processExitsWith: .success) { [launcher = launcher as String, attack = attack as String] in
                guard setgid(64_999) == 0, setuid(64_999) == 0 else { exit(90) }
                let sandbox = Sandbox(launcherPath: launcher, wrapper: [attack, "mask", "userns"])
                var room = Confinement(id: "room", identity: .own, code: "/usr/share")
                room.waivers[.cgroup] = "test"
                do throws(SandboxRefusal) {
                    _ = try SandboxedRunner(sandbox: sandbox).run(["/bin/true"], in: room, ConfinedRun())
                    exit(91)
                } catch {
                    exit(error.layer == .bubblewrap ? 0 : 92)
                }
            }
        }
    }
}
