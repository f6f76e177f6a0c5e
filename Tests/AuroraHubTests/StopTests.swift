import AuroraApprovals
import AuroraAudit
import AuroraHTTP
import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTestSupport
import Dispatch
import Foundation
import Testing

@testable import AuroraHub

@Suite("Stopping stages and trials, and finding changes")
struct StopTests {
    private static let slow: @Sendable (String) -> String = {
        TestHub.yaml($0).replacing("domain: core }", with: "domain: core, health: [/bin/sleep, \"600\"] }")
    }

    private func begin(_ hub: TestHub, _ token: String, _ digest: String) throws -> String {
        let started = hub.send(
            .post, "/api/v1/releases/\(digest)/trial", token: token, json: ["target": "gateway"])
        return try #require(started.json["id"]?.string, "\(started.text)")
    }

    private func abort(_ hub: TestHub, _ id: String, _ token: String) -> TestHub.Answer {
        hub.send(
            .post, "/api/v1/changes/\(id)/abort", token: token, json: ["reason": "this was the wrong release"])
    }

    @Test("a trial can be stopped: its command is killed, and the change says who stopped it and why")
    func trial() throws {
        try withHub(yaml: Self.slow) { hub in
            let rel = try hub.person("rel", .release)
            let digest = try hub.staged("1", token: rel)
            let id = try begin(hub, rel, digest)
            for role in [Role.viewer, .release] {
                let token = try hub.person("no-\(role.rawValue)", role)
                #expect(abort(hub, id, token).status == 403)
            }
            #expect(abort(hub, id, rel).status == 200)
            // The command sleeps for ten minutes; only a kill ends it before the minute the answer waits.
            let ended = hub.ended(id, token: rel)
            #expect(ended["state"]?.string == "aborted" && ended["error"]?["code"]?.string == "aborted", "\(ended)")
            #expect(ended["error"]?["message"]?.string == "rel: this was the wrong release")
            #expect(abort(hub, id, rel).code == "change_finished")
            let entries = try hub.entries().filter { $0.action.hasPrefix("change.abort") }
            #expect(entries.map(\.action) == ["change.abort", "change.aborted"])
            #expect(try hub.entries().allSatisfy { $0.action != "release.try" })
        }
    }

    @Test("an approver stops anybody's trial; a stage that is under way can be stopped, and leaves nothing")
    func stage() throws {
        try withHub(yaml: Self.slow) { hub in
            let rel = try hub.person("rel", .release)
            let app = try hub.person("app", .approver)
            let trial = try begin(hub, rel, try hub.staged("1", token: rel))
            #expect(abort(hub, trial, app).status == 200)
            #expect(hub.ended(trial, token: app)["state"]?.string == "aborted")
            let upload = hub.send(
                .put, "/api/v1/artifacts/app-2.tar.gz", token: rel, body: try hub.archive(["VERSION": "2"]))
            let digest = try #require(upload.json["sha256"]?.string)
            // The observer runs on the stage's own thread, at its first step: as early as anybody could know of it.
            nonisolated(unsafe) let test = hub
            let number = hub.hub.changes.subscribe { event in
                let first = event.data["tasks"]?.array?.first
                guard event.kind == "task", first?["state"] == "running" else { return }
                _ = abort(test, event.change.text, app)
            }
            let stage = hub.send(
                .post, "/api/v1/releases", token: rel, headers: ["Prefer": "wait=30"],
                json: ["artifact": .string(digest)])
            hub.hub.changes.unsubscribe(number)
            #expect(stage.json["state"]?.string == "aborted", "\(stage.text)")
            #expect(hub.send(.get, "/api/v1/releases/\(digest)", token: rel).status == 404)
            #expect(try DirectoryNames.read(in: hub.folder + "/state/verify").isEmpty)
            // What was stopped can be done again.
            let again = hub.send(
                .post, "/api/v1/releases", token: rel, headers: ["Prefer": "wait=30"],
                json: ["artifact": .string(digest)])
            #expect(again.json["state"]?.string == "done", "\(again.text)")
            #expect(abort(hub, again.json["id"]?.string ?? "", app).code == "change_finished")
        }
    }

