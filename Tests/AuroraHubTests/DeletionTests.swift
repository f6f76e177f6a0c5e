import AuroraAudit
import AuroraHTTP
import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraHub

@Suite("Deleting artifacts and releases")
struct DeletionTests {
    private func delete(_ hub: TestHub, _ what: String, _ digest: String, _ token: String) -> TestHub.Answer {
        hub.send(.delete, "/api/v1/\(what)/\(digest)", token: token)
    }

    @Test("an artifact that nothing needs goes with its bytes, its labels and its share of the quota")
    func unused() throws {
        try withHub { hub in
            let rel = try hub.person("rel", .release)
            let upload = hub.send(.put, "/api/v1/artifacts/a.tar", token: rel, body: [UInt8](repeating: 7, count: 5000))
            let digest = try #require(upload.json["sha256"]?.string)
            #expect(hub.hub.releases.uploads.usage.storedBytes == 5000)
            for role in [Role.viewer, .approver] {
                let token = try hub.person("no-\(role.rawValue)", role)
                #expect(delete(hub, "artifacts", digest, token).status == 403)
            }
            #expect(delete(hub, "artifacts", digest, rel).status == 204)
            #expect(hub.hub.releases.uploads.usage.storedBytes == 0)
            #expect(hub.send(.get, "/api/v1/artifacts/\(digest)", token: rel).status == 404)
            #expect(hub.send(.get, "/api/v1/artifacts/\(digest)/content", token: rel).status == 404)
            #expect(try FileTree.walk(hub.folder + "/state/blobs").allSatisfy { $0.kind != .regular })
            #expect(delete(hub, "artifacts", digest, rel).code == "artifact_unknown")
            let entry = try #require(try hub.entries().last { $0.action == "artifact.delete" })
            #expect(entry.subject == digest && entry.details.contains(AuditEntry.Detail("labels", "a.tar")))
            // The same bytes may come again.
            let again = hub.send(.put, "/api/v1/artifacts/a.tar", token: rel, body: [UInt8](repeating: 7, count: 5000))
            #expect(again.status == 201 && again.json["duplicate"]?.bool == false, "\(again.text)")
            #expect(hub.hub.releases.uploads.usage.storedBytes == 5000)
        }
    }

    @Test("what a release, an open suggestion or a target needs stays; when they let go of it, it can be deleted")
    func used() throws {
        try withHub { hub in
            let admin = try hub.admin()
            let rel = try hub.person("rel", .release)
            let app = try hub.person("app", .approver)
            let digest = try hub.staged("1", token: rel)
            let staged = delete(hub, "artifacts", digest, admin)
            #expect(staged.status == 409 && staged.code == "artifact_in_use", "\(staged.text)")
            let asked = hub.send(
                .post, "/api/v1/targets/gateway/promote", token: rel,
                json: ["release": .string(digest), "reason": "the nightly build of today"])
            let suggestion = try #require(asked.json["suggestion"])
            let id = suggestion["id"]?.string ?? ""
            let waiting = delete(hub, "releases", digest, admin)
            #expect(waiting.code == "release_in_use" && waiting.json["usedBy"]?.string?.contains(id) == true)
            let vote = hub.send(
                .post, "/api/v1/suggestions/\(id)/approve", token: app,
                json: ["plan": suggestion["plan"] ?? "", "reason": "read the diff, all as expected"])
            _ = hub.ended(vote.json["change"]?.string ?? "", token: app)
            let active = delete(hub, "releases", digest, rel)
            #expect(active.code == "release_in_use" && active.json["usedBy"]?.string?.contains("gateway") == true)
            #expect(hub.live == "1")
            let other = try hub.staged("2", token: rel)
            #expect(delete(hub, "releases", other, rel).status == 204)
            #expect(hub.send(.get, "/list", port: .updater, token: rel).json["staged"]?.array == [.string(digest)])
            #expect(delete(hub, "releases", other, rel).code == "release_unknown")
            let back = hub.send(
                .post, "/api/v1/releases", token: rel, headers: ["Prefer": "wait=30"],
                json: ["artifact": .string(other)])
            #expect(back.json["state"]?.string == "done", "\(back.text)")
            #expect(delete(hub, "releases", other, rel).status == 204)
            #expect(delete(hub, "artifacts", other, rel).status == 204)
        }
    }

    @Test("a deletion frees room in a full quota, also after a restart")
    func quota() throws {
        let small: (String) -> String = {
            TestHub.yaml($0).replacing(
                "free_disk_floor_bytes: 0", with: "free_disk_floor_bytes: 0, upload_quota_bytes: 9000")
        }
        try withTemporaryDirectory { folder in
            try FileManager.default.createDirectory(atPath: folder + "/app", withIntermediateDirectories: true)
            func open<T>(_ body: (TestHub) throws -> T) throws -> T {
                let hub = try TestHub(folder, yaml: small(folder))
                defer { hub.hub.close() }
                return try body(hub)
            }
            func put(_ hub: TestHub, _ byte: UInt8, _ token: String) -> TestHub.Answer {
                hub.send(
                    .put, "/api/v1/artifacts/\(byte).tar", token: token, body: [UInt8](repeating: byte, count: 6000))
            }
            try open { hub in
                let rel = try hub.person("rel", .release)
                let first = put(hub, 1, rel)
                #expect(put(hub, 2, rel).code == "quota_exceeded")
                #expect(delete(hub, "artifacts", first.json["sha256"]?.string ?? "", rel).status == 204)
                #expect(put(hub, 2, rel).status == 201)
            }
            try open { hub in
                #expect(hub.hub.releases.uploads.usage.storedBytes == 6000)
                let rel = try hub.person("rel", .release)
                #expect(put(hub, 3, rel).code == "quota_exceeded")
            }
        }
    }

    @Test("S-24 one account cannot take all open uploads")
    func openUploads() throws {
        try withHub { hub in
            let rel = try hub.person("rel", .release)
            let other = try hub.person("other", .release)
            func begin(_ token: String) -> TestHub.Answer {
                hub.send(
                    .post, "/api/v1/uploads?filename=a.tar", token: token, headers: ["Upload-Complete": "?0"],
                    body: [1])
            }
            let answers = (0..<65).map { _ in begin(rel) }
            #expect(answers.prefix(64).allSatisfy { $0.status == 201 })
            #expect(answers.last?.status == 429 && answers.last?.code == "too_many_uploads")
            #expect(answers.last?.headers["Retry-After"] != nil)
            #expect(begin(other).status == 201)
            let first = answers.first?.json["id"]?.string ?? ""
            #expect(delete(hub, "uploads", first, rel).status == 204)
            #expect(begin(rel).status == 201)
        }
    }
}
