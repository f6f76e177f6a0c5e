import AuroraApprovals
import AuroraAudit
import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraTestSupport
import AuroraTrust
import Testing

@Suite("S-33, I-11, I-14: approvals that must not count")
struct SecurityMatrixTests {
    private let maritime = Desk.target(domain: .maritime)

    @Test("S-33 replay: a used approval, and a signed statement handed in again, do nothing")
    func replay() throws {
        try Desk.with { desk in
            let filed = try desk.file(desk.plan(maritime))
            let first = desk.envelope(desk.statement(filed, by: Desk.alice))
            try desk.hand(in: first, for: filed, by: Desk.alice)
            #expect(code { try desk.hand(in: first, for: filed, by: Desk.alice) } == "approval_used")
            try desk.sign(filed, by: Desk.bob)
            try desk.start(filed)
            #expect(code { try desk.start(filed) } == "approval_used")
            #expect(code { try desk.hand(in: first, for: filed, by: Desk.alice) } == "approval_used")
            try desk.finish(filed)
            #expect(code { try desk.start(filed) } == "approval_used")
            // The same plan asked for again: the old statements name the old suggestion and were used.
            let again = try desk.file(desk.plan(maritime))
            #expect(again.id != filed.id)
            #expect(again.planDigest == filed.planDigest)
            #expect(code { try desk.hand(in: first, for: again, by: Desk.alice) } == "approval_used")
            let unused = desk.envelope(desk.statement(filed, by: Desk.carol))
            #expect(code { try desk.hand(in: unused, for: again, by: Desk.carol) } == "other_suggestion")
            #expect(code { try desk.start(again) } == "approval_required")
        }
    }

    @Test("S-33 every field of a signed statement must be the suggestion's; each mismatch has a code of its own")
    func fields() throws {
        try Desk.with { desk in
            let filed = try desk.file(desk.plan(maritime))
            func reason(_ statement: ApprovalStatement, signedBy: UserName? = nil) -> String {
                code { try desk.hand(in: desk.envelope(statement, by: signedBy), for: filed, by: Desk.alice) }
            }
            let other = desk.plan(maritime, content: 77)
            #expect(reason(desk.statement(filed, by: Desk.alice, plan: other)) == "other_plan")
            let foreignID = SuggestionID(random: Array(repeating: 1, count: 10))
            #expect(reason(desk.statement(filed, by: Desk.alice, id: foreignID)) == "other_suggestion")
            #expect(reason(desk.statement(filed, by: Desk.bob)) == "unknown_signer")
            #expect(reason(desk.statement(filed, by: Desk.bob), signedBy: Desk.alice) == "other_operator")
            #expect(reason(desk.statement(filed, by: Desk.alice), signedBy: Desk.bob) == "unknown_signer")
            #expect(reason(desk.statement(filed, by: Desk.alice, .reject)) == "other_decision")
            #expect(reason(desk.statement(filed, by: Desk.alice, notAfter: -1)) == "approval_expired")
            #expect(reason(desk.statement(filed, by: Desk.alice, notBefore: 400)) == "approval_not_yet_valid")
            #expect(reason(desk.statement(filed, by: Desk.alice, notBefore: 60, notAfter: 30)) == "approval_expired")
            #expect(try desk.approvals.votes(on: filed.id).isEmpty)
            #expect(reason(desk.statement(filed, by: Desk.alice, notBefore: 200)) == "accepted")
        }
    }

    /// Changes one member of a statement's JSON and signs the result properly.
    private func forged(
        _ desk: Desk, _ suggestion: Suggestion, _ change: (inout JSONObject) -> Void
    ) throws -> Envelope {
        var object = try #require(desk.statement(suggestion, by: Desk.alice).json.object)
        var predicate = try #require(object["predicate"]?.object)
        change(&predicate)
        object["predicate"] = .object(predicate)
        var envelope = Envelope(
            payloadType: ApprovalStatement.payloadType, payload: JSONValue.object(object).documentBytes)
        envelope.sign(with: desk.key(Desk.alice).privateKey)
        return envelope
    }

    @Test("S-33 a statement about the same plan with another target, action, domain, policy or downgrade is refused")
    func forgedMembers() throws {
        try Desk.with { desk in
            let filed = try desk.file(desk.plan(maritime))
            func reason(_ key: String, _ value: JSONValue?) throws -> String {
                let envelope = try forged(desk, filed) { $0[key] = value }
                return code { try desk.hand(in: envelope, for: filed, by: Desk.alice) }
            }
            #expect(try reason("target", "other") == "other_target")
            #expect(try reason("action", "rollback") == "other_action")
            #expect(try reason("domain", "core") == "other_domain")
            #expect(try reason("policy", JSONValue(Digest(hashing: [9]))) == "other_policy")
            #expect(try reason("downgrade", true) == "downgrade_not_acknowledged")
            #expect(try reason("operator", "mallory") == "other_operator")
            #expect(try reason("extra", "member") == "bad_document")
            #expect(try reason("target", nil) == "bad_document")
            #expect(try reason("decision", "perhaps") == "bad_document")
        }
    }

