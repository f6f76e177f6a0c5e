import AuroraCrypto
import AuroraHTTP
import AuroraModel
import AuroraTestSupport
import AuroraTrust
import Foundation
import Testing

@testable import AuroraHub

@Suite("What a credential is worth: the first admin, --dev, the environment's token, scoped tokens")
struct CredentialTests {
    private static let value = "an-environment-token-of-32-bytes"
    private static let url = "http://localhost:9711"

    /// Starts a hub on a state folder that may have been used before.
    private func open<T>(
        _ folder: String, isDev: Bool = false, token: String? = nil, yaml: String? = nil, clock: TestClock,
        _ body: (TestHub) throws -> T
    ) throws -> T {
        try FileManager.default.createDirectory(atPath: folder + "/app", withIntermediateDirectories: true)
        let hub = try TestHub(folder, isDev: isDev, yaml: yaml, token: token, clock: clock)
        defer { hub.hub.close() }
        return try body(hub)
    }

    private func firstLogin(_ hub: TestHub, as name: String, password: String?) throws -> TestHub.Answer {
        let text = try #require(hub.hub.invitation(url: Self.url), "no link for the first admin")
        let code = try #require(text.split(separator: "=").last).filter { !$0.isNewline }
        var body: JSONObject = ["code": .string(String(code)), "user": .string(name)]
        if let password { body["password"] = .string(password) }
        return hub.send(.post, "/api/v1/session", json: .object(body))
    }

    @Test("a first start with AURORA_API_TOKEN prints the link of the first admin, and it works")
    func firstAdminBesideToken() throws {
        try withHub(token: Self.value) { hub in
            #expect(hub.send(.get, "/login").status == 200)
            let login = try firstLogin(hub, as: "ann", password: "correct horse battery")
            #expect(login.status == 200 && login.json["role"]?.string == "admin", "\(login.text)")
            #expect(hub.hub.invitation(url: Self.url) == nil)
        }
    }

