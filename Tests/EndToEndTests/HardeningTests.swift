import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

/// What the real hub gave up before it did anything else, as the kernel tells it.
@Suite("The hub's own process")
struct HardeningTests {
    private static let token = "0123456789abcdef0123456789abcdef0123456789abcdef"

    @Test("S-38: no new rights, no core, and the token is not in its environment any more", .timeLimit(.minutes(5)))
    func hardened() throws {
        try World.with { world in
            try world.hub.start(environment: ["AURORA_API_TOKEN": Self.token])
            let pid = try #require(world.hub.pid)
            let status = try readText("/proc/\(pid)/status")
            #expect(status.contains("NoNewPrivs:\t1\n"))
            #expect(status.contains("Umask:\t0077\n"))
            let core = try #require(
                readText("/proc/\(pid)/limits").split(separator: "\n").first { $0.contains("core") })
            #expect(core.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"])
            let environment = try readText("/proc/\(pid)/environ")
            #expect(environment.contains("PATH=/usr/bin:/bin"), "the control must be seen")
            #expect(!environment.contains(Self.token))
            let answer = try run(
                "/usr/bin/curl", ["-fsS", "-H", "Authorization: Bearer \(Self.token)", world.hub.updater + "/list"])
            #expect(answer.code == 0, "the token still counts: \(answer)")
            #expect(try world.hub.stop() == .exited(0))
        }
    }

    @Test(
        "S-38: a process of the same user can look into neither its memory nor its environment",
        .enabled(if: geteuid() == 0, "takes another user"), .timeLimit(.minutes(5)))
    func closedMemory() throws {
        let user = "64390"
        let become = ["--reuid", user, "--regid", user, "--clear-groups"]
        try World.with { world in
            // Where that user can get at them, wherever the build lies.
            for program in ["aurora", "aurora-launcher"] {
                let source = (Programs.aurora as NSString).deletingLastPathComponent + "/" + program
                try FileManager.default.copyItem(atPath: source, toPath: world.root + "/" + program)
            }
            try write("version: aurora-config-v1\n", to: world.root + "/aurora.yaml", mode: 0o644)
            try FileManager.default.createDirectory(atPath: world.hub.state, withIntermediateDirectories: true)
            #expect(chown(world.hub.state, 64390, 64390) == 0)
            try world.hub.start(through: ["/usr/bin/setpriv"] + become + [world.root + "/aurora"])
            let pid = try #require(world.hub.pid)
            for file in ["environ", "mem", "maps", "fd/0"] {
                let look = try run("/usr/bin/setpriv", become + ["/usr/bin/head", "-c", "1", "/proc/\(pid)/\(file)"])
                #expect(look.code != 0 && look.output.isEmpty, "\(file): \(look)")
            }
            let own = try run("/usr/bin/setpriv", become + ["/usr/bin/head", "-c", "1", "/proc/self/environ"])
            #expect(own.code == 0, "the control must be seen: \(own)")
            #expect(try world.hub.stop() == .exited(0))
        }
    }
}
