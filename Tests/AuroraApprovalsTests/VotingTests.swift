import AuroraApprovals
import AuroraCrypto
import AuroraModel
import AuroraTrust
import Testing

@Suite("Voting")
struct VotingTests {
    @Test("core: one approver in a browser is enough, and the vote is a statement countersigned by the hub")
    func core() throws {
        try Desk.with { desk in
            let filed = try desk.file()
            #expect(try desk.approvals.evaluate(filed.id) == .waiting([.approvals(1, roles: [.approver])]))
            let after = try desk.click(filed, by: Desk.alice)
            #expect(after.state == .approved)
            #expect(try desk.approvals.evaluate(filed.id) == .approved)
            let vote = try #require(try desk.approvals.votes(on: filed.id).first)
            #expect(vote.signature == .countersigned)
            #expect(vote.json["weaker"] == true)
            #expect(vote.envelope.isSigned(by: desk.hubKey.publicKey))
            let statement = try ApprovalStatement(bytes: vote.envelope.payload)
            #expect(statement.plan == filed.planDigest)
            #expect(statement.operatorName == Desk.alice)
            let entry = try #require(try desk.auditEntries().last)
            #expect(entry.action == "suggestion.approve")
            #expect(entry.details.contains(AuditEntry.Detail("signature", "countersigned")))
        }
    }

    @Test("maritime: two people with their own keys; a browser's yes is refused, a browser's no is not")
    func safetyCritical() throws {
        try Desk.with { desk in
            let filed = try desk.file(desk.plan(Desk.target(domain: .maritime)))
            #expect(code { try desk.click(filed, by: Desk.alice) } == "operator_signature_required")
            #expect(try desk.sign(filed, by: Desk.alice).state == .waiting)
            #expect(try desk.approvals.evaluate(filed.id) == .waiting([.approvals(1, roles: [.approver])]))
            #expect(code { try desk.start(filed) } == "approval_required")
            #expect(try desk.sign(filed, by: Desk.bob).state == .approved)
            let votes = try desk.approvals.votes(on: filed.id)
            #expect(votes.map(\.signature) == [.operatorSigned, .operatorSigned])
            try desk.start(filed)
            let other = try desk.file(desk.plan(Desk.target(domain: .maritime), content: 9))
            #expect(try desk.click(other, by: Desk.alice, .reject).state == .rejected)
        }
    }

    @Test("satellite: the ground segment's countersignature is needed beside two people")
    func satellite() throws {
        let ground = TestKey(name: "ground segment")
        let book = PolicyBook.setting(.satellite) { $0.countersignKeys = [ground.publicKey.description] }
        try Desk.with(book) { desk in
            let filed = try desk.file(desk.plan(Desk.target(domain: .satellite)))
            try desk.sign(filed, by: Desk.alice)
            #expect(try desk.sign(filed, by: Desk.bob).state == .waiting)
            #expect(try desk.approvals.evaluate(filed.id) == .waiting([.countersignature]))
            #expect(code { try desk.start(filed) } == "approval_required")
            let recorded = try #require(try desk.approvals.votes(on: filed.id).first).envelope
            func countersign(_ envelope: Envelope) throws -> Suggestion {
                try desk.approvals.countersign(
                    filed.id, envelope: envelope.json.documentBytes, by: desk.actor(Desk.carol))
            }
            #expect(code { try countersign(recorded) } == "unknown_countersigner")
            var wrong = recorded
            wrong.sign(with: desk.key(Desk.carol).privateKey)
            #expect(code { try countersign(wrong) } == "unknown_countersigner")
            var foreign = desk.envelope(desk.statement(filed, by: Desk.carol))
            foreign.sign(with: ground.privateKey)
            #expect(code { try countersign(foreign) } == "unknown_statement")
            var right = recorded
            right.sign(with: ground.privateKey)
            #expect(try countersign(right).state == .approved)
            #expect(code { try countersign(right) } == "unknown_countersigner")
            try desk.start(filed)
            #expect(try desk.auditActions().contains("suggestion.countersign"))
        }
    }

