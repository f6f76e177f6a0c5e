import AuroraAudit
import AuroraCrypto
import AuroraHTTP
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import AuroraTrust
import Testing

@testable import AuroraHub

@Suite("Accounts, logins and tokens")
struct AccountTests {
    @Test("the first login link makes the first admin, once")
    func firstLogin() throws {
        try withHub { hub in
            let text = try #require(hub.hub.invitation(url: "http://localhost:9711"))
            let code = try #require(text.split(separator: "=").last).trimmingSuffix()
            let first = hub.send(
                .post, "/api/v1/session",
                json: ["code": .string(code), "user": "ann", "password": "correct horse battery"])
            #expect(first.status == 200)
            #expect(first.json["role"]?.string == "admin")
            let again = hub.send(.post, "/api/v1/session", json: ["code": .string(code), "user": "eve"])
            #expect(again.status == 401 && again.code == "login_failed")
            #expect(hub.hub.invitation(url: "http://localhost:9711") == nil)
            let password = hub.send(
                .post, "/api/v1/session", json: ["user": "ann", "password": "correct horse battery"])
            #expect(password.status == 200)
        }
    }

    @Test("a login code ends after ten minutes")
    func codeExpiry() throws {
        try withHub { hub in
            _ = try hub.admin()
            let root = try #require(UserName("root"))
            let (link, _) = try hub.hub.accounts.makeLoginLink(for: root, by: .system)
            let code = try #require(link.split(separator: "=").last)
            hub.clock.advance(seconds: 601)
            #expect(hub.send(.post, "/api/v1/session", json: ["code": .string(String(code))]).status == 401)
        }
    }

    @Test("S-03 other people's tokens and accounts are 404, as those that do not exist")
    func otherPeople() throws {
        try withHub { hub in
            let admin = try hub.admin()
            let ann = try hub.person("ann", .release)
            let bob = try hub.person("bob", .release)
            let id = try #require(hub.send(.get, "/api/v1/tokens", token: bob).json["items"]?[0]?["id"]?.string)
            let foreign = hub.send(.delete, "/api/v1/tokens/\(id)", token: ann)
            let unknown = hub.send(.delete, "/api/v1/tokens/tk-aaaaaaaaaaaaaaaa", token: ann)
            #expect(foreign.status == 404 && unknown.status == 404 && foreign.code == unknown.code)
            #expect(hub.send(.get, "/api/v1/users/bob", token: ann).status == 404)
            #expect(hub.send(.patch, "/api/v1/users/bob", token: ann, json: ["active": false]).status == 404)
            #expect(hub.send(.get, "/api/v1/users/bob", token: admin).status == 200)
            #expect(hub.send(.get, "/api/v1/users/ann", token: ann).status == 200)
            #expect(hub.send(.get, "/api/v1/whoami", token: bob).status == 200)
        }
    }

    @Test("S-04 extra members are refused and never stored")
    func massAssignment() throws {
        try withHub { hub in
            let admin = try hub.admin()
            let made = hub.send(
                .post, "/api/v1/users", token: admin, json: ["name": "eve", "role": "viewer", "active": true])
            #expect(made.status == 400 && made.text.contains("active"))
            #expect(hub.send(.get, "/api/v1/users/eve", token: admin).status == 404)
            let viewer = try hub.person("vic", .viewer)
            let up = hub.send(.patch, "/api/v1/users/vic", token: viewer, json: ["role": "admin"])
            #expect(up.status == 403)
            #expect(hub.send(.get, "/api/v1/whoami", token: viewer).json["role"]?.string == "viewer")
            let token = hub.send(.post, "/api/v1/tokens", token: viewer, json: ["name": "x", "role": "approver"])
            #expect(token.status == 403)
            let owner = hub.send(.post, "/api/v1/tokens", token: viewer, json: ["name": "x", "user": "root"])
            #expect(owner.status == 400)
        }
    }