    @Test("S-33 another payload type, a loose encoding and a broken signature are refused")
    func envelopes() throws {
        try Desk.with { desk in
            let filed = try desk.file(desk.plan(maritime))
            let statement = desk.statement(filed, by: Desk.alice)
            let key = desk.key(Desk.alice).privateKey
            func reason(type: String, payload: [UInt8]) -> String {
                var envelope = Envelope(payloadType: type, payload: payload)
                envelope.sign(with: key)
                return code { try desk.hand(in: envelope, for: filed, by: Desk.alice) }
            }
            #expect(reason(type: "application/json", payload: statement.bytes) == "wrong_payload_type")
            #expect(
                reason(type: ApprovalStatement.payloadType, payload: statement.json.prettyBytes)
                    == "statement_not_canonical")
            #expect(reason(type: ApprovalStatement.payloadType, payload: Array("{".utf8)) == "bad_json")
            let good = desk.envelope(statement)
            var bytes = good.signatures[0].bytes
            bytes[0] ^= 1
            let broken = Envelope(
                payloadType: good.payloadType, payload: good.payload,
                signatures: [Envelope.Signature(keyID: good.signatures[0].keyID, bytes: bytes)])
            #expect(code { try desk.hand(in: broken, for: filed, by: Desk.alice) } == "unknown_signer")
        }
    }

    @Test("S-33 a suggestion that has expired can be neither voted on nor started, and a vote ends with its own time")
    func expiry() throws {
        try Desk.with { desk in
            let filed = try desk.file(desk.plan(maritime))
            try desk.hand(
                in: desk.envelope(desk.statement(filed, by: Desk.alice, notAfter: 600)), for: filed, by: Desk.alice)
            #expect(try desk.sign(filed, by: Desk.bob).state == .approved)
            desk.clock.advance(seconds: 601)
            #expect(try desk.approvals.evaluate(filed.id) == .waiting([.approvals(1, roles: [.approver])]))
            #expect(code { try desk.start(filed) } == "approval_required")
            #expect(try desk.sign(filed, by: Desk.carol).state == .approved)
            desk.clock.advance(seconds: 86400)
            #expect(try desk.approvals.evaluate(filed.id) == .expired)
            #expect(code { try desk.start(filed) } == "suggestion_expired")
            #expect(code { try desk.click(filed, by: Desk.carol, .reject) } == "suggestion_expired")
            #expect(try desk.approvals.expire().map(\.state) == [.expired])
            #expect(try desk.approvals.get(filed.id).state == .expired)
            #expect(try desk.approvals.expire().isEmpty)
            #expect(try desk.auditActions().last == "suggestion.expire")
        }
    }

    @Test("S-33, I-14 the one who asked does not approve, under no account and no key")
    func selfApproval() throws {
        try Desk.with { desk in
            let filed = try desk.file(by: Desk.alice)
            #expect(code { try desk.click(filed, by: Desk.alice) } == "self_approval")
            let signed = desk.envelope(desk.statement(filed, by: Desk.alice))
            #expect(code { try desk.hand(in: signed, for: filed, by: Desk.alice) } == "self_approval")
            desk.users.set(Desk.bob, person: "alice", keys: [desk.publicKey(Desk.bob)])
            #expect(code { try desk.click(filed, by: Desk.bob) } == "self_approval")
            #expect(try desk.click(filed, by: Desk.carol).state == .approved)
        }
        try Desk.with(.setting(.core) { $0.selfApproval = true }) { desk in
            let filed = try desk.file(by: Desk.alice)
            #expect(try desk.click(filed, by: Desk.alice).state == .approved)
        }
    }

    @Test("I-14 a vote cast before the accounts were known to be one person stops counting")
    func mergedAccounts() throws {
        try Desk.with { desk in
            let filed = try desk.file(desk.plan(maritime))
            try desk.sign(filed, by: Desk.alice)
            try desk.sign(filed, by: Desk.bob)
            #expect(try desk.approvals.evaluate(filed.id) == .approved)
            desk.users.set(Desk.bob, person: "alice", keys: [desk.publicKey(Desk.bob)])
            #expect(try desk.approvals.evaluate(filed.id) == .waiting([.approvals(1, roles: [.approver])]))
            desk.users.set(Desk.bob, person: "rita", keys: [desk.publicKey(Desk.bob)])
            desk.users.set(Desk.rita, person: "rita", role: .release)
            #expect(try desk.approvals.evaluate(filed.id) == .waiting([.approvals(1, roles: [.approver])]))
        }
    }

    @Test("I-14 the same person under two tokens, sessions or accounts counts once", arguments: [true, false])
    func samePerson(operatorSigned: Bool) throws {
        let book = PolicyBook.setting(.core) { $0.approvers = 2 }
        try Desk.with(book) { desk in
            let filed = try desk.file()
            desk.users.set(Desk.bob, person: "alice", keys: [desk.publicKey(Desk.bob)])
            let first = operatorSigned ? try desk.sign(filed, by: Desk.alice) : try desk.click(filed, by: Desk.alice)
            #expect(first.state == .waiting)
            let token = TokenID(random: Array(repeating: 3, count: 10))
            let tokenVote = code {
                try desk.approvals.vote(
                    on: filed.id, plan: filed.planDigest, decision: .approve, voter: Desk.alice,
                    reason: "by token this time", by: Actor(Desk.alice, via: .token(token)))
            }
            #expect(tokenVote == "already_voted")
            #expect(code { try desk.click(filed, by: Desk.bob) } == "already_voted")
            #expect(code { try desk.sign(filed, by: Desk.bob) } == "already_voted")
            #expect(try desk.click(filed, by: Desk.carol).state == .approved)
        }
    }

    @Test("I-14 two accounts that share one key are one vote")
    func sharedKey() throws {
        try Desk.with { desk in
            desk.users.set(Desk.bob, keys: [desk.publicKey(Desk.alice)])
            let filed = try desk.file(desk.plan(maritime))
            try desk.sign(filed, by: Desk.alice)
            let asBob = desk.envelope(desk.statement(filed, by: Desk.bob), by: Desk.alice)
            #expect(try desk.hand(in: asBob, for: filed, by: Desk.bob).state == .waiting)
            #expect(code { try desk.start(filed) } == "approval_required")
        }
    }

    @Test("S-33 who may not vote is refused; who loses role, account or key after the vote no longer counts")
    func roleLoss() throws {
        try Desk.with { desk in
            let filed = try desk.file(desk.plan(maritime))
            for role in [Role.viewer, .release, .admin] {
                desk.users.set(Desk.carol, role: role, keys: [desk.publicKey(Desk.carol)])
                #expect(code { try desk.sign(filed, by: Desk.carol) } == "role_required")
                #expect(code { try desk.click(filed, by: Desk.carol, .reject) } == "role_required")
            }
            #expect(code { try desk.click(filed, by: Desk.name("nobody")) } == "role_required")
            try desk.sign(filed, by: Desk.alice)
            #expect(try desk.sign(filed, by: Desk.bob).state == .approved)
            let waiting = Verdict.waiting([.approvals(1, roles: [.approver])])
            desk.users.set(Desk.bob, role: .admin, keys: [desk.publicKey(Desk.bob)])
            #expect(try desk.approvals.evaluate(filed.id) == waiting)
            #expect(code { try desk.start(filed) } == "approval_required")
            #expect(try desk.approvals.expire().map(\.state) == [.waiting])
            desk.users.set(Desk.bob, isActive: false, keys: [desk.publicKey(Desk.bob)])
            #expect(try desk.approvals.evaluate(filed.id) == waiting)
            desk.users.set(Desk.bob, keys: [])
            #expect(try desk.approvals.evaluate(filed.id) == waiting)
            desk.users.set(Desk.bob, keys: [desk.publicKey(Desk.bob)])
            #expect(try desk.approvals.evaluate(filed.id) == .approved)
        }
    }

    @Test("a policy that changes after the votes makes the suggestion stale")
    func policyChange() throws {
        try Desk.with { desk in
            let filed = try desk.file()
            try desk.click(filed, by: Desk.alice)
            desk.approvals.policies = .setting(.core) { $0.approvers = 2 }
            #expect(code { try desk.start(filed) } == "plan_stale")
            #expect(code { try desk.click(filed, by: Desk.bob) } == "plan_stale")
            #expect(try desk.approvals.expire().map(\.state) == [.stale])
            #expect(code { try desk.start(filed) } == "plan_stale")
        }
    }

    @Test("a plan made at the start that differs from the approved one is stale, and nothing is used")
    func freshPlan() throws {
        try Desk.with { desk in
            let filed = try desk.file()
            try desk.click(filed, by: Desk.alice)
            #expect(code { try desk.start(filed, plan: desk.plan(content: 5).digest) } == "plan_stale")
            #expect(try desk.approvals.get(filed.id).state == .approved)
            try desk.start(filed)
        }
    }

    @Test("a hub whose key changed cannot vouch for browser votes made before")
    func otherHubKey() throws {
        try withTemporaryDirectory { folder in
            let desk = try Desk(in: folder)
            let filed = try desk.file()
            try desk.click(filed, by: Desk.alice)
            let thief = Approvals(
                database: desk.database, audit: desk.audit, clock: desk.clock.wall, policies: PolicyBook(),
                hubKey: Ed25519PrivateKey(), users: desk.users)
            #expect(try thief.evaluate(filed.id) == .waiting([.approvals(1, roles: [.approver])]))
            desk.database.close()
        }
    }

    @Test("votes written straight into the database do not count without a signature that fits")
    func forgedRows() throws {
        try Desk.with { desk in
            let filed = try desk.file(desk.plan(maritime))
            try desk.sign(filed, by: Desk.alice)
            _ = try desk.database.write { transaction in
                try transaction.execute(
                    """
                    INSERT INTO votes SELECT number + 1, 'forged', suggestion_id, 'bob', 'bob', decision, reason, cast_at,
                        not_before, not_after, signature, envelope, 0 FROM votes
                    """)
            }
            #expect(try desk.approvals.evaluate(filed.id) == .waiting([.approvals(1, roles: [.approver])]))
            _ = try desk.database.write {
                try $0.execute("UPDATE suggestions SET state = 'approved' WHERE id = ?", [.text(filed.id.text)])
            }
            #expect(code { try desk.start(filed) } == "approval_required")
        }
    }

    @Test("I-11 a plan exchanged in the database is noticed")
    func exchangedPlan() throws {
        try Desk.with { desk in
            let filed = try desk.file()
            try desk.click(filed, by: Desk.alice)
            let other = desk.plan(content: 66).bytes
            _ = try desk.database.write { try $0.execute("UPDATE suggestions SET plan = ?", [.bytes(other)]) }
            #expect(throws: DatabaseError.self) { try desk.start(filed) }
        }
    }

    struct Cell: CustomTestStringConvertible {
        let otherPlan: Bool, otherTarget: Bool, otherAction: Bool, later: Bool
        var testDescription: String {
            "plan \(otherPlan ? "other" : "same"), target \(otherTarget ? "other" : "same"), "
                + "action \(otherAction ? "other" : "same"), \(later ? "too late" : "in time")"
        }
        static let all = (0..<16).map {
            Cell(otherPlan: $0 & 1 != 0, otherTarget: $0 & 2 != 0, otherAction: $0 & 4 != 0, later: $0 & 8 != 0)
        }
    }

    @Test(
        "I-11 of the sixteen ways to use two people's statements, only the one they were made for works",
        arguments: Cell.all)
    func replayMatrix(_ cell: Cell) throws {
        try Desk.with { desk in
            let approved = desk.plan(maritime)
            let used = desk.plan(
                cell.otherTarget ? Desk.target("other", domain: .maritime) : maritime,
                action: cell.otherAction ? .rollback : .promote, content: cell.otherPlan ? 50 : 2)
            let filed = try desk.file(used)
            let envelopes = [Desk.alice, Desk.bob].map { user in
                desk.envelope(desk.statement(filed, by: user, plan: approved))
            }
            if cell.later { desk.clock.advance(seconds: 3601) }
            for (user, envelope) in zip([Desk.alice, Desk.bob], envelopes) {
                _ = try? desk.hand(in: envelope, for: filed, by: user)
            }
            let isGood = !cell.otherPlan && !cell.otherTarget && !cell.otherAction && !cell.later
            let started = code { try desk.start(filed) } == "accepted"
            #expect(started == isGood)
            #expect(code { try desk.start(filed) } != "accepted")
        }
    }

    @Test(
        "I-11 after a restore of an older database the same statements start nothing, because generations have moved on"
    )
    func olderBackup() throws {
        try withTemporaryDirectory { folder in
            let desk = try Desk(in: folder)
            let filed = try desk.file(desk.plan(maritime))
            try desk.sign(filed, by: Desk.alice)
            try desk.sign(filed, by: Desk.bob)
            try desk.database.backup(to: folder + "/backup.db")
            try desk.start(filed)
            try desk.finish(filed)
            let old = try Database(
                path: folder + "/backup.db", migrations: AuditLog.migrations + ApprovalStore.migrations)
            let restored = Approvals(
                database: old, audit: desk.audit, clock: desk.clock.wall, policies: PolicyBook(), hubKey: desk.hubKey,
                users: desk.users)
            // A plan is made anew before every start; the target's journal, not the database, numbers generations.
            let fresh = desk.plan(maritime, to: 3).digest
            let result = code {
                try old.write {
                    try restored.consume(filed.id, plan: fresh, change: Desk.change(), by: .system, in: $0)
                }
            }
            #expect(result == "plan_stale")
            old.close()
            desk.database.close()
        }
    }
}
