import AuroraAudit
import AuroraFetch
import AuroraHTTP
import AuroraModel
import AuroraReleases
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraHub

@Suite("Every change is in the log, route by route")
struct AuditWalkTests {
    @Test("S-35 promise 6: every changing route has an example call, and every example a route")
    func complete() throws {
        let changing = try withHub { hub in hub.hub.table.routes.filter { $0.method != .get } }
        #expect(changing.filter { !$0.isAudited }.map(\.name) == ["POST /api/v1/audit/verify"])
        let names = Set(changing.filter(\.isAudited).map(\.name))
        #expect(names.subtracting(WalkExample.all.keys).sorted() == [], "give each of these an example call")
        #expect(Set(WalkExample.all.keys).subtracting(names).sorted() == [])
    }

    @Test(
        "S-35 promise 6: a call that succeeds leaves an entry with who, what and from where",
        arguments: WalkExample.all.keys.sorted())
    func walk(_ name: String) throws {
        let example = try #require(WalkExample.all[name])
        let yaml = { (folder: String) in
            TestHub.yaml(folder)
                .replacing("allow_unsigned: true", with: "allow_unsigned: true\(example.policy)")
                .replacing(
                    "domain: core }",
                    with: example.health.isEmpty ? "domain: core }" : "domain: core, health: \(example.health) }")
        }
        try withServer(yaml: yaml) { server in
            let hub = server.test.hub
            let route = try #require(hub.table.routes.first { $0.name == name })
            let call = try example.make(try WalkScene(server.test))
            let before = try hub.audit.size
            let (status, text) = try send(call, route, to: server)
            #expect((200..<400).contains(status), "\(status) \(text)")
            hub.releases.drain()
            let entries = try hub.audit.entries(from: before, limit: 100).map { try $0.decoded() }
            let entry = entries.first { $0.action == example.action && $0.actor.name == call.by }
            #expect(entry?.outcome == .accepted, "\(entries.map { "\($0.actor.name) \($0.action)" })")
            #expect(entry?.actor.address == "127.0.0.1")
        }
    }

    private func send(_ call: WalkCall, _ route: Route, to server: TestServer) throws -> (Int, String) {
        let port = try #require(route.ports.sorted { $0.rawValue < $1.rawValue }.first)
        if let field = call.multipart {
            let form = TestServer.form(field, fileName: "a.tar", call.body ?? [])
            let answer = try server.send(
                "POST", call.target, port: port, token: call.token, headers: [(name: "Content-Type", value: form.type)],
                body: form.body)
            return (Int(answer.status), answer.text)
        }
        let answer = server.test.send(
            route.method, call.target, port: port, token: call.token, headers: call.headers, json: call.json,
            form: call.form, body: call.body)
        return (answer.status, answer.text)
    }
}
