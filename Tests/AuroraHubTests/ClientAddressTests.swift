import AuroraHTTP
import AuroraModel
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraHub

/// From where a request came when a proxy speaks for its client.
@Suite("The client's address") struct ClientAddressTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var peer = "127.0.0.1"
        let fields: HTTPHeaders
        /// The client's address; nil when the request is refused.
        let client: String?
        var testDescription: String { "\(peer) \(fields.fields.map { "\($0.name): \($0.value)" })" }

        init(_ fields: HTTPHeaders, peer: String = "127.0.0.1", _ client: String?) {
            self.fields = fields
            self.peer = peer
            self.client = client
        }
    }

    static let rows: [Row] = [
        Row([:], "127.0.0.1"),
        Row(["X-Forwarded-For": "192.0.2.7"], "192.0.2.7"),
        Row(["X-Forwarded-For": "192.0.2.7"], peer: "::1", "192.0.2.7"),
        Row(["X-Forwarded-For": "10.9.9.9, garbage ,192.0.2.7"], "192.0.2.7"),
        Row(["X-Forwarded-For": "192.0.2.7:4711"], "192.0.2.7"),
        Row(["X-Forwarded-For": "2001:DB8:0::1"], "2001:db8::1"),
        Row(["X-Forwarded-For": "[2001:db8::1]:443"], "2001:db8::1"),
        Row(["X-Forwarded-For": "::ffff:192.0.2.7"], "192.0.2.7"),
        Row(["Forwarded": "for=192.0.2.7;proto=https;by=203.0.113.43"], "192.0.2.7"),
        Row(["Forwarded": "for=198.51.100.1, proto=https; For=\"[2001:db8::1]:4711\""], "2001:db8::1"),
        Row(["Forwarded": "for=\"_a,b\", for=192.0.2.7"], "192.0.2.7"),
        Row(["Forwarded": "for=192.0.2.7", "X-Forwarded-For": "192.0.2.7"], "192.0.2.7"),
        // From a proxy the configuration names.
        Row(["X-Forwarded-For": "192.0.2.7"], peer: "198.51.100.9", "192.0.2.7"),
        Row(["X-Forwarded-For": "192.0.2.7"], peer: "2001:db8::9", "192.0.2.7"),
        // From anybody else the fields are the client's own words.
        Row(["X-Forwarded-For": "192.0.2.7"], peer: "198.51.100.8", "198.51.100.8"),
        Row(["Forwarded": "garbage"], peer: "198.51.100.8", "198.51.100.8"),
        // A proxy that says nothing usable.
        Row(["X-Forwarded-For": ""], nil),
        Row(["X-Forwarded-For": "192.0.2.7,"], nil),
        Row(["X-Forwarded-For": "unknown"], nil),
        Row(["X-Forwarded-For": "192.0.2.7:99999"], nil),
        Row(["X-Forwarded-For": "192.0.2.07.1"], nil),
        Row(["X-Forwarded-For": "[192.0.2.7]"], nil),
        Row(["X-Forwarded-For": "[2001:db8::1"], nil),
        Row(["X-Forwarded-For": "fe80::1%eth0"], nil),
        Row(["Forwarded": "proto=https"], nil),
        Row(["Forwarded": "for=_hidden"], nil),
        Row(["Forwarded": "for=192.0.2.7;for=192.0.2.8"], nil),
        Row(["Forwarded": "for=\"192.0.2.7"], nil),
        Row(["Forwarded": "for=192.0.2.8", "X-Forwarded-For": "192.0.2.7"], nil),
    ]

    @Test("behind a proxy the last hop counts, from loopback and configured proxies only", arguments: rows)
    func believed(row: Row) {
        let addresses = ClientAddress.behindProxies(at: ["198.51.100.9", "2001:DB8::9"])
        let head = RequestHead(headers: row.fields, remoteAddress: row.peer)
        if let client = row.client {
            #expect((try? addresses.placed(head))?.remoteAddress == client)
        } else {
            #expect { try addresses.placed(head) } throws: { ($0 as? Problem)?.code == "forwarded_malformed" }
        }
    }

    @Test("without a proxy the fields are never read", arguments: rows)
    func ignored(row: Row) throws {
        let head = RequestHead(headers: row.fields, remoteAddress: row.peer)
        #expect(try ClientAddress.peer.placed(head).remoteAddress == row.peer)
    }

    private func withHub(behindProxy: Bool, _ body: (TestHub) throws -> Void) throws {
        try withTemporaryDirectory { folder in
            try FileManager.default.createDirectory(atPath: folder + "/app", withIntermediateDirectories: true)
            let hub = try TestHub(folder, behindProxy: behindProxy)
            defer { hub.hub.close() }
            try body(hub)
        }
    }

    @Test(
        "S-09 S-23 behind a proxy, one client's wrong passwords lock out that client alone", arguments: [true, false])
    func lockOut(behindProxy: Bool) throws {
        try withHub(behindProxy: behindProxy) { hub in
            func logIn(from client: String) -> TestHub.Answer {
                hub.send(
                    .post, "/api/v1/session", headers: ["X-Forwarded-For": client],
                    json: ["user": "nobody", "password": "a wrong password"])
            }
            var last = logIn(from: "192.0.2.7")
            for _ in 0..<20 { last = logIn(from: "192.0.2.7") }
            #expect(last.status == 429)
            // Without the flag the field is the client's own word: another value does not help.
            #expect(logIn(from: "192.0.2.8").status == (behindProxy ? 401 : 429))
        }
    }

    @Test("S-35 the audit log says from where: the client behind the proxy, and the peer without one")
    func audited() throws {
        for (behindProxy, address) in [(true, "192.0.2.7"), (false, "127.0.0.1")] {
            try withHub(behindProxy: behindProxy) { hub in
                let made = hub.send(
                    .post, "/api/v1/users", token: try hub.admin(), headers: ["Forwarded": "for=192.0.2.7"],
                    json: ["name": "ann", "role": "viewer"])
                #expect(made.status == 201, "\(made.text)")
                let entry = try #require(try hub.entries().last { $0.action == "user.create" && $0.subject == "ann" })
                #expect(entry.actor.address == address)
            }
        }
    }

    @Test("a field that names no address is 400 and does nothing")
    func refused() throws {
        try withHub(behindProxy: true) { hub in
            let made = hub.send(
                .post, "/api/v1/users", token: try hub.admin(), headers: ["X-Forwarded-For": "unknown"],
                json: ["name": "ann", "role": "viewer"])
            #expect(made.status == 400 && made.code == "forwarded_malformed", "\(made.text)")
            #expect(try hub.entries().contains { $0.action == "user.create" && $0.subject == "ann" } == false)
        }
    }
}
