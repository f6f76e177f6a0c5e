import AuroraApprovals
import AuroraFetch
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraHub

/// Requests that wait for the end of something hold no worker: a port has 16 of them, and many more clients.
@Suite("Waiting requests") struct WaitTests {
    private func get(_ target: String, token: String, _ more: String = "") -> String {
        "GET \(target) HTTP/1.1\r\nHost: localhost:9711\r\nAuthorization: Bearer \(token)\r\n\(more)\r\n"
    }

    private func post(_ target: String, token: String?, _ body: String, _ more: String = "") -> String {
        let login = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        return "POST \(target) HTTP/1.1\r\nHost: localhost:9711\r\n\(login)Content-Type: application/json\r\n"
            + "\(more)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// A change that runs until the test ends it.
    private func change(_ hub: Hub) throws -> ChangeID {
        let change = hub.changes.new(.stage, subject: "app", actor: "test", reason: "")
        try hub.changes.create(change)
        return change.id
    }

    /// Clients that wait for `id`, all of them known to the hub.
    private func waiters(_ count: Int, for id: ChangeID, at server: TestServer, token: String) throws -> [RawClient] {
        let port = try #require(server.server.port(.dashboard))
        let clients = try (0..<count).map { _ in try RawClient(port: port) }
        for client in clients { client.send(get("/api/v1/changes/\(id)", token: token, "Prefer: wait=60\r\n")) }
        // Each look is a request of its own: the port answers while they gather.
        while server.test.hub.waits.count < count { #expect(try server.send("GET", "/healthz").status == 200) }
        return clients
    }

    private func state(_ answer: Answer) -> String? { (try? JSONParser.parse(answer.body))?["state"]?.string }

    @Test("64 clients wait for a change on one port; health and login answer at once, and each hears of the end")
    func waiting() throws {
        try withServer { server in
            let token = try server.test.person("vera", .viewer)
            let id = try change(server.test.hub)
            let clients = try waiters(64, for: id, at: server, token: token)
            #expect(try server.send("GET", "/healthz").status == 200)
            let (link, _) = try server.test.hub.accounts.makeLoginLink(for: UserName("vera"), by: .system)
            let code = try #require(link.split(separator: "=").last)
            let login = try server.send(
                "POST", "/api/v1/session", headers: [(name: "Content-Type", value: "application/json")],
                body: Array("{\"code\":\"\(code)\"}".utf8))
            #expect(login.status == 200, "\(login.text)")
            #expect(server.test.hub.waits.count == 64)
            try server.test.hub.changes.finish(id, .done)
            for client in clients {
                let answer = try client.readAnswer()
                #expect(answer.status == 200 && state(answer) == "done")
                #expect(answer.headers["x-request-id"] != nil && answer.headers["content-security-policy"] != nil)
            }
            #expect(server.test.hub.waits.count == 0)
        }
    }

    @Test("a hub that stops answers 64 waiting clients with the change as it stands")
    func stopping() throws {
        try withTemporaryDirectory { folder in
            try FileManager.default.createDirectory(atPath: folder + "/app", withIntermediateDirectories: true)
            let test = try TestHub(folder)
            let server = try TestServer(test)
            let id = try change(test.hub)
            let clients = try waiters(64, for: id, at: server, token: test.person("vera", .viewer))
            server.server.stop(within: .seconds(120))
            for client in clients {
                let answer = try client.readAnswer()
                #expect(answer.status == 200 && state(answer) == "queued")
                #expect(client.readToEnd().end == .closed)
            }
        }
    }

    @Test("a wait ends with its time, with the change as it stands")
    func timeOver() throws {
        try withServer { server in
            let token = try server.test.person("vera", .viewer)
            let id = try change(server.test.hub)
            let answer = try server.send(
                "GET", "/api/v1/changes/\(id)", token: token, headers: [(name: "Prefer", value: "wait=1")])
            #expect(answer.status == 200 && server.json(answer)["state"]?.string == "queued")
            #expect(server.test.hub.waits.count == 0)
        }
    }

    @Test("S-34: repetitions of a request that waits are parked too, and get its answer")
    func repeated() throws {
        try withServer { server in
            let token = try server.test.person("rel", .release)
            let upload = try server.send(
                "PUT", "/artifacts/app.tar.gz", port: .updater, token: token,
                body: try server.test.archive(["VERSION": "1"]))
            let digest = try #require(server.json(upload)["sha256"]?.string)
            let port = try #require(server.server.port(.dashboard))
            let body = "{\"artifact\":\"\(digest)\"}"
            let clients = try (0..<50).map { _ in try RawClient(port: port) }
            for client in clients {
                client.send(
                    post("/api/v1/releases", token: token, body, "Idempotency-Key: again-again\r\nPrefer: wait=60\r\n"))
            }
            let answers = try clients.map { try $0.readAnswer() }
            #expect(Set(answers.map(\.text)).count == 1)
            #expect(answers.allSatisfy { $0.status == 202 && state($0) == "done" })
            #expect(answers.count { $0.headers["idempotency-replayed"] == "true" } == 49)
            #expect(try server.test.hub.changes.list().items.count == 1)
        }
    }

    @Test("64 requests that need the same trial wait for one trial without a worker, and file one suggestion")
    func trials() throws {
        let yaml: (String) -> String = { folder in
            TestHub.yaml(folder).replacing("kind: link,", with: "kind: link, health: [/bin/true],")
        }
        try withServer(yaml: yaml) { server in
            let token = try server.test.person("rel", .release)
            let digest = try server.test.staged("1", token: token)
            let port = try #require(server.server.port(.dashboard))
            let body = "{\"release\":\"\(digest)\",\"reason\":\"a reason of ten letters\"}"
            let clients = try (0..<64).map { _ in try RawClient(port: port) }
            for client in clients { client.send(post("/api/v1/targets/gateway/promote", token: token, body)) }
            #expect(try server.send("GET", "/healthz").status == 200)
            let answers = try clients.map { try $0.readAnswer() }
            let codes = answers.map { (try? JSONParser.parse($0.body))?["code"]?.string }
            #expect(Set(codes) == ["approval_required"], "\(answers[0].text)")
            #expect(try server.test.entries().count { $0.action == "release.try" } == 1)
            let changes = try server.test.hub.changes.list().items
            #expect(changes.count { $0.kind == .trial } == 1)
            #expect(try server.test.hub.approvals.list(limit: 10).items.count == 1)
        }
    }
}
