import AuroraAudit
import AuroraDatabase
import AuroraHTTP
import AuroraModel
import AuroraReleases
import AuroraSystem
import Foundation
import Testing

@testable import AuroraHub

@Suite("Limits, idempotency and the audit of refusals")
struct LimitTests {
    private func yaml(_ folder: String, _ limits: String) -> String {
        """
        version: aurora-config-v1
        limits: { \(limits) }
        hub: { free_disk_floor_bytes: 0, upload_quota_bytes: 100000, maximum_upload_bytes: 50000 }
        targets:
          - { name: gateway, path: \(folder)/app/current }
        """
    }

    private func limited(_ limits: String) -> (String) -> String { { yaml($0, limits) } }

    @Test("S-23 one account over its limit gets 429 with Retry-After, others do not notice")
    func rateLimit() throws {
        try withHub(yaml: limited("requests_per_second: 1, request_burst: 5")) { hub in
            let loud = try hub.person("loud", .viewer)
            let quiet = try hub.person("quiet", .viewer)
            let answers = (0..<10).map { _ in hub.send(.get, "/list", port: .updater, token: loud) }
            #expect(answers.prefix(5).allSatisfy { $0.status == 200 })
            #expect(answers.last?.status == 429 && answers.last?.code == "rate_limited")
            #expect(answers.last?.headers["Retry-After"] != nil)
            #expect(hub.send(.get, "/list", port: .updater, token: quiet).status == 200)
            hub.clock.advance(seconds: 2)
            #expect(hub.send(.get, "/list", port: .updater, token: loud).status == 200)
        }
    }

    @Test("S-23 strangers are limited by address, and accounts from that address are not")
    func strangerLimit() throws {
        try withHub(yaml: limited("stranger_requests_per_second: 1, stranger_burst: 3")) { hub in
            let token = try hub.person("vic", .viewer)
            let answers = (0..<6).map { _ in hub.send(.get, "/api/v1/whoami", address: "192.0.2.1") }
            #expect(answers.prefix(3).allSatisfy { $0.status == 401 })
            #expect(answers.last?.status == 429)
            #expect(hub.send(.get, "/api/v1/whoami", token: token, address: "192.0.2.1").status == 200)
            #expect(hub.send(.get, "/api/v1/whoami", address: "192.0.2.2").status == 401)
        }
    }

    @Test("S-24 an upload over the limit, over the quota or of another length than declared leaves nothing")
    func uploadLimits() throws {
        try withHub(yaml: limited("depth: 64")) { hub in
            let token = try hub.person("rel", .release)
            func put(_ name: String, _ size: Int, _ headers: HTTPHeaders = [:]) -> TestHub.Answer {
                hub.send(
                    .put, "/api/v1/artifacts/\(name)", token: token, headers: headers,
                    body: [UInt8](repeating: UInt8(size % 251), count: size))
            }
            #expect(put("big.tar", 60_000).status == 413)
            #expect(put("one.tar", 40_000).status == 201)
            #expect(put("two.tar", 45_000).status == 201)
            #expect(put("three.tar", 30_000).status == 507)
            let wrong = put("four.tar", 10, ["Repr-Digest": "sha-256=:\(String(repeating: "A", count: 43))=:"])
            #expect(wrong.status == 400 && wrong.code == "digest_mismatch")
            #expect(put("five.tar", 10, ["Repr-Digest": "sha-256=:nonsense:"]).status == 400)
            #expect(hub.hub.releases.uploads.usage.partialBytes == 0)
            #expect(hub.send(.get, "/api/v1/artifacts", token: token).json["items"]?.array?.count == 2)
        }
    }