    @Test("changes are listed by state and by target")
    func filters() throws {
        try withHub { hub in
            let rel = try hub.person("rel", .release)
            let app = try hub.person("app", .approver)
            let digest = try hub.staged("1", token: rel)
            hub.clock.advance(seconds: 1)
            let asked = hub.send(
                .post, "/api/v1/targets/gateway/promote", token: rel,
                json: ["release": .string(digest), "reason": "the nightly build of today"])
            let suggestion = try #require(asked.json["suggestion"])
            let vote = hub.send(
                .post, "/api/v1/suggestions/\(suggestion["id"]?.string ?? "")/approve", token: app,
                json: ["plan": suggestion["plan"] ?? "", "reason": "read the diff, all as expected"])
            _ = hub.ended(vote.json["change"]?.string ?? "", token: app)
            func kinds(_ query: String) -> [String]? {
                let answer = hub.send(.get, "/api/v1/changes?\(query)", token: rel)
                return answer.json["items"]?.array?.compactMap { $0["kind"]?.string }
            }
            #expect(kinds("state=done") == ["promote", "stage"])
            #expect(kinds("state=failed") == [])
            #expect(kinds("target=gateway") == ["promote"])
            #expect(kinds("target=gateway&state=done") == ["promote"])
            #expect(kinds("target=other") == [])
            #expect(hub.send(.get, "/api/v1/changes?state=sideways", token: rel).status == 400)
            #expect(hub.send(.get, "/api/v1/changes?target=Not%20One", token: rel).status == 400)
            let page = hub.send(.get, "/api/v1/changes?state=done&limit=1", token: rel)
            let next = try #require(page.json["next"]?.string)
            #expect(kinds("state=done&limit=1&cursor=\(next)") == ["stage"])
        }
    }

    @Test(
        "an account has 8 stages and trials waiting and the hub 64; one more is refused, and a stop ends them all"
    )
    func bounded() throws {
        try withTemporaryDirectory { folder in
            try FileManager.default.createDirectory(atPath: folder + "/app", withIntermediateDirectories: true)
            let begun = try fillAndStop(folder)
            let again = try TestHub(folder, yaml: Self.slow(folder))
            defer { again.hub.close() }
            for (index, id) in begun.enumerated() {
                let state = try again.hub.changes.get(#require(ChangeID(id))).state
                #expect(state == (index == 64 ? .aborted : .interrupted))
            }
            let actions = try again.entries().map(\.action)
            let stop = try #require(actions.firstIndex(of: "hub.stop"))
            #expect(actions[..<stop].count { $0 == "change.interrupted" } == 64)
            #expect(actions.count { $0 == "change.interrupted" } == 64)
        }
    }

    /// Begins as many trials as may wait, sees more refused, and stops the hub; the changes, of which 64 was stopped before.
    private func fillAndStop(_ folder: String) throws -> [String] {
        let hub = try TestHub(folder, yaml: Self.slow(folder))
        let rel = try hub.person("rel", .release)
        let digest = try hub.staged("1", token: rel)
        let isRunning = DispatchSemaphore(value: 0)
        let number = hub.hub.changes.subscribe { event in
            if event.data["kind"] == "trial", event.data["state"] == "running" { isRunning.signal() }
        }
        var begun = [try begin(hub, rel, digest)]
        isRunning.wait()
        hub.hub.changes.unsubscribe(number)
        for person in 0..<8 {
            let token = person == 0 ? rel : try hub.person("rel-\(person)", .release)
            for _ in 0..<8 { begun.append(try begin(hub, token, digest)) }
            let more = hub.send(
                .post, "/api/v1/releases/\(digest)/trial", token: token, json: ["target": "gateway"])
            #expect(more.status == 429 && more.code == "too_many_changes", "\(more.text)")
        }
        let last = try hub.person("rel-last", .release)
        let refused = hub.send(.post, "/api/v1/releases", token: last, json: ["artifact": .string(digest)])
        #expect(refused.code == "too_many_changes" && refused.headers["Retry-After"] != nil, "\(refused.text)")
        #expect(abort(hub, begun[64], try hub.person("app", .approver)).status == 200)
        // The command sleeps for ten minutes; only a kill ends it within the bound of this test.
        hub.hub.close()
        return begun
    }
}
