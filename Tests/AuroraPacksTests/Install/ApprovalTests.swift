import AuroraActivation
import AuroraAudit
import AuroraCrypto
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import AuroraTrust
import Testing

@testable import AuroraPacks

@Suite struct ApprovalTests {
    let key = Ed25519PrivateKey()

    private func with(_ body: (TestBench) throws -> Void) throws {
        try withBench { bench in
            let ada = try #require(UserName("ada"))
            bench.configuration.operators = [
                DeviceConfiguration.Operator(
                    name: ada, keys: [OperatorPublicKey(key: key.publicKey, name: "ada")])
            ]
            bench.configuration.policy.console = .refuse
            try bench.stage(SamplePack(id: "a"), SamplePack(id: "b"))
            try body(bench)
        }
    }

    private func request(_ id: String) -> PackRequest {
        .change(PackID(id).map { [.version($0, nil)] } ?? [])
    }

    private func sign(
        _ plan: PackPlan, by name: String = "ada", with key: Ed25519PrivateKey? = nil, from: Int64 = 999_999_000,
        to: Int64 = 1_000_000_600, change: (ApprovalStatement) -> ApprovalStatement = { $0 }
    ) throws -> ApprovalEvidence {
        let statement = change(
            ApprovalStatement(
                packs: plan, operator: try #require(UserName(name)), reason: "looked at it",
                notBefore: Timestamp(seconds: from), notAfter: Timestamp(seconds: to)))
        var envelope = Envelope(payloadType: ApprovalStatement.payloadType, payload: statement.bytes)
        envelope.sign(with: key ?? self.key)
        return .signed(envelope)
    }