    @Test("a start after --dev prints the link of the first admin, as long as no admin can log in")
    func firstAdminAfterDevelopment() throws {
        try withTemporaryDirectory { folder in
            let clock = TestClock()
            try open(folder, isDev: true, token: Self.value, clock: clock) { _ in }
            try open(folder, clock: clock) { hub in
                let login = try firstLogin(hub, as: "ann", password: nil)
                #expect(login.status == 200, "\(login.text)")
                #expect(hub.hub.invitation(url: Self.url) == nil)
            }
            // Her session is over and she has no password: nobody could ever log in again.
            clock.advance(seconds: 13 * 3600)
            try open(folder, clock: clock) { hub in
                let login = try firstLogin(hub, as: "bea", password: "correct horse battery")
                #expect(login.status == 200, "\(login.text)")
            }
            clock.advance(seconds: 13 * 3600)
            try open(folder, clock: clock) { hub in #expect(hub.hub.invitation(url: Self.url) == nil) }
        }
    }

    @Test("what the account dev was given under --dev is worth nothing without it")
    func developerLater() throws {
        try withTemporaryDirectory { folder in
            let clock = TestClock()
            let (token, browser, link) = try open(folder, isDev: true, clock: clock) { hub in
                let browser = try hub.browser("dev")
                let made = hub.send(.post, "/api/v1/tokens", headers: browser.changing, json: ["name": "later"])
                let token = try #require(made.json["secret"]?.string, "\(made.text)")
                #expect(hub.send(.get, "/api/v1/whoami", token: token).status == 200)
                let (link, _) = try hub.hub.accounts.makeLoginLink(for: UserName("dev"), by: .system)
                return (token, browser, link)
            }
            try open(folder, clock: clock) { hub in
                let admin = try hub.admin()
                #expect(hub.send(.get, "/api/v1/whoami", token: token).status == 401)
                #expect(hub.send(.get, "/api/v1/whoami", headers: browser.reading).status == 401)
                let code = try #require(link.split(separator: "=").last)
                #expect(hub.send(.post, "/api/v1/session", json: ["code": .string(String(code))]).status == 401)
                #expect(hub.send(.post, "/api/v1/login-codes", token: admin, json: ["user": "dev"]).status == 409)
                // It is no second admin either, behind whom the last one could go.
                #expect(hub.send(.delete, "/api/v1/users/root", token: admin).code == "last_admin")
            }
            try open(folder, isDev: true, clock: clock) { hub in
                #expect(hub.send(.get, "/api/v1/whoami", token: token).status == 200)
            }
        }
    }

    @Test("S-07 the environment's token ends with its account, and follows the account's role")
    func environmentTokenFollows() throws {
        try withHub(token: Self.value) { hub in
            let admin = try hub.admin()
            func who() -> TestHub.Answer { hub.send(.get, "/api/v1/whoami", token: Self.value) }
            #expect(who().json["role"]?.string == "release")
            #expect(hub.send(.patch, "/api/v1/users/ci", token: admin, json: ["role": "viewer"]).status == 200)
            #expect(who().json["role"]?.string == "viewer")
            #expect(who().json["rights"]?.array?.contains(.string("upload")) == false)
            #expect(hub.send(.patch, "/api/v1/users/ci", token: admin, json: ["role": "admin"]).status == 200)
            #expect(who().json["rights"]?.array?.contains(.string("manage-users")) == false)
            #expect(hub.send(.delete, "/api/v1/users/ci", token: admin).status == 204)
            #expect(who().status == 401)
        }
    }

    @Test("a token scoped below its user's role changes nothing about the account")
    func scopedToken() throws {
        try withHub { hub in
            _ = try hub.admin()
            let full = try hub.person("ann", .approver)
            func make(_ role: String, _ token: String) -> TestHub.Answer {
                hub.send(.post, "/api/v1/tokens", token: token, json: ["name": "x", "role": .string(role)])
            }
            let scoped = try #require(make("viewer", full).json["secret"]?.string)
            let password: JSONValue = ["password": "a very plain password"]
            let key = OperatorPublicKey(key: Ed25519PrivateKey().publicKey, name: "ann").description
            let proposed = hub.send(.post, "/api/v1/users/ann/keys", token: full, json: ["key": .string(key)])
            let id = try #require(proposed.json["id"]?.string)
            let tokens = hub.send(.get, "/api/v1/tokens", token: full).json["items"]?.array ?? []
            let other = try #require(tokens.first { $0["role"]?.string == "approver" }?["id"]?.string)
            let own = try #require(tokens.first { $0["role"]?.string == "viewer" }?["id"]?.string)
            let refused = [
                hub.send(.patch, "/api/v1/users/ann", token: scoped, json: password),
                hub.send(.post, "/api/v1/users/ann/keys", token: scoped, json: ["key": .string(key)]),
                hub.send(.delete, "/api/v1/users/ann/keys/\(id)", token: scoped),
                hub.send(.delete, "/api/v1/tokens/\(other)", token: scoped),
                make("approver", scoped),
                hub.send(.post, "/api/v1/login-codes", token: scoped, json: [:]),
            ]
            for (index, answer) in refused.enumerated() {
                #expect(answer.status == 403 && answer.code == "forbidden", "\(index): \(answer.text)")
            }
            #expect(make("viewer", scoped).status == 201)
            #expect(hub.send(.delete, "/api/v1/tokens/\(own)", token: scoped).status == 204)
            #expect(hub.send(.patch, "/api/v1/users/ann", token: full, json: password).status == 200)
        }
    }

    @Test("guesses at the current password are slowed down as guesses at the login are")
    func currentPasswordGuesses() throws {
        try withHub { hub in
            _ = try hub.admin()
            let token = try hub.person("pat", .viewer)
            func change(_ current: String?, _ new: String) -> TestHub.Answer {
                var body: JSONObject = ["password": .string(new)]
                if let current { body["currentPassword"] = .string(current) }
                return hub.send(
                    .patch, "/api/v1/users/pat", token: token, json: .object(body), address: "198.51.100.7")
            }
            #expect(change(nil, "a very plain password").status == 200)
            for _ in 0..<10 { #expect(change(nil, "another password").status == 403) }
            let guesses = (0..<10).map { change("wrong wrong \($0)", "another password") }
            #expect(guesses.prefix(5).allSatisfy { $0.status == 403 })
            #expect(guesses.last?.status == 429 && guesses.last?.code == "login_throttled")
            #expect(change("a very plain password", "another password").status == 429)
            hub.clock.advance(seconds: 900)
            #expect(change("a very plain password", "another password").status == 200)
        }
    }
}
