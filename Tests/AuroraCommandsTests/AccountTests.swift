import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraCommands

@Suite("Credentials")
struct AccountTests {
    private static let hub = FakeHub { method, target in
        switch (method, target) {
        case ("POST", "/api/v1/session"):
            .json(
                ["user": "ann", "role": "admin", "csrf": "c-1"],
                headers: [("Set-Cookie", "aurora_session=s-1; HttpOnly; SameSite=Strict")])
        case ("POST", "/api/v1/tokens"):
            .json(["id": "tk-1", "secret": "aur_secret", "expires": "2026-12-01T00:00:00.000Z"], status: 201)
        case ("GET", "/api/v1/whoami"): .json(["user": "ann", "role": "admin"])
        default: HubResponse(status: 204, headers: [], body: [])
        }
    }

    @Test("login trades a link for a token, keeps it in a file of mode 0600, and logout ends and forgets it")
    func loginAndLogout() throws {
        try withTemporaryDirectory { home in
            try write("http://localhost:9711/login#code=abc-123\n", to: home + "/link", mode: 0o600)
            let bench = Bench(home: home, hub: Self.hub, environment: ["AURORA_API_TOKEN": ""])
            let login = bench.run("login", "--code-file", home + "/link")
            #expect(login.code == 0, "\(login.error)")
            #expect(!login.output.contains("aur_secret") && !login.error.contains("aur_secret"))
            let opened = try #require(Self.hub.seen.first { $0.target == "/api/v1/session" })
            #expect(opened.body == ["code": "abc-123"])
            let made = try #require(Self.hub.seen.first { $0.target == "/api/v1/tokens" })
            #expect(made.header("Cookie") == "aurora_session=s-1")
            #expect(made.header("X-CSRF-Token") == "c-1")
            #expect(made.header("Origin") == "http://localhost:9711")

            let file = home + "/.config/aurora/credentials/http___localhost_9711.json"
            let mode = try Descriptor.open(file, .readOnly).stat().mode & 0o777
            #expect(mode == 0o600)
            #expect(bench.run("whoami").output.contains("ann"))
            #expect(Self.hub.seen.last?.header("Authorization") == "Bearer aur_secret")

            #expect(bench.run("logout").code == 0)
            #expect(Self.hub.seen.last?.target == "/api/v1/tokens/tk-1")
            #expect(!LocalFile.exists(file))
        }
    }

    @Test("a token file others can read is refused")
    func openTokenFile() throws {
        try withTemporaryDirectory { home in
            try write("aur_x\n", to: home + "/token", mode: 0o644)
            let ran = Bench(home: home, hub: Self.hub).run("whoami", "--token-file", home + "/token")
            #expect(ran.code == 2)
            #expect(ran.error.contains("chmod 600"))
        }
    }

    @Test("flag before environment before stored credential")
    func precedence() throws {
        try withTemporaryDirectory { home in
            try write("aur_flag\n", to: home + "/flag", mode: 0o600)
            try write("aur_file\n", to: home + "/file", mode: 0o600)
            func sent(_ environment: [String: String], _ arguments: [String]) throws -> String? {
                let hub = FakeHub { _, _ in .json([:]) }
                _ = Bench(home: home, hub: hub, environment: environment).run(["whoami"] + arguments)
                return hub.seen.first?.header("Authorization")
            }
            let both = ["AURORA_TOKEN_FILE": home + "/file", "AURORA_API_TOKEN": "aur_env"]
            #expect(try sent(both, ["--token-file", home + "/flag"]) == "Bearer aur_flag")
            #expect(try sent(both, []) == "Bearer aur_file")
            #expect(try sent(["AURORA_API_TOKEN": "aur_env"], []) == "Bearer aur_env")
            #expect(try sent(["AURORA_API_TOKEN": ""], []) == nil)
        }
    }

    @Test("a new operator key is sealed, of mode 0600, and never replaces another")
    func keyGenerate() throws {
        try withTemporaryDirectory { home in
            try write("correct horse\n", to: home + "/pass", mode: 0o600)
            let bench = Bench(home: home)
            let made = bench.run("key", "generate", "--name", "ann", "--passphrase-file", home + "/pass", "--json")
            #expect(made.code == 0, "\(made.error)")
            #expect(made.json["key"]?.string?.hasPrefix("aurora-ed25519:") == true)
            let path = try #require(made.json["file"]?.string)
            let mode = try Descriptor.open(path, .readOnly).stat().mode & 0o777
            #expect(mode == 0o600)
            #expect(bench.run("key", "generate", "--passphrase-file", home + "/pass").code == 6)
            #expect(bench.run("key", "list", "-o", "name").output == path + "\n")
        }
    }
}
