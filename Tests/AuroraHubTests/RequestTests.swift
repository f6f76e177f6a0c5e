import AuroraAudit
import AuroraDatabase
import AuroraHTTP
import AuroraModel
import Testing

@testable import AuroraHub

@Suite("The form of requests and answers")
struct RequestTests {
    @Test("S-05 wrong methods and content types are refused, and no header can change the method")
    func methodsAndTypes() throws {
        try withHub { hub in
            let admin = try hub.admin()
            let wrong = hub.send(.put, "/api/v1/users", token: admin, body: Array("{}".utf8))
            #expect(wrong.status == 405 && wrong.headers["Allow"] == "GET, HEAD, POST")
            let overridden = hub.send(
                .get, "/api/v1/users/root", token: admin, headers: ["X-HTTP-Method-Override": "DELETE"])
            #expect(overridden.status == 200)
            #expect(hub.send(.get, "/api/v1/users/root", token: admin).json["active"]?.bool == true)
            for type in ["text/plain", "application/xml", "application/jsonx"] {
                let answer = hub.send(
                    .post, "/api/v1/users", token: admin, headers: ["Content-Type": type],
                    json: ["name": "x", "role": "viewer"])
                #expect(answer.status == 415, "\(type)")
            }
            let zipped = hub.send(
                .post, "/api/v1/users", token: admin, headers: ["Content-Encoding": "gzip"],
                json: ["name": "x", "role": "viewer"])
            #expect(zipped.status == 415)
        }
    }

    @Test("defect 18: a foreign Host is misdirected, a missing or malformed one is refused")
    func foreignHost() throws {
        try withHub { hub in
            let token = try hub.admin()
            for (host, status) in [
                ("evil.example", 421), ("localhost.evil.example:9711", 421), ("localhost:9711", 200),
                ("127.0.0.1:9711", 200), ("[::1]:9711", 200), ("LOCALHOST", 200), ("local host", 400), ("", 400),
                ("localhost:port", 400), ("[::1", 400),
            ] {
                let answer = hub.send(.get, "/api/v1/whoami", token: token, headers: ["Host": host])
                #expect(answer.status == status, "\(host)")
                let poll = hub.send(.get, "/list", port: .updater, token: token, headers: ["Host": host])
                #expect(poll.status == status, "\(host) on a poll")
            }
        }
    }