    @Test("a signed approval of exactly this plan is taken, once")
    func signed() throws {
        try with { bench in
            try bench.use { installer in
                let plan = try installer.plan(request("a"))
                let approval = try sign(plan.plan)
                #expect(try installer.install(request("a"), approval: approval, by: TestBench.ada).isCommitted)
                #expect(
                    code { _ = try installer.install(request("b"), approval: approval, by: TestBench.ada) }
                        == "stale_plan")
                let tree = try #require(plan.plan.changes.first?.to?.tree)
                func takeBack() throws {
                    _ = try installer.rollback(reason: "x", by: TestBench.ada)
                    for blocked in [tree, try #require(plan.plan.toSet)] {
                        try installer.unblock(blocked, reason: "x", by: TestBench.ada)
                    }
                }
                try takeBack()
                // From here on the same plan comes again and again: the folder for data is there.
                let second = try sign(try installer.plan(request("a")).plan)
                _ = try installer.install(request("a"), approval: second, by: TestBench.ada)
                try takeBack()
                #expect(
                    code { _ = try installer.install(request("a"), approval: second, by: TestBench.ada) }
                        == "approval_used")
            }
        }
    }

    @Test("two operators at once: the plan approved second is stale, and it is said what differs")
    func stale() throws {
        try with { bench in
            try bench.use { installer in
                let first = try sign(try installer.plan(request("a")).plan)
                let second = try installer.plan(request("b"))
                _ = try installer.install(request("a"), approval: first, by: TestBench.ada)
                do {
                    _ = try installer.install(
                        request("b"), approval: try sign(second.plan), expecting: second.digest, by: TestBench.ada)
                    Issue.record("a stale plan was carried out")
                } catch let refusal as Refusal {
                    #expect(refusal.code == "stale_plan")
                    #expect(refusal.details["differs"] == ["from", "resolution", "to"])
                }
            }
        }
    }

    @Test("an approval given back by a change that switched nothing can be used again")
    func givenBack() throws {
        try with { bench in
            try bench.stage(SamplePack(id: "c", files: ["install.sh": "test -e \"$TEST_DATA/ready\""]))
            try bench.use { installer in
                let approval = try sign(try installer.plan(request("c")).plan)
                #expect(throws: PackScripts.Failure.self) {
                    try installer.install(request("c"), approval: approval, by: TestBench.ada)
                }
                let id = try #require(PackID("c"))
                try write("", to: "\(bench.places.data(of: id, schema: 1))/ready")
                let again = try sign(try installer.plan(request("c")).plan)
                #expect(try installer.install(request("c"), approval: again, by: TestBench.ada).isCommitted)
            }
        }
    }

    @Test("a typed approval is in the log with the uid of who typed it, and whether that was a login")
    func typed() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"))
            try bench.install("a")
            try bench.stage(SamplePack(id: "a", version: "2.0.0"))
            let service = LoginUser(uid: 0, name: "root", isLogin: false)
            try bench.use {
                let evidence = ApprovalEvidence.console(login: service, reason: "x")
                _ = try $0.install(request("a"), approval: evidence, by: TestBench.ada)
            }
            let facts = try bench.use { installer in
                try installer.device.audit.entries(from: 0, limit: 100).map { try $0.decoded() }
                    .filter { $0.action == "pack.install" }
                    .map { Dictionary(uniqueKeysWithValues: $0.details.map { ($0.name, $0.value) }) }
            }
            try #require(facts.count == 2)
            #expect(facts[0]["approval"] == "console" && facts[0]["approvedBy"] == "1000")
            #expect(facts[0]["uid"] == "1000" && facts[0]["login"] == "yes")
            #expect(facts[1]["approvedBy"] == "root" && facts[1]["uid"] == "0" && facts[1]["login"] == "no")
        }
    }

    @Test("every way in which an approval does not fit has a code of its own")
    func mismatches() throws {
        try with { bench in
            try bench.use { installer in
                let plan = try installer.plan(request("a")).plan
                func refusal(_ evidence: ApprovalEvidence) -> String? {
                    code { _ = try installer.install(request("a"), approval: evidence, by: TestBench.ada) }
                }
                #expect(refusal(.none) == "approval_required")
                #expect(refusal(TestBench.typed) == "console_refused")
                #expect(refusal(try sign(plan, by: "eve")) == "unknown_signer")
                #expect(refusal(try sign(plan, with: Ed25519PrivateKey())) == "unknown_signer")
                #expect(refusal(try sign(plan, to: 999_999_999)) == "approval_expired")
                #expect(refusal(try sign(plan, from: 1_000_000_400)) == "approval_not_yet_valid")
                let other = try sign(plan) { $0.with(target: "elsewhere") }
                #expect(refusal(other) == "other_target")
                #expect(refusal(try sign(plan) { $0.with(decision: .reject) }) == "approval_rejects")
                #expect(try bench.active() == [])
            }
        }
    }

    @Test("operator_approval_required: false passes without a person only where policy says so and nothing widens")
    func unattended() throws {
        try with { bench in
            let free = "safety: {operator_approval_required: false}"
            try bench.stage(SamplePack(id: "a", version: "1.1.0", lines: [free]))
            #expect(
                code {
                    try bench.use { _ = try $0.install(request("a"), approval: .none, by: TestBench.ada) }
                } == "approval_required")
            bench.configuration.policy.unattended = .accept
            let outcome = try bench.use { try $0.install(request("a"), approval: .none, by: TestBench.ada) }
            #expect(outcome.isCommitted)
            try bench.stage(
                SamplePack(id: "a", version: "1.2.0", lines: [free, "permissions: {network: shared}"]))
            #expect(
                code {
                    try bench.use { _ = try $0.install(request("a"), approval: .none, by: TestBench.ada) }
                } == "approval_required")
            // A pack that wants to be looked at is looked at, also when it is the one that goes.
            #expect(
                code {
                    try bench.use { _ = try $0.install(request("b"), approval: .none, by: TestBench.ada) }
                } == "approval_required")
        }
    }
}

extension ApprovalStatement {
    fileprivate func with(target: String? = nil, decision: Decision? = nil) -> ApprovalStatement {
        ApprovalStatement(
            decision: decision ?? self.decision, operator: operatorName, reason: reason, notBefore: notBefore,
            notAfter: notAfter, suggestion: suggestion, plan: plan, policy: policy, action: action,
            target: target.flatMap(TargetName.init) ?? self.target, domain: domain, tree: tree, artifact: artifact,
            downgrade: downgrade)
    }
}
