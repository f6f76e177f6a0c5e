import AuroraCrypto
import AuroraModel
import AuroraTestSupport
import AuroraTrust
import Testing

@testable import AuroraCommands

@Suite("Votes")
struct VoteTests {
    private static let id = "sg-aaaaaaaaaaaaaaaa"

    private static func plan() throws -> Plan {
        let target = TargetDescription(
            name: try TargetName.require("gateway"), path: "/srv/gateway", kind: .link, domain: .automotive,
            safetyClass: .routine)
        return Plan(
            action: .promote, target: target, from: PlanState(generation: 1, treeDigest: Digest(hashing: [1])),
            to: PlanState(generation: 2, treeDigest: Digest(hashing: [2])), signature: .unsigned,
            files: PlanFiles(TreeDiff(from: TreeManifest(entries: []), to: TreeManifest(entries: []))),
            policy: PlanPolicy(Policy.defaults(for: .automotive)))
    }

    private static func hub(_ plan: Plan, claimed: String? = nil, signatures: String = "operatorSigned") -> FakeHub {
        let suggestion: JSONValue = [
            "id": .string(id), "state": "waiting", "target": "gateway", "plan": .string(claimed ?? plan.digest.hex),
            "signatures": .string(signatures), "expires": "2026-12-01T00:00:00.000Z",
        ]
        return FakeHub { method, target in
            switch (method, target) {
            case ("GET", "/api/v1/suggestions/\(id)/plan"): HubResponse(status: 200, headers: [], body: plan.bytes)
            case ("GET", "/api/v1/whoami"): .json(["user": "ann"])
            default: .json(suggestion)
            }
        }
    }

    /// A home folder with an operator key whose passphrase lies in `home/pass`.
    private static func makeKey(_ home: String) throws {
        try write("correct horse\n", to: home + "/pass", mode: 0o600)
        let made = Bench(home: home).run("key", "generate", "--name", "ann", "--passphrase-file", home + "/pass")
        try #require(made.code == 0, "\(made.error)")
    }

    @Test("an approval is a statement over the digest of the plan's own bytes, signed with the operator's key")
    func approves() throws {
        try withTemporaryDirectory { home in
            try Self.makeKey(home)
            let plan = try Self.plan()
            let hub = Self.hub(plan)
            let ran = Bench(home: home, hub: hub).run(
                "approval", "approve", Self.id, "--reason", "the lab soak was clean", "--passphrase-file",
                home + "/pass")
            #expect(ran.code == 0, "\(ran.error)")
            #expect(ran.error.contains(plan.digest.hex))
            let sent = try #require(hub.seen.last)
            #expect(sent.target == "/api/v1/suggestions/\(Self.id)/approve")
            #expect(sent.body["plan"]?.string == plan.digest.hex)
            let envelope = try Envelope(try #require(sent.body["envelope"]))
            let listed = Bench(home: home).run("key", "export-public", "-o", "name").output
            let key = try OperatorPublicKey(String(listed.dropLast()))
            #expect(envelope.isSigned(by: key.key))
            let statement = try ApprovalStatement(bytes: envelope.payload)
            #expect(statement.plan == plan.digest)
            #expect(statement.decision == .approve)
            #expect(statement.operatorName.text == "ann")
            #expect(statement.reason == "the lab soak was clean")
            #expect(statement.suggestion.text == Self.id)
        }
    }

    @Test("a hub that names another digest than the bytes have gets no signature")
    func lyingHub() throws {
        try withTemporaryDirectory { home in
            try Self.makeKey(home)
            let hub = Self.hub(try Self.plan(), claimed: String(repeating: "00", count: 32))
            let ran = Bench(home: home, hub: hub).run(
                "approval", "approve", Self.id, "--reason", "the lab soak was clean", "--passphrase-file",
                home + "/pass")
            #expect(ran.code == 9)
            #expect(hub.seen.allSatisfy { $0.method == "GET" })
        }
    }

    @Test("a plan that changed since somebody looked is not voted on")
    func stalePlan() throws {
        try withTemporaryDirectory { home in
            let plan = try Self.plan()
            let hub = Self.hub(plan)
            let ran = Bench(home: home, hub: hub).run(
                "approval", "reject", Self.id, "--plan", "0000", "--reason", "no rollback test yet")
            #expect(ran.code == 6)
            #expect(hub.seen.allSatisfy { $0.method == "GET" })
        }
    }

    @Test("without a key: refused where the policy wants one, a weaker vote with a warning where it does not")
    func withoutKey() throws {
        try withTemporaryDirectory { home in
            let plan = try Self.plan()
            let strict = Bench(home: home, hub: Self.hub(plan)).run(
                "approval", "approve", Self.id, "--reason", "the lab soak was clean")
            #expect(strict.code == 2)
            #expect(strict.error.contains("aurora key generate"))
            let hub = Self.hub(plan, signatures: "browser-accepted")
            let weak = Bench(home: home, hub: hub).run(
                "approval", "approve", Self.id, "--reason", "the lab soak was clean")
            #expect(weak.code == 0)
            #expect(weak.error.contains("weaker"))
            #expect(hub.seen.last?.body["envelope"] == nil)
        }
    }

    @Test("a person at a terminal sees the plan and is asked for the reason and once more")
    func asks() throws {
        try withTemporaryDirectory { home in
            let plan = try Self.plan()
            let hub = Self.hub(plan, signatures: "browser-accepted")
            let no = Bench(home: home, hub: hub, isInteractive: true, answers: ["looks right to me", "n"])
            #expect(no.run("approval", "approve", Self.id).code == 2)
            #expect(hub.seen.allSatisfy { $0.method == "GET" })
            let yes = Bench(home: home, hub: hub, isInteractive: true, answers: ["looks right to me", "y"])
            #expect(yes.run("approval", "approve", Self.id).code == 0)
            #expect(hub.seen.last?.body["reason"] == "looks right to me")
        }
    }
}