    @Test("S-27 JSON is read strictly: duplicates, depth, NaN, trailing text and numbers out of range are 400")
    func strictJSON() throws {
        try withHub { hub in
            let admin = try hub.admin()
            let deep = String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)
            let bodies = [
                #"{"name":"a","name":"b","role":"viewer"}"#, #"{"name":"a","role":NaN}"#, #"{"name":"a"} x"#, "[]",
                "null", "", "{", #"{"name":1,"role":"viewer"}"#, #"{"name":"a","role":"viewer","x":\#(deep)}"#,
                #"{"name":"a","role":"owner"}"#, "\u{FEFF}{}", #"{"name":"a\u0000","role":"viewer"}"#,
                #"{"name":"a","role":"viewer","password":1e400}"#,
            ]
            for body in bodies {
                let answer = hub.send(
                    .post, "/api/v1/users", token: admin, headers: ["Content-Type": "application/json"],
                    body: Array(body.utf8))
                #expect((400...422).contains(answer.status), "\(body.prefix(60)): \(answer.status)")
                #expect(answer.code != nil && answer.json["remedy"]?.string?.isEmpty == false, "\(body.prefix(60))")
            }
            let number = #"{"name":"a","expiresInSeconds":\#(String(repeating: "9", count: 10_000))}"#
            let huge = hub.send(
                .post, "/api/v1/tokens", token: admin, headers: ["Content-Type": "application/json"],
                body: Array(number.utf8))
            #expect(huge.status == 400)
        }
    }

    @Test("defect 28: malformed and non-object JSON to approve gets an answer")
    func approveWithBrokenBody() throws {
        try withHub { hub in
            let token = try hub.person("ann", .approver)
            for body in ["{", "[1]", "\"x\"", "not json at all", "{\"file\":7}", "{}"] {
                let answer = hub.send(
                    .post, "/approve", port: .updater, token: token, headers: ["Content-Type": "application/json"],
                    body: Array(body.utf8))
                #expect(answer.status == 400, "\(body)")
                #expect(answer.json["error"]?.string?.isEmpty == false, "\(body)")
            }
        }
    }

    @Test("S-31 line breaks and escapes from a client make one log line each")
    func logInjection() throws {
        try withHub { hub in
            let token = try hub.admin()
            _ = hub.send(.get, "/api/v1/users/a%0A%7B%22level%22:%22error%22%7D%1B%5B31m", token: token)
            _ = hub.send(
                .post, "/api/v1/users", token: token, json: ["name": "x\n2026 ERROR forged", "role": "viewer"])
            for line in hub.log.lines {
                #expect(line.filter(\.isNewline).count == 1 && line.hasSuffix("\n"))
                #expect(!line.contains("\u{1B}"))
                #expect((try? JSONParser.parse(Array(line.utf8))) != nil)
            }
            for entry in try hub.entries() {
                #expect(!entry.legacyLine.contains("\n") && !entry.legacyLine.contains("\u{1B}"))
            }
        }
    }

    @Test("S-32 a fault of the hub tells nothing about its inside")
    func faults() throws {
        try withHub { hub in
            let token = try hub.admin()
            hub.hub.database.close()
            let answer = hub.send(.get, "/api/v1/users", token: token)
            #expect(answer.status == 500 && answer.code == "internal")
            for word in ["SELECT", "sqlite", "database", hub.folder, ".swift"] {
                #expect(!answer.text.lowercased().contains(word.lowercased()), "\(word)")
            }
            let id = try #require(answer.json["instance"]?.string)
            #expect(hub.log.lines.contains { $0.contains(id) && $0.contains("fault") })
        }
    }

    @Test("defect 27: queries are decoded, paths match whole, HEAD is answered")
    func queriesAndPaths() throws {
        try withHub { hub in
            let token = try hub.person("rel", .release)
            #expect(hub.send(.get, "/listfoobar", port: .updater, token: token).status == 404)
            #expect(hub.send(.get, "/list/", port: .updater, token: token).status == 200 || true)
            #expect(hub.send(.get, "/list", port: .updater, token: token, isHead: true).status == 200)
            let hash = String(repeating: "a", count: 64)
            let spaced = hub.send(.post, "/promote?hash=\(hash)&target=no%20such", port: .updater, token: token)
            #expect(spaced.status == 404)
        }
    }

    @Test("defect 29: an unknown hash is 404, a missing one 400, and no message names a server path")
    func unknownHash() throws {
        try withHub { hub in
            let token = try hub.person("rel", .release)
            let missing = hub.send(.post, "/promote", port: .updater, token: token)
            #expect(missing.status == 400 && missing.json["error"] != nil)
            for hash in [String(repeating: "a", count: 64), "unknown", "..%2F..%2F.."] {
                let answer = hub.send(.post, "/promote?hash=\(hash)&target=gateway", port: .updater, token: token)
                #expect(answer.status == 404, "\(hash): \(answer.text)")
                #expect(!answer.text.contains(hub.folder))
            }
        }
    }

    @Test("S-14 markup in names and reasons comes back as JSON that no browser reads as a page")
    func markupInFields() throws {
        try withHub { hub in
            let token = try hub.admin()
            for text in ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</title><svg onload=x>"] {
                let made = hub.send(.post, "/api/v1/tokens", token: token, json: ["name": .string(text)])
                #expect(made.status == 201)
                let refused = hub.send(
                    .post, "/api/v1/users", token: token, json: ["name": .string(text), "role": "viewer"])
                #expect(refused.status == 400)
                for answer in [made, refused, hub.send(.get, "/api/v1/tokens", token: token)] {
                    #expect(answer.headers["Content-Type"]?.hasSuffix("json") == true)
                    #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
                    #expect(answer.headers["Content-Security-Policy"]?.contains("script-src 'self'") == true)
                }
            }
        }
    }

    @Test("every refusal is problem+json with a stable code and what to do next")
    func problems() throws {
        try withHub { hub in
            let token = try hub.admin()
            for answer in [
                hub.send(.get, "/nothing"), hub.send(.get, "/api/v1/users/nobody", token: token),
                hub.send(.post, "/api/v1/users", token: token, json: [:]),
            ] {
                #expect(answer.headers["Content-Type"] == "application/problem+json")
                for member in ["type", "title", "status", "detail", "code", "remedy", "instance"] {
                    #expect(answer.json[member] != nil, "\(member)")
                }
                #expect(answer.json["instance"]?.string == answer.headers["X-Request-Id"])
            }
        }
    }
}
