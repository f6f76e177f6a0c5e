import AuroraAudit
import AuroraDatabase
import AuroraHTTP
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraHub

@Suite("The prototype's routes under today's rules")
struct PrototypeTests {
    @Test("defect 13: what is staged shows on both ports at once, as does what waits")
    func oneList() throws {
        try withHub { hub in
            let rel = try hub.person("rel", .release)
            for (port, path) in [(HubPort.updater, "/list"), (.dashboard, "/api/updater/list")] {
                #expect(hub.send(.get, path, port: port, token: rel).json["staged"]?.array == [])
            }
            let digest = try hub.staged("1", token: rel)
            for (port, path) in [(HubPort.updater, "/list"), (.dashboard, "/api/updater/list")] {
                #expect(hub.send(.get, path, port: port, token: rel).json["staged"]?.array == [.string(digest)])
            }
        }
    }

    @Test("defect 14: promote needs an approval, names the suggestion, and works once it is approved")
    func promote() throws {
        try withHub { hub in
            let rel = try hub.person("rel", .release)
            let app = try hub.person("app", .approver)
            let digest = try hub.staged("1", token: rel)
            let first = hub.send(.post, "/promote?hash=\(digest)&target=gateway", port: .updater, token: rel)
            #expect(first.status == 409 && first.code == "approval_required" && first.json["error"] != nil)
            let id = try #require(first.json["suggestion"]?["id"]?.string)
            #expect(
                hub.send(.get, "/suggestions", port: .updater, token: rel).json["suggestions"]?.array == [.string(id)])
            let approved = hub.send(
                .post, "/approve", port: .updater, token: app,
                json: ["file": .string(id), "reason": "read the diff, all as expected"])
            #expect(approved.status == 200, "\(approved.text)")
            #expect(approved.json["ok"]?.bool == true && approved.json["applied"]?.string == id)
            let token = try #require(approved.json["signed_token"]?.string)
            #expect(token.contains("payload") && token != "operator-signed-placeholder")
            _ = hub.ended(approved.json["change"]?.string ?? "", token: rel)
            #expect(hub.live == "1")
            let again = hub.send(.post, "/promote?hash=\(digest)&target=gateway", port: .updater, token: rel)
            #expect(again.status == 200 && again.json["ok"]?.bool == true)
            #expect(hub.send(.get, "/suggestions", port: .updater, token: rel).json["suggestions"]?.array == [])
        }
    }

    @Test(
        "approving a bare staged digest files its suggestion and votes on it; curl's form type carries JSON with a token"
    )
    func approveDigest() throws {
        try withHub(isDev: true, token: "an-environment-token-of-32-bytes") { hub in
            let token = "an-environment-token-of-32-bytes"
            let digest = try hub.staged("1", token: token)
            let approved = hub.send(
                .post, "/approve", port: .updater, token: token,
                headers: ["Content-Type": "application/x-www-form-urlencoded"],
                body: Array("{\"file\":\"\(digest)\"}".utf8))
            #expect(approved.status == 200, "\(approved.text)")
            #expect(approved.json["applied"]?.string == digest)
            _ = hub.ended(approved.json["change"]?.string ?? "", token: token)
            #expect(hub.live == "1")
            let reasons = try hub.entries().map(\.reason)
            #expect(reasons.contains("none given"))
        }
    }

    @Test("a cookie never carries JSON under a form content type")
    func formTypeWithCookie() throws {
        try withHub { hub in
            _ = try hub.admin()
            _ = try hub.person("app", .approver)
            let browser = try hub.browser("app")
            let answer = hub.send(
                .post, "/api/suggestions/approve?file=sg-aaaaaaaaaaaaaaaa", headers: browser.changing,
                form: "{\"reason\":\"x\"}")
            #expect(answer.status == 404 || answer.status == 400)
            var headers = browser.changing
            headers["X-CSRF-Token"] = nil
            let withoutToken = hub.send(
                .post, "/api/suggestions/approve?file=sg-aaaaaaaaaaaaaaaa", headers: headers,
                form: "{\"csrf\":\"\(browser.csrf)\"}")
            #expect(withoutToken.code == "csrf_failed")
            let plain = hub.send(
                .post, "/api/suggestions/approve?file=sg-aaaaaaaaaaaaaaaa", headers: headers,
                form: "csrf=\(browser.csrf)&reason=a+good+reason")
            #expect(plain.status == 404, "\(plain.text)")
        }
    }

    @Test("defect 16: every prototype route wants a token, and a wrong one is 401")
    func authentication() throws {
        try withHub { hub in
            for (method, path, port) in [
                (HTTPMethod.get, "/list", HubPort.updater), (.get, "/suggestions", .updater),
                (.post, "/promote?hash=x", .updater), (.post, "/approve", .updater),
                (.get, "/api/updater/list", .dashboard), (.post, "/api/updater/upload", .dashboard),
                (.post, "/api/updater/stage", .dashboard), (.get, "/api/suggestions/list", .dashboard),
                (.post, "/api/suggestions/approve?file=x", .dashboard), (.get, "/api/audit/last", .dashboard),
            ] {
                #expect(hub.send(method, path, port: port).status == 401)
                #expect(hub.send(method, path, port: port, token: "wrong").status == 401)
            }
        }
    }

    @Test("defect 17: without a word the hub listens on loopback; off it, TLS or a named proxy is needed")
    func listening() throws {
        let configuration = HubConfiguration()
        var options = HubOptions(state: "/nowhere")
        #expect(try Listening(options, configuration).address == nil)
        options.listen = "0.0.0.0"
        #expect(throws: HubStartError.self) { try Listening(options, configuration) }
        options.isBehindProxy = true
        #expect(try Listening(options, configuration).address == "0.0.0.0")
        options.isBehindProxy = false
        options.tlsCertificate = "/cert"
        #expect(throws: HubStartError.self) { try Listening(options, configuration) }
        options.tlsKey = "/key"
        #expect(try Listening(options, configuration).tls != nil)
        options.isDev = true
        #expect(throws: HubStartError.self) { try Listening(options, configuration) }
        options.listen = "127.0.0.1"
        #expect(try Listening(options, configuration).address == nil)
    }

    @Test("defect 19: a file name is a label; names that look like paths are refused and write nothing")
    func fileNames() throws {
        try withHub { hub in
            let rel = try hub.person("rel", .release)
            for name in ["..%2Fx", "%2Fetc%2Fx", "a%2Fb", "..", "a%0Ab", ".hidden%00"] {
                let answer = hub.send(.put, "/api/v1/artifacts/\(name)", token: rel, body: [1, 2, 3])
                #expect((400...499).contains(answer.status), "\(name): \(answer.status)")
            }
            #expect(hub.send(.get, "/api/v1/artifacts", token: rel).json["items"]?.array == [])
        }
    }

    @Test("defect 20: only uploaded artifacts can be staged, never a file of the machine")
    func stagePaths() throws {
        try withHub { hub in
            let rel = try hub.person("rel", .release)
            for name in ["/etc/hostname", "../../../etc/hostname", "..", "nothing.tar.gz"] {
                let encoded = name.replacingOccurrences(of: "/", with: "%2F")
                let answer = hub.send(.post, "/api/updater/stage", token: rel, form: "filename=\(encoded)")
                #expect(answer.status == 404 || answer.status == 400, "\(name): \(answer.text)")
                #expect(answer.json["detail"] != nil)
            }
        }
    }

    @Test("defect 21: no path is a target unless it is registered, and no hash is a path")
    func promotePaths() throws {
        try withHub { hub in
            let rel = try hub.person("rel", .release)
            let digest = try hub.staged("1", token: rel)
            for target in ["/tmp", ".", "..%2F..", "%2Fetc", "nobody"] {
                let answer = hub.send(.post, "/promote?hash=\(digest)&target=\(target)", port: .updater, token: rel)
                #expect(answer.status == 404, "\(target): \(answer.text)")
            }
            let alias = hub.send(
                .post, "/promote?hash=\(digest)&target=\(hub.folder)/app/current", port: .updater, token: rel)
            #expect(alias.code == "approval_required", "\(alias.text)")
            let alone = hub.send(.post, "/promote?hash=\(digest)", port: .updater, token: rel)
            #expect(alone.code == "approval_required")
        }
    }

    @Test("defect 22: approve looks nothing up in the file system and marks nothing")
    func approvePaths() throws {
        try withHub { hub in
            let app = try hub.person("app", .approver)
            try write("x", to: hub.folder + "/victim")
            for file in ["/etc/shadow", hub.folder + "/victim", "../victim", "victim"] {
                let answer = hub.send(
                    .post, "/approve", port: .updater, token: app,
                    json: ["file": .string(file), "reason": "let me see whether it is there"])
                #expect(answer.status == 404, "\(file)")
                let escaped = file.replacingOccurrences(of: "/", with: "%2F")
                #expect(hub.send(.post, "/api/suggestions/approve?file=\(escaped)", token: app).status == 404)
            }
            #expect(try FileStatus.ifExists(hub.folder + "/victim.approved") == nil)
        }
    }

    @Test("defect 30: audit lines name actor and act, a line break forges none, and n=0 and n=-1 are what they say")
    func auditLines() throws {
        try withHub { hub in
            let rel = try hub.person("rel", .release)
            _ = hub.send(.put, "/api/v1/artifacts/good.tar", token: rel, body: [1, 2, 3])
            _ = hub.send(.post, "/api/updater/stage", token: rel, form: "filename=a%0A1%20APPROVE%20x")
            func lines(_ n: String) -> TestHub.Answer { hub.send(.get, "/api/audit/last?n=\(n)", token: rel) }
            let all = lines("200").json["lines"]?.array?.compactMap(\.string) ?? []
            #expect(all.contains { $0.contains("by=rel") })
            #expect(all.allSatisfy { !$0.contains("\n") && $0.split(separator: " ").count >= 3 })
            #expect(!all.contains { $0.hasPrefix("1 APPROVE") })
            #expect(lines("0").json["lines"]?.array == [])
            #expect(lines("-1").status == 400)
            #expect(lines("x").status == 400)
            #expect(lines("1").json["lines"]?.array?.count == 1)
        }
    }

    @Test("defect 32: the prototype's routes carry the security headers")
    func headers() throws {
        try withHub { hub in
            let rel = try hub.person("rel", .release)
            for _ in 0..<2 {
                let answer = hub.send(.get, "/list", port: .updater, token: rel)
                #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
                #expect(answer.headers["Content-Security-Policy"]?.contains("default-src 'none'") == true)
            }
        }
    }

    @Test("defect 33: queues are folders of the state, all domains have one, and markers beside files are nothing")
    func dropFolders() throws {
        try withHub { hub in
            _ = try hub.admin()
            let rel = try hub.person("rel", .release)
            let app = try hub.person("app", .approver)
            let digest = try hub.staged("1", token: rel)
            let queue = hub.folder + "/state/queues/core"
            let good =
                "{\"action\":\"promote\",\"target\":\"gateway\",\"release\":\"\(digest)\",\"reason\":\"from the agent\"}"
            try write(good, to: queue + "/update-1.json")
            try write("{\"ts\":1,\"op\":\"approved\"}", to: queue + "/update-1.json.approved")
            try write("rm -rf /", to: queue + "/script.sh")
            try write(String(repeating: "x", count: 70_000), to: queue + "/huge.json")
            try write(good, to: hub.folder + "/state/queues/maritime/wrong.json")
            for _ in 0..<3 { try hub.hub.dropFolders.scan() }
            let names = hub.send(.get, "/suggestions", port: .updater, token: rel).json["suggestions"]?.array
            #expect(names == ["update-1.json"])
            let queues = hub.send(.get, "/api/suggestions/list", token: rel).json
            #expect(queues["agents/suggestions"]?.array == ["update-1.json"])
            for domain in ["automotive", "maritime", "aviation", "satellite"] {
                #expect(queues["\(domain)/suggestions"]?.array == [])
            }
            let refused = try hub.entries().filter { $0.actor.name == "drop-folder" && $0.outcome != .accepted }
            #expect(refused.count == 4, "\(refused.map(\.subject))")
            let approved = hub.send(
                .post, "/api/suggestions/approve?file=agents/suggestions/update-1.json", token: app,
                form: "reason=read+the+diff+all+good")
            #expect(approved.status == 200, "\(approved.text)")
            _ = hub.ended(approved.json["change"]?.string ?? "", token: rel)
            #expect(hub.live == "1")
            let left = try DirectoryNames.read(in: queue).compactMap(\.text).sorted()
            #expect(left == ["huge.json", "script.sh", "update-1.json", "update-1.json.approved"])
        }
    }

    @Test("a suggestion file that cannot be taken in stops none of the others, and is tried again")
    func stuckFile() throws {
        try withHub { hub in
            let queue = hub.folder + "/state/queues/core"
            for name in ["a.json", "b.json", "c.json"] { try write("not json: \(name)", to: "\(queue)/\(name)") }
            _ = try hub.hub.database.write {
                try $0.execute(
                    """
                    CREATE TRIGGER stuck BEFORE INSERT ON dropped_files WHEN NEW.name = 'a.json'
                    BEGIN SELECT RAISE(ABORT, 'stuck'); END
                    """)
            }
            func taken() throws -> [String] {
                try hub.hub.database.read {
                    try $0.query("SELECT name FROM dropped_files ORDER BY name").map { try $0.text("name") }
                }
            }
            for _ in 0..<3 { try hub.hub.dropFolders.scan() }
            #expect(try taken() == ["b.json", "c.json"])
            let said = hub.log.lines.filter { $0.contains("cannot be taken in yet") && $0.contains("a.json") }
            #expect(said.count == 1, "\(said)")
            _ = try hub.hub.database.write { try $0.execute("DROP TRIGGER stuck") }
            try hub.hub.dropFolders.scan()
            #expect(try taken() == ["a.json", "b.json", "c.json"])
        }
    }

    @Test("defect 22: a file's name approves only when it is the name of one open suggestion of the queue")
    func ambiguousNames() throws {
        let yaml = { (folder: String) in
            TestHub.yaml(folder)
                .replacingOccurrences(
                    of: "policies:",
                    with: "  - { name: car, path: \(folder)/app/car, domain: automotive, safety: routine }\npolicies:"
                )
                .replacingOccurrences(
                    of: "core: { allow_unsigned: true }",
                    with: """
                        core: { allow_unsigned: true }
                          automotive: { allow_unsigned: true, signatures: browser-accepted, approvers: 1 }
                        """)
        }
        try withHub(yaml: yaml) { hub in
            _ = try hub.admin()
            let rel = try hub.person("rel", .release)
            let app = try hub.person("app", .approver)
            func drop(_ digest: String, for target: String, in queue: String) throws {
                let text =
                    "{\"action\":\"promote\",\"target\":\"\(target)\",\"release\":\"\(digest)\","
                    + "\"reason\":\"from the agent\"}"
                try write(text, to: "\(hub.folder)/state/queues/\(queue)/update.json")
                for _ in 0..<3 { try hub.hub.dropFolders.scan() }
            }
            func approve(_ file: String) -> TestHub.Answer {
                hub.send(
                    .post, "/api/suggestions/approve?file=\(file)", token: app, form: "reason=read+the+diff+all+good")
            }
            let (one, two) = (try hub.staged("1", token: rel), try hub.staged("2", token: rel))
            try drop(one, for: "gateway", in: "core")
            try drop(two, for: "car", in: "automotive")
            let both = approve("update.json")
            #expect(both.status == 409 && both.code == "suggestion_ambiguous", "\(both.text)")
            #expect(both.json["choices"]?.array?.count == 2)
            let elsewhere = approve("maritime/suggestions/update.json")
            #expect(elsewhere.status == 409, "\(elsewhere.text)")
            try drop(two, for: "gateway", in: "core")
            let swapped = approve("agents/suggestions/update.json")
            #expect(swapped.status == 409 && swapped.json["choices"]?.array?.count == 2, "\(swapped.text)")
            let updater = hub.send(
                .post, "/approve", port: .updater, token: app,
                json: ["file": "update.json", "reason": "read the diff, all good"])
            #expect(updater.status == 409 && updater.json["choices"]?.array?.count == 3, "\(updater.text)")
            #expect(hub.live == "nothing")
            let choices = swapped.json["choices"]?.array?.compactMap { $0["suggestion"]?.string } ?? []
            let chosen = approve(choices.first ?? "")
            #expect(chosen.status == 200, "\(chosen.text)")
            _ = hub.ended(chosen.json["change"]?.string ?? "", token: rel)
            // Both were filed in the same moment: which id comes first is chance.
            #expect(["1", "2"].contains(hub.live))
            let left = approve("core/update.json")
            #expect(left.code == "plan_stale", "\(left.text)")
            let car = approve("automotive/update.json")
            #expect(car.status == 200, "\(car.text)")
        }
    }

    @Test("a polled list is serialised once and made anew only after a change")
    func cachedLists() throws {
        try withHub { hub in
            let rel = try hub.person("rel", .release)
            let first = hub.send(.get, "/list", port: .updater, token: rel)
            let handler = hub.hub.handler(for: .updater)
            let one = try #require(handler.polls.current(.updater, target: "/list"))
            _ = hub.send(.get, "/list", port: .updater, token: rel)
            let two = try #require(handler.polls.current(.updater, target: "/list"))
            #expect(one === two && first.json["staged"]?.array == [])
            let digest = try hub.staged("1", token: rel)
            let after = hub.send(.get, "/list", port: .updater, token: rel)
            #expect(after.json["staged"]?.array == [.string(digest)])
        }
    }
}