    @Test("S-06 neither tokens, sessions, codes nor passwords are in the database, its log or our logs")
    func secretsAtRest() throws {
        try withHub { hub in
            let admin = try hub.admin()
            let made = hub.send(
                .post, "/api/v1/tokens", token: admin, headers: ["Idempotency-Key": "one-token-please"],
                json: ["name": "ci"])
            let secret = try #require(made.json["secret"]?.string)
            let again = hub.send(
                .post, "/api/v1/tokens", token: admin, headers: ["Idempotency-Key": "one-token-please"],
                json: ["name": "ci"])
            #expect(again.code == "idempotency_secret")
            _ = hub.send(
                .post, "/api/v1/users", token: admin,
                json: ["name": "pat", "role": "viewer", "password": "a very plain password"])
            let link = hub.send(.post, "/api/v1/login-codes", token: admin, json: ["user": "pat"])
            let code = try #require(link.json["link"]?.string?.split(separator: "=").last)
            let browser = try hub.browser("root")
            let session = try #require(browser.cookie.split(separator: "=").last)
            let secrets = [secret, admin, String(code), String(session), browser.csrf, "a very plain password"]
            for file in ["hub.db", "hub.db-wal"] {
                let bytes = try DurableFile.read("\(hub.folder)/state/\(file)")
                let text = String(decoding: bytes, as: UTF8.self)
                for secret in secrets { #expect(!text.contains(secret), "\(file)") }
            }
            for secret in secrets { #expect(!hub.log.lines.contains { $0.contains(secret) }) }
        }
    }

    @Test("S-07 a revoked token, a closed account and a lost role count at the very next request")
    func revocation() throws {
        try withHub { hub in
            let admin = try hub.admin()
            let token = try hub.person("ann", .approver)
            #expect(hub.send(.get, "/list", port: .updater, token: token).status == 200)
            let id = try #require(hub.send(.get, "/api/v1/tokens", token: token).json["items"]?[0]?["id"]?.string)
            #expect(hub.send(.delete, "/api/v1/tokens/\(id)", token: token).status == 204)
            #expect(hub.send(.get, "/list", port: .updater, token: token).status == 401)
            let second = try hub.person("ann", .approver)
            #expect(hub.send(.patch, "/api/v1/users/ann", token: admin, json: ["role": "viewer"]).status == 200)
            #expect(hub.send(.post, "/approve", port: .updater, token: second, json: ["file": "x"]).status == 403)
            let browser = try hub.browser("ann")
            #expect(hub.send(.get, "/api/v1/whoami", headers: browser.reading).status == 200)
            #expect(hub.send(.delete, "/api/v1/users/ann", token: admin).status == 204)
            #expect(hub.send(.get, "/api/v1/whoami", headers: browser.reading).status == 401)
            #expect(hub.send(.get, "/api/v1/whoami", token: second).status == 401)
        }
    }

    @Test("S-08 an unknown user and a wrong password get the same answer")
    func noUserOracle() throws {
        try withHub { hub in
            let admin = try hub.admin()
            _ = hub.send(
                .post, "/api/v1/users", token: admin,
                json: ["name": "pat", "role": "viewer", "password": "a very plain password"])
            func attempt(_ name: String) -> TestHub.Answer {
                hub.send(
                    .post, "/api/v1/session", json: ["user": .string(name), "password": "wrong wrong wrong"],
                    address: "192.0.2.\(name.count)")
            }
            let known = attempt("pat")
            let unknown = attempt("nobody")
            #expect(known.status == 401 && unknown.status == 401)
            for member in ["code", "detail", "remedy", "title"] {
                #expect(known.json[member] == unknown.json[member])
            }
            #expect(known.headers.fields.map(\.name) == unknown.headers.fields.map(\.name))
        }
    }

    @Test(
        "S-09 guessing one account is slowed down with 429, and neither its owner elsewhere nor others are locked out")
    func bruteForce() throws {
        try withHub { hub in
            let admin = try hub.admin()
            for name in ["pat", "kim"] {
                _ = hub.send(
                    .post, "/api/v1/users", token: admin,
                    json: ["name": .string(name), "role": "viewer", "password": "a very plain password"])
            }
            func attempt(_ name: String, _ password: String, _ address: String) -> TestHub.Answer {
                hub.send(
                    .post, "/api/v1/session", json: ["user": .string(name), "password": .string(password)],
                    address: address)
            }
            let tries = (0..<20).map { _ in attempt("pat", "wrong wrong wrong", "198.51.100.7") }
            #expect(tries.prefix(5).allSatisfy { $0.status == 401 })
            #expect(tries.last?.status == 429 && tries.last?.code == "login_throttled")
            #expect(tries.last?.headers["Retry-After"] != nil)
            #expect(attempt("pat", "a very plain password", "198.51.100.7").status == 429)
            #expect(attempt("pat", "a very plain password", "203.0.113.9").status == 200)
            #expect(attempt("kim", "a very plain password", "198.51.100.7").status == 200)
            hub.clock.advance(seconds: 900)
            #expect(attempt("pat", "a very plain password", "198.51.100.7").status == 200)
        }
    }

    @Test("S-10 a session is new at each login, ends at logout, after half an hour unused and after twelve hours")
    func sessions() throws {
        try withHub { hub in
            _ = try hub.admin()
            let first = try hub.browser("root")
            let second = try hub.browser("root")
            #expect(first.cookie != second.cookie)
            let planted = hub.send(.get, "/api/v1/whoami", headers: ["Cookie": "aurora_session=planted"])
            #expect(planted.status == 401)
            #expect(hub.send(.delete, "/api/v1/session", headers: second.changing).status == 204)
            #expect(hub.send(.get, "/api/v1/whoami", headers: second.reading).status == 401)
            hub.clock.advance(seconds: 29 * 60)
            #expect(hub.send(.get, "/api/v1/whoami", headers: first.reading).status == 200)
            hub.clock.advance(seconds: 31 * 60)
            #expect(hub.send(.get, "/api/v1/whoami", headers: first.reading).code == "session_expired")
            let third = try hub.browser("root")
            for _ in 0..<26 {
                hub.clock.advance(seconds: 29 * 60)
                _ = hub.send(.get, "/api/v1/whoami", headers: third.reading)
            }
            #expect(hub.send(.get, "/api/v1/whoami", headers: third.reading).status == 401)
        }
    }

    @Test("S-11 the cookie is HttpOnly, SameSite=Strict, and under TLS Secure with the __Host- prefix")
    func cookieFlags() throws {
        let plain = SessionRoutes.cookie("x", tls: false)
        let secure = SessionRoutes.cookie("x", tls: true)
        for flag in ["HttpOnly", "SameSite=Strict", "Path=/"] {
            #expect(plain.contains(flag) && secure.contains(flag))
        }
        #expect(secure.hasPrefix("__Host-aurora_session=") && secure.contains("; Secure"))
        #expect(!secure.contains("Domain="))
        try withHub { hub in
            _ = try hub.admin()
            let (link, _) = try hub.hub.accounts.makeLoginLink(for: UserName("root"), by: .system)
            let code = try #require(link.split(separator: "=").last)
            let answer = hub.send(.post, "/api/v1/session", json: ["code": .string(String(code))])
            #expect(answer.headers["Set-Cookie"]?.contains("HttpOnly") == true)
        }
    }

    @Test("S-12 another site's page changes nothing, with or without a cookie, and a cookie alone is not enough")
    func crossSite() throws {
        try withHub { hub in
            let token = try hub.admin()
            let browser = try hub.browser("root")
            func change(_ headers: HTTPHeaders) -> TestHub.Answer {
                hub.send(.post, "/api/v1/login-codes", headers: headers, json: [:])
            }
            var headers = browser.changing
            #expect(change(headers).status == 201)
            headers["X-CSRF-Token"] = nil
            #expect(change(headers).code == "csrf_failed")
            headers = browser.changing
            headers["X-CSRF-Token"] = "wrong"
            #expect(change(headers).code == "csrf_failed")
            for origin in ["http://evil.example", "null", "https://localhost:9711", "http://localhost:9712"] {
                headers = browser.changing
                headers["Origin"] = origin
                #expect(change(headers).code == "csrf_failed", "\(origin)")
            }
            headers = browser.changing
            headers["Origin"] = nil
            #expect(change(headers).code == "csrf_failed")
            headers = browser.changing
            headers["Sec-Fetch-Site"] = "cross-site"
            #expect(change(headers).code == "csrf_failed")
            let foreign = hub.send(
                .post, "/api/v1/login-codes", token: token, headers: ["Origin": "http://evil.example"], json: [:])
            #expect(foreign.status == 403)
        }
    }

    @Test("an operator's key is proposed by its owner and admitted by another admin, never by the owner")
    func operatorKeys() throws {
        try withHub { hub in
            let admin = try hub.admin()
            let other = try hub.person("second", .admin)
            let ann = try hub.person("ann", .approver)
            let key = OperatorPublicKey(key: Ed25519PrivateKey().publicKey, name: "ann").description
            let proposed = hub.send(.post, "/api/v1/users/ann/keys", token: ann, json: ["key": .string(key)])
            #expect(proposed.status == 201 && proposed.json["state"]?.string == "proposed")
            let id = try #require(proposed.json["id"]?.string)
            #expect(hub.send(.post, "/api/v1/users/ann/keys", token: admin, json: ["key": .string(key)]).status == 403)
            #expect(hub.send(.post, "/api/v1/users/ann/keys/\(id)/admit", token: ann).status == 403)
            #expect(hub.send(.post, "/api/v1/users/ann/keys/\(id)/admit", token: admin).status == 200)
            #expect(hub.send(.post, "/api/v1/users/ann/keys/\(id)/admit", token: admin).status == 409)
            let own = OperatorPublicKey(key: Ed25519PrivateKey().publicKey, name: "root").description
            let mine = hub.send(.post, "/api/v1/users/root/keys", token: admin, json: ["key": .string(own)])
            let mineID = try #require(mine.json["id"]?.string)
            let self1 = hub.send(.post, "/api/v1/users/root/keys/\(mineID)/admit", token: admin)
            #expect(self1.status == 403 && self1.code == "self_admission")
            #expect(hub.send(.post, "/api/v1/users/root/keys/\(mineID)/admit", token: other).status == 200)
            let actions = try hub.entries().map(\.action)
            #expect(actions.contains("key.propose") && actions.contains("key.admit"))
        }
    }

    @Test("the last admin can neither be removed nor demoted")
    func lastAdmin() throws {
        try withHub { hub in
            let admin = try hub.admin()
            #expect(hub.send(.delete, "/api/v1/users/root", token: admin).code == "last_admin")
            let demoted = hub.send(.patch, "/api/v1/users/root", token: admin, json: ["role": "viewer"])
            #expect(demoted.code == "last_admin")
            #expect(hub.send(.get, "/api/v1/users/root", token: admin).json["role"]?.string == "admin")
        }
    }

    @Test("If-Match protects a user from a change that was based on an older state")
    func conditionalChange() throws {
        try withHub { hub in
            let admin = try hub.admin()
            _ = try hub.person("ann", .viewer)
            let tag = try #require(hub.send(.get, "/api/v1/users/ann", token: admin).headers["ETag"])
            let first = hub.send(
                .patch, "/api/v1/users/ann", token: admin, headers: ["If-Match": tag], json: ["role": "release"])
            #expect(first.status == 200)
            let second = hub.send(
                .patch, "/api/v1/users/ann", token: admin, headers: ["If-Match": tag], json: ["role": "approver"])
            #expect(second.status == 412)
        }
    }

    @Test("AURORA_API_TOKEN stands for a named user and role; the value the prototype published is refused")
    func environmentToken() throws {
        let value = "an-environment-token-of-32-bytes"
        try withHub(token: value) { hub in
            let who = hub.send(.get, "/api/v1/whoami", token: value).json
            #expect(who["user"]?.string == "ci" && who["role"]?.string == "release")
            #expect(hub.send(.get, "/api/v1/users", token: value).status == 403)
        }
        #expect(throws: EnvironmentTokenError.published) { try withHub(token: "aurora-dev-token") { _ in } }
        #expect(throws: EnvironmentTokenError.tooShort) { try withHub(token: "short") { _ in } }
    }

    @Test("--dev: the token is user dev with every right, and every entry says so")
    func development() throws {
        let value = "an-environment-token-of-32-bytes"
        try withHub(isDev: true, token: value) { hub in
            let who = hub.send(.get, "/api/v1/whoami", token: value).json
            #expect(who["user"]?.string == "dev" && who["dev"]?.bool == true)
            #expect(who["rights"]?.array?.count == Right.allCases.count)
            let entries = try hub.entries().filter { $0.action == "hub.start" }
            #expect(entries.allSatisfy { $0.details.contains(AuditEntry.Detail("dev", "true")) })
        }
    }
}

extension Substring {
    fileprivate func trimmingSuffix() -> String { String(self).filter { !$0.isNewline } }
}