    @Test("one rejection ends it; more are needed where the policy says so")
    func rejection() throws {
        try Desk.with { desk in
            let filed = try desk.file()
            #expect(try desk.click(filed, by: Desk.alice, .reject).state == .rejected)
            #expect(try desk.approvals.evaluate(filed.id) == .rejected(by: [Desk.alice]))
            #expect(code { try desk.click(filed, by: Desk.bob) } == "suggestion_closed")
            #expect(code { try desk.start(filed) } == "suggestion_closed")
        }
        try Desk.with(.setting(.core) { $0.rejections = 2 }) { desk in
            let filed = try desk.file()
            #expect(try desk.click(filed, by: Desk.alice, .reject).state == .waiting)
            #expect(try desk.click(filed, by: Desk.bob, .reject).state == .rejected)
        }
    }

    @Test("a person may change a yes into a no before the start; the yes no longer counts")
    func changeOfMind() throws {
        try Desk.with(.setting(.core) { $0.rejections = 2 }) { desk in
            let filed = try desk.file()
            #expect(try desk.click(filed, by: Desk.alice).state == .approved)
            #expect(try desk.click(filed, by: Desk.alice, .reject, reason: "found a mistake in it").state == .waiting)
            #expect(code { try desk.start(filed) } == "approval_required")
            #expect(try desk.approvals.votes(on: filed.id).map(\.isReplaced) == [true, false])
            desk.clock.advance(seconds: 1)
            #expect(try desk.click(filed, by: Desk.alice).state == .approved)
        }
    }

    @Test("a vote over another plan than the one that waits is stale")
    func otherPlanShown() throws {
        try Desk.with { desk in
            let filed = try desk.file()
            let refusal = #expect(throws: Refusal.self) {
                try desk.approvals.vote(
                    on: filed.id, plan: Digest(hashing: [1]), decision: .approve, voter: Desk.alice,
                    reason: "looked at the diff, fine", by: desk.actor(Desk.alice))
            }
            #expect(refusal?.code == "plan_stale")
            #expect(refusal?.kind == .conflict)
            #expect(refusal?.details["plan"]?.string == filed.planDigest.hex)
            #expect(try desk.approvals.votes(on: filed.id).isEmpty)
        }
    }

    @Test("reasons are needed, unless development mode lets a routine target go without")
    func reasons() throws {
        try Desk.with { desk in
            let filed = try desk.file()
            for reason in ["", "ok", "         .", "123456789"] {
                #expect(code { try desk.click(filed, by: Desk.alice, reason: reason) } == "reason_required")
            }
            let signed = desk.envelope(desk.statement(filed, by: Desk.alice, reason: "short"))
            #expect(code { try desk.hand(in: signed, for: filed, by: Desk.alice) } == "reason_required")
        }
        try Desk.with(PolicyBook(isDevelopment: true)) { desk in
            let filed = try desk.file(by: Desk.alice)
            #expect(try desk.click(filed, by: Desk.alice, reason: "").state == .approved)
            #expect(try desk.approvals.votes(on: filed.id).first?.reason == "none given")
            let critical = try desk.file(desk.plan(Desk.target(domain: .maritime)), by: Desk.alice)
            #expect(code { try desk.sign(critical, by: Desk.alice) } == "self_approval")
            #expect(code { try desk.click(critical, by: Desk.bob, reason: "") } == "operator_signature_required")
        }
    }

    @Test("outside its window an approved change waits, and starts by itself when the window opens")
    func windows() throws {
        // The test's clock starts on Friday 2027-01-15 at 08:00 UTC.
        try Desk.with(.setting(.core) { $0.windows = [PolicyWindow("fri 22:00-04:00")!] }) { desk in
            let filed = try desk.file()
            #expect(try desk.click(filed, by: Desk.alice).state == .approved)
            let opens = Timestamp(rfc3339: "2027-01-15T22:00:00Z")!
            #expect(try desk.approvals.evaluate(filed.id) == .waiting([.window(opens: opens)]))
            #expect(try desk.approvals.startable().isEmpty)
            #expect(code { try desk.start(filed) } == "approval_required")
            desk.clock.advance(seconds: 14 * 3600)
            #expect(try desk.approvals.startable().map(\.id) == [filed.id])
            try desk.start(filed)
        }
    }

    @Test("by hand means that nothing starts by itself")
    func byHand() throws {
        try Desk.with(.setting(.core) { $0.apply = .byHand }) { desk in
            let filed = try desk.file()
            try desk.click(filed, by: Desk.alice)
            #expect(try desk.approvals.startable().isEmpty)
            try desk.start(filed)
        }
    }
}