    @Test("S-34 fifty parallel requests with one idempotency key have one effect and one answer")
    func parallelIdempotency() throws {
        try withHub { hub in
            let admin = try hub.admin()
            nonisolated(unsafe) let test = hub
            nonisolated(unsafe) var answers = [TestHub.Answer?](repeating: nil, count: 50)
            let lock = NSLock()
            DispatchQueue.concurrentPerform(iterations: 50) { index in
                let answer = test.send(
                    .post, "/api/v1/users", token: admin, headers: ["Idempotency-Key": "make-ann-once"],
                    json: ["name": "ann", "role": "viewer"])
                lock.withLock { answers[index] = answer }
            }
            #expect(answers.allSatisfy { $0?.status == 201 })
            #expect(Set(answers.compactMap { $0?.text }).count == 1)
            let made = try hub.entries().filter { $0.action == "user.create" && $0.subject == "ann" }
            #expect(made.count == 1)
            #expect(answers.filter { $0?.headers["Idempotency-Replayed"] == "true" }.count == 49)
        }
    }

    @Test("S-34 the same key with another body is 422, and another user's key is another key")
    func reusedKey() throws {
        try withHub { hub in
            let admin = try hub.admin()
            let second = try hub.person("second", .admin)
            let headers: HTTPHeaders = ["Idempotency-Key": "a-key-of-mine"]
            func make(_ name: String, _ token: String) -> TestHub.Answer {
                hub.send(
                    .post, "/api/v1/users", token: token, headers: headers,
                    json: ["name": .string(name), "role": "viewer"])
            }
            #expect(make("ann", admin).status == 201)
            #expect(make("bob", admin).code == "idempotency_mismatch")
            #expect(make("bob", second).status == 201)
            let refused = hub.send(
                .post, "/api/v1/users", token: admin, headers: ["Idempotency-Key": "another-key"],
                json: ["name": "ann", "role": "viewer"])
            #expect(refused.status == 409)
            let repeated = hub.send(
                .post, "/api/v1/users", token: admin, headers: ["Idempotency-Key": "another-key"],
                json: ["name": "ann", "role": "viewer"])
            #expect(repeated.status == 409 && repeated.headers["Idempotency-Replayed"] == "true")
        }
    }

    @Test("S-34 a request that the hub's death cut off is not done twice")
    func interruptedKey() throws {
        try withHub { hub in
            let admin = try hub.admin()
            let body: JSONValue = ["name": "ann", "role": "viewer"]
            let first = hub.send(
                .post, "/api/v1/users", token: admin, headers: ["Idempotency-Key": "cut-off-key"], json: body)
            #expect(first.status == 201)
            try hub.hub.database.write { transaction in
                _ = try transaction.execute("UPDATE idempotency SET status = NULL, body = NULL")
            }
            let again = hub.send(
                .post, "/api/v1/users", token: admin, headers: ["Idempotency-Key": "cut-off-key"], json: body)
            #expect(again.code == "idempotency_interrupted")
        }
    }

    @Test("S-35 every refusal of somebody known is in the log; strangers are one entry per source and minute")
    func auditedRefusals() throws {
        try withHub { hub in
            let viewer = try hub.person("vic", .viewer)
            let admin = try hub.admin()
            for route in hub.hub.table.routes where route.isAudited && route.right != nil {
                guard let right = route.right, !Role.viewer.has(right), case .json = route.body else { continue }
                let target =
                    "/"
                    + route.pattern.pieces.map { piece in
                        if case .literal(let text) = piece { text } else { "x" }
                    }.joined(separator: "/")
                let before = try hub.hub.audit.size
                #expect(hub.send(route.method, target, token: viewer, json: [:]).status == 403)
                let entry = try #require(try hub.hub.audit.entries(from: before, limit: 10).last?.decoded())
                #expect(entry.actor.name == "vic" && entry.outcome == .refused(code: "forbidden"), "\(route.name)")
                #expect(entry.actor.address == "127.0.0.1")
            }
            for _ in 0..<30 { _ = hub.send(.get, "/api/v1/users", address: "192.0.2.77") }
            hub.clock.advance(seconds: 61)
            try hub.hub.audit.flushRefusals(all: true)
            let counted = try hub.entries().filter { $0.actor.address == "192.0.2.77" }
            #expect(counted.count == 1)
            #expect(counted.first?.details.contains(AuditEntry.Detail("count", "30")) == true)
            _ = admin
        }
    }
}
