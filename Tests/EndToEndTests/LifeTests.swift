import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@Suite("A hub's life")
struct LifeTests {
    @Test("a hub told to stop ends with 0, and starts again with everything it had", .timeLimit(.minutes(2)))
    func gracefulStop() throws {
        try World.with { world in
            try world.hub.start()
            let ada = world.person("ada")
            try ada.login(world.hub.output, "--user", "ada")
            let port = world.hub.dashboard
            #expect(try world.hub.stop() == .exited(0))
            #expect(try ada("whoami", "--hub", port).code == 7)
            try world.hub.start()
            // The link is printed once: whoever has the state folder has the hub.
            #expect(world.hub.output.components(separatedBy: "#code=").count == 2)
        }
    }

    @Test("what was acknowledged before kill -9 is there afterwards, and the log verifies", .timeLimit(.minutes(2)))
    func killed() throws {
        try World.with { world in
            try world.hub.start()
            let ada = world.person("ada")
            try ada.login(world.hub.output, "--user", "ada")
            for number in 1...5 { #expect(try ada("user", "add", "person\(number)", "--role", "viewer").code == 0) }
            let token = try readToken(ada)
            try world.hub.kill()
            try world.hub.start()
            try write(token, to: world.root + "/token", mode: 0o600)
            let users = try ada.json("user", "list", "--token-file", world.root + "/token")
            #expect(users["items"]?.array?.count == 6)
            let verified = try ada("audit", "verify", "--token-file", world.root + "/token")
            #expect(verified.code == 0, "\(verified)")
        }
    }

    @Test(
        "one half serves its own port and leaves the other closed", .timeLimit(.minutes(2)),
        arguments: ["updater", "dashboard"])
    func oneHalf(_ half: String) throws {
        try World.with(hubArguments: ["--only", half]) { world in
            try world.hub.start()
            let (open, closed) =
                half == "updater"
                ? (world.hub.updater, world.hub.dashboard) : (world.hub.dashboard, world.hub.updater)
            let health = try run("/usr/bin/curl", ["-fsS", open + "/healthz"])
            #expect(health.code == 0, "\(health)")
            #expect(closed.hasSuffix(":off"))
            #expect(try world.hub.stop() == .exited(0))
        }
    }

    @Test("a second hub on the same state folder is refused, and says why", .timeLimit(.minutes(2)))
    func secondHub() throws {
        try World.with { world in
            try world.hub.start()
            let second = try run(
                Programs.aurora,
                [
                    "hub", "start", "--state", world.hub.state, "--config", world.root + "/aurora.yaml",
                    "--updater-port", "0", "--dashboard-port", "0",
                ])
            #expect(second.code != 0)
            #expect(second.error.contains("error:"), "\(second)")
        }
    }

    @Test("a configuration with a mistake is refused with its place, and nothing is started", .timeLimit(.minutes(2)))
    func badConfiguration() throws {
        try World.with { world in
            try write("version: aurora-config-v1\ntargets:\n  - nme: app\n", to: world.root + "/aurora.yaml")
            let check = try world.person("ada")("config", "check", world.root + "/aurora.yaml")
            #expect(check.code != 0)
            #expect(check.error.contains("nme"), "\(check)")
            #expect(throws: HubFailure.self) { try world.hub.start() }
        }
    }

    private func readToken(_ person: Person) throws -> String {
        let found = try run("/usr/bin/find", [person.home + "/.config/aurora/credentials", "-name", "*.json"])
        let file = try #require(found.output.split(separator: "\n").first.map(String.init))
        let stored = try JSONParser.parse(Array(try readText(file).utf8))
        return try #require(stored["token"]?.string)
    }
}
