import AuroraApprovals
import AuroraAudit
import AuroraCrypto
import AuroraDatabase
import AuroraHTTP
import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTrust
import Foundation
import Testing

@testable import AuroraHub

@Suite("From upload to rollback through the API")
struct ApprovalRouteTests {
    /// Files a promote and returns the suggestion.
    private func filed(_ hub: TestHub, _ digest: String, _ token: String) throws -> JSONValue {
        let answer = hub.send(
            .post, "/api/v1/targets/gateway/promote", token: token,
            json: ["release": .string(digest), "reason": "the nightly build of today"])
        try #require(answer.status == 409 && answer.code == "approval_required", "\(answer.text)")
        #expect(answer.json["plan"]?["digest"]?.string == answer.json["suggestion"]?["plan"]?.string)
        return try #require(answer.json["suggestion"])
    }

    private func approve(_ hub: TestHub, _ suggestion: JSONValue, _ token: String, plan: String? = nil)
        -> TestHub.Answer
    {
        hub.send(
            .post, "/api/v1/suggestions/\(suggestion["id"]?.string ?? "")/approve", token: token,
            json: [
                "plan": .string(plan ?? suggestion["plan"]?.string ?? ""), "reason": "read the diff, all as expected",
            ])
    }

    @Test("upload, stage, ask, approve, promote, promote again, roll back; each step is in the log")
    func wholeFlow() throws {
        try withHub { hub in
            _ = try hub.admin()
            let rel = try hub.person("rel", .release)
            let app = try hub.person("app", .approver)
            for version in ["1", "2"] {
                let digest = try hub.staged(version, token: rel)
                let suggestion = try filed(hub, digest, rel)
                let id = suggestion["id"]?.string ?? ""
                let diff = hub.send(.get, "/api/v1/suggestions/\(id)/diff", token: app)
                #expect(diff.status == 200 && diff.json["plan"] == suggestion["plan"])
                let plan = hub.send(.get, "/api/v1/suggestions/\(id)/plan", token: app)
                #expect(Digest(hashing: plan.bytes).hex == suggestion["plan"]?.string)
                let vote = approve(hub, suggestion, app)
                #expect(vote.status == 200, "\(vote.text)")
                let change = try #require(vote.json["change"]?.string)
                #expect(hub.ended(change, token: app)["state"]?.string == "done")
                #expect(hub.live == version)
                let again = hub.send(
                    .post, "/api/v1/targets/gateway/promote", token: rel,
                    json: ["release": .string(digest), "reason": "once more, for the test"])
                #expect(again.status == 200 && again.json["active"]?.bool == true)
            }
            let back = hub.send(
                .post, "/api/v1/targets/gateway/rollback", token: app, json: ["reason": "version 2 is too slow"])
            #expect(back.status == 202, "\(back.text)")
            #expect(hub.ended(back.json["id"]?.string ?? "", token: app)["state"]?.string == "done")
            #expect(hub.live == "1")
            let actions = Set(try hub.entries().map(\.action))
            #expect(
                actions.isSuperset(of: [
                    "suggestion.file", "suggestion.approve", "suggestion.start", "target.promote", "target.take-back",
                ]), "\(actions)")
            let ended = hub.send(
                .post, "/api/v1/changes/\(back.json["id"]?.string ?? "")/abort", token: app,
                json: ["reason": "too late to stop this"])
            #expect(ended.status == 409 && ended.code == "change_finished", "\(ended.text)")
            let state = hub.send(.post, "/api/v1/audit/verify", token: rel)
            #expect(state.json["verified"]?.bool == true, "\(state.text)")
        }
    }

    @Test(
        "S-33 replay, another digest, self-approval, an expired request and a lost role are refused, each by its rule")
    func refusedApprovals() throws {
        try withHub { hub in
            let admin = try hub.admin()
            let rel = try hub.person("rel", .release)
            let app = try hub.person("app", .approver)
            let both = try hub.person("both", .approver)
            let digest = try hub.staged("1", token: rel)
            let own = try filed(hub, digest, both)
            #expect(approve(hub, own, both).code == "self_approval")
            let secondToken = try hub.person("both", .approver)
            #expect(approve(hub, own, secondToken).code == "self_approval")
            #expect(approve(hub, own, rel).status == 403)
            #expect(approve(hub, own, admin).status == 403)
            let other = approve(hub, own, app, plan: String(repeating: "ab", count: 32))
            #expect(other.status == 409 && other.code == "plan_stale")
            #expect(other.json["suggestion"] == own["id"] && other.json["plan"] == own["plan"])
            #expect(other.json["freshPlan"]?["to"]?["artifact"]?.string == digest, "\(other.text)")
            #expect(other.json["freshDiff"]?["added"]?.array?.isEmpty == false, "\(other.text)")
            let short = hub.send(
                .post, "/api/v1/suggestions/\(own["id"]?.string ?? "")/approve", token: app,
                json: ["plan": own["plan"] ?? "", "reason": "ok"])
            #expect(short.status == 422 && short.code == "reason_required", "\(short.text)")
            let lost = try hub.person("lost", .approver)
            #expect(hub.send(.patch, "/api/v1/users/lost", token: admin, json: ["role": "viewer"]).status == 200)
            #expect(approve(hub, own, lost).status == 403)
            #expect(hub.live == "nothing")
            let vote = approve(hub, own, app)
            #expect(vote.status == 200)
            _ = hub.ended(vote.json["change"]?.string ?? "", token: app)
            let replay = approve(hub, own, app)
            #expect(replay.status == 409, "\(replay.text)")
            let restart = hub.send(
                .post, "/api/v1/suggestions/\(own["id"]?.string ?? "")/start", token: app, json: [:])
            #expect(restart.status == 409 && restart.code == "approval_used", "\(restart.text)")
            let second = try hub.staged("2", token: rel)
            let late = try filed(hub, second, rel)
            hub.clock.advance(seconds: 86_400 + 1)
            #expect(approve(hub, late, app).code == "suggestion_expired")
            #expect(hub.live == "1")
        }
    }

    @Test("the last vote for a plan that no longer fits answers 409 with the fresh plan and its diff")
    func staleVote() throws {
        try withHub { hub in
            _ = try hub.admin()
            let rel = try hub.person("rel", .release)
            let app = try hub.person("app", .approver)
            let first = try filed(hub, try hub.staged("1", token: rel), rel)
            let second = try filed(hub, try hub.staged("2", token: rel), rel)
            let vote = approve(hub, first, app)
            _ = hub.ended(vote.json["change"]?.string ?? "", token: rel)
            #expect(hub.live == "1")
            let late = approve(hub, second, app)
            #expect(late.status == 409 && late.code == "plan_stale", "\(late.text)")
            #expect(late.json["freshPlan"]?["from"]?["generation"]?.integer == 1, "\(late.text)")
            #expect(late.json["freshDiff"]?["changed"]?.array?.isEmpty == false, "\(late.text)")
            let fresh = try #require(late.json["suggestion"]?.string)
            #expect(fresh != second["id"]?.string)
            #expect(hub.live == "1")
            let again = approve(hub, ["id": .string(fresh), "plan": late.json["plan"] ?? ""], app)
            #expect(again.status == 200, "\(again.text)")
            _ = hub.ended(again.json["change"]?.string ?? "", token: rel)
            #expect(hub.live == "2")
        }
    }

    @Test("a vote after the policy changed answers 409 with a fresh plan under the new policy")
    func policyChanged() throws {
        try withHub { hub in
            _ = try hub.admin()
            let rel = try hub.person("rel", .release)
            let app = try hub.person("app", .approver)
            let suggestion = try filed(hub, try hub.staged("1", token: rel), rel)
            var settings = PolicySettings()
            settings.allowUnsigned = true
            settings.approvers = 2
            hub.hub.approvals.policies = PolicyBook(domains: [.core: settings])
            let late = approve(hub, suggestion, app)
            #expect(late.status == 409 && late.code == "plan_stale", "\(late.text)")
            let fresh = try #require(late.json["suggestion"]?.string)
            #expect(fresh != suggestion["id"]?.string && late.json["freshPlan"]?["policy"] != nil, "\(late.text)")
            let again = approve(hub, ["id": .string(fresh), "plan": late.json["plan"] ?? ""], app)
            #expect(again.status == 200 && again.json["state"]?.string == "waiting", "\(again.text)")
            let old = approve(hub, suggestion, app)
            #expect(old.code == "plan_stale" && old.json["suggestion"]?.string == fresh, "\(old.text)")
            #expect(hub.live == "nothing")
        }
    }

    @Test("the dashboard starts the plan that was on the page, no other")
    func startFromPage() throws {
        let byHand = { (folder: String) in
            TestHub.yaml(folder).replacing("allow_unsigned: true", with: "allow_unsigned: true, apply: by-hand")
        }
        try withHub(yaml: byHand) { hub in
            _ = try hub.admin()
            let rel = try hub.person("rel", .release)
            let app = try hub.person("app", .approver)
            let suggestion = try filed(hub, try hub.staged("1", token: rel), rel)
            #expect(approve(hub, suggestion, app).status == 200)
            func start(_ plan: String) -> TestHub.Answer {
                hub.send(
                    .post, "/ui/start", token: app, form: "suggestion=\(suggestion["id"]?.string ?? "")&plan=\(plan)")
            }
            #expect(start(String(repeating: "ab", count: 32)).status == 409)
            #expect(hub.live == "nothing")
            let begun = start(suggestion["plan"]?.string ?? "")
            #expect(begun.status == 303, "\(begun.text)")
            hub.hub.releases.drain()
            #expect(hub.live == "1")
        }
    }

    @Test("an end that cannot be written is logged and written later; the target is not busy for ever")
    func unwrittenEnd() throws {
        try withHub { hub in
            _ = try hub.admin()
            let rel = try hub.person("rel", .release)
            let app = try hub.person("app", .approver)
            let suggestion = try filed(hub, try hub.staged("1", token: rel), rel)
            let next = try hub.staged("2", token: rel)
            _ = try hub.hub.database.write {
                try $0.execute(
                    "CREATE TRIGGER no_end BEFORE UPDATE ON promotions BEGIN SELECT RAISE(ABORT, 'full'); END")
            }
            let change = try #require(approve(hub, suggestion, app).json["change"]?.string)
            hub.hub.releases.drain()
            #expect(hub.log.lines.contains { $0.contains("end of a change") && $0.contains(change) })
            let health = hub.send(.get, "/healthz").json
            #expect(health["status"]?.string == "degraded" && health["troubles"] == ["unwritten_ends"], "\(health)")
            #expect(hub.send(.get, "/metrics", token: rel).text.contains("aurora_changes_unwritten 1"))
            let busy = hub.send(
                .post, "/api/v1/targets/gateway/promote", token: rel,
                json: ["release": .string(next), "reason": "the nightly build of today"])
            #expect(busy.code == "target_busy")
            try hub.hub.expire()
            _ = try hub.hub.database.write { try $0.execute("DROP TRIGGER no_end") }
            try hub.hub.expire()
            #expect(hub.ended(change, token: rel)["state"]?.string == "done")
            #expect(try hub.entries().filter { $0.action == "change.done" }.count == 1)
            #expect(hub.send(.get, "/healthz").json["status"]?.string == "ok")
            _ = try filed(hub, next, rel)
        }
    }

    @Test("two operators who approve at once make one change")
    func parallelApprovals() throws {
        try withHub { hub in
            _ = try hub.admin()
            let rel = try hub.person("rel", .release)
            let tokens = try ["a1", "a2", "a3", "a4"].map { try hub.person($0, .approver) }
            let digest = try hub.staged("1", token: rel)
            let suggestion = try filed(hub, digest, rel)
            nonisolated(unsafe) let test = hub
            nonisolated(unsafe) var answers = [TestHub.Answer?](repeating: nil, count: tokens.count)
            let lock = NSLock()
            DispatchQueue.concurrentPerform(iterations: tokens.count) { index in
                let answer = approve(test, suggestion, tokens[index])
                lock.withLock { answers[index] = answer }
            }
            #expect(answers.allSatisfy { $0?.status == 200 || $0?.status == 409 })
            #expect(answers.contains { $0?.status == 200 })
            let changes = hub.send(.get, "/api/v1/changes", token: rel).json["items"]?.array ?? []
            let promotes = changes.filter { $0["kind"]?.string == "promote" }
            #expect(promotes.count == 1)
            _ = hub.ended(promotes.first?["id"]?.string ?? "", token: rel)
            #expect(hub.live == "1")
        }
    }

    @Test("a statement signed with an admitted operator's key counts; one with a key that was only proposed does not")
    func operatorSigned() throws {
        try withHub { hub in
            let admin = try hub.admin()
            let rel = try hub.person("rel", .release)
            let app = try hub.person("app", .approver)
            let digest = try hub.staged("1", token: rel)
            let suggestion = try filed(hub, digest, rel)
            let id = suggestion["id"]?.string ?? ""
            let key = Ed25519PrivateKey()
            let text = OperatorPublicKey(key: key.publicKey, name: "app").description
            let proposed = hub.send(.post, "/api/v1/users/app/keys", token: app, json: ["key": .string(text)])
            let plan = try Plan(bytes: hub.send(.get, "/api/v1/suggestions/\(id)/plan", token: app).bytes)
            let now = Timestamp(milliseconds: hub.clock.wall.now())
            let statement = ApprovalStatement(
                plan: plan, suggestion: try #require(SuggestionID(id)), decision: .approve,
                operator: try #require(UserName("app")), reason: "read the diff, all as expected", notBefore: now,
                notAfter: now.adding(seconds: 3600))
            var envelope = Envelope(payloadType: ApprovalStatement.payloadType, payload: statement.bytes)
            envelope.sign(with: key)
            func vote() -> TestHub.Answer {
                hub.send(
                    .post, "/api/v1/suggestions/\(id)/approve", token: app,
                    json: [
                        "plan": .string(plan.digest.hex), "reason": "read the diff, all as expected",
                        "envelope": envelope.json,
                    ])
            }
            #expect(vote().status >= 400)
            let keyID = proposed.json["id"]?.string ?? ""
            #expect(hub.send(.post, "/api/v1/users/app/keys/\(keyID)/admit", token: admin).status == 200)
            let counted = vote()
            #expect(counted.status == 200, "\(counted.text)")
            let votes = hub.send(.get, "/api/v1/suggestions/\(id)/approvals", token: rel).json["items"]
            #expect(votes?[0]?["kind"]?.string == "operator")
            #expect(votes?[0]?["envelope"] == envelope.json)
            _ = hub.ended(counted.json["change"]?.string ?? "", token: app)
            #expect(hub.live == "1")
        }
    }

    @Test("without an approval nothing is activated by any route (promise 2)")
    func noApprovalNoChange() throws {
        try withHub { hub in
            _ = try hub.admin()
            let rel = try hub.person("rel", .release)
            let app = try hub.person("app", .approver)
            let digest = try hub.staged("1", token: rel)
            let suggestion = try filed(hub, digest, rel)
            let id = suggestion["id"]?.string ?? ""
            for token in [rel, app] {
                _ = hub.send(.post, "/promote?hash=\(digest)", port: .updater, token: token)
                _ = hub.send(.post, "/api/v1/suggestions/\(id)/start", token: token, json: [:])
                _ = hub.send(
                    .post, "/api/v1/targets/gateway/rollback", token: token,
                    json: ["reason": "back to where we were", "generation": 7])
            }
            let rejected = hub.send(
                .post, "/api/v1/suggestions/\(id)/reject", token: app,
                json: ["plan": suggestion["plan"] ?? "", "reason": "not on a friday afternoon"])
            #expect(rejected.json["state"]?.string == "rejected", "\(rejected.text)")
            #expect(approve(hub, suggestion, app).status == 409)
            #expect(hub.live == "nothing")
        }
    }
}
