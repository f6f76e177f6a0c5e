import AuroraApprovals
import AuroraModel
import Testing

@Suite("Filing suggestions")
struct FilingTests {
    @Test("a suggestion waits in its domain's queue, is read back whole and stands in the log")
    func filed() throws {
        try Desk.with { desk in
            let filed = try desk.file()
            #expect(filed.state == .waiting)
            #expect(filed.domain == .core)
            #expect(filed.expires == filed.created.adding(seconds: 86400))
            #expect(try desk.approvals.get(filed.id) == filed)
            let entry = try #require(try desk.auditEntries().last)
            #expect(entry.action == "suggestion.file")
            #expect(entry.subject == filed.id.text)
            #expect(entry.actor.name == "rita")
            #expect(entry.details.contains(AuditEntry.Detail("plan", filed.planDigest.hex)))
        }
    }

    @Test("the same plan is filed once while it is open, and anew after it has ended")
    func sameplan() throws {
        try Desk.with { desk in
            let first = try desk.file()
            #expect(try desk.file().id == first.id)
            #expect(try desk.file(by: Desk.alice).id == first.id)
            _ = try desk.approvals.withdraw(first.id, reason: "asked by mistake", by: desk.actor(Desk.rita))
            #expect(try desk.file().id != first.id)
        }
    }

    @Test("no reason, a short one, an endless one, an unsigned artifact and an old policy are refused")
    func refused() throws {
        try Desk.with { desk in
            func file(_ reason: String, _ plan: Plan) throws -> Suggestion {
                try desk.approvals.file(
                    NewSuggestion(plan: plan, requestedBy: Desk.rita, reason: reason, source: .ci),
                    by: desk.actor(Desk.rita))
            }
            #expect(code { try file("", desk.plan()) } == "reason_required")
            #expect(code { try file("  short   ", desk.plan()) } == "reason_required")
            #expect(code { try file(String(repeating: "x", count: 4001), desk.plan()) } == "reason_too_long")
            #expect(code { try file("a good reason", desk.plan(signature: .unsigned)) } == "unsigned_artifact")
            let old = desk.plan()
            desk.approvals.policies = .setting(.core) { $0.approvers = 3 }
            #expect(code { try file("a good reason", old) } == "plan_stale")
            let listed = try desk.approvals.list().items
            #expect(listed.isEmpty)
            #expect(try desk.auditActions().isEmpty)
        }
    }

    @Test("lists go newest first, by domain and state, page by page without gap or repetition")
    func lists() throws {
        try Desk.with { desk in
            var ids: [SuggestionID] = []
            for number in 2...8 {
                let domain: Domain = number % 2 == 0 ? .core : .maritime
                let target = Desk.target("t\(number)", domain: domain)
                ids.append(try desk.file(desk.plan(target, content: UInt8(number))).id)
                if number % 3 == 0 { desk.clock.advance(seconds: 1) }
            }
            var seen: [SuggestionID] = []
            var cursor: String?
            repeat {
                let page = try desk.approvals.list(cursor: cursor, limit: 2)
                #expect(page.items.count <= 2)
                seen += page.items.map(\.id)
                cursor = page.next
            } while cursor != nil
            #expect(seen.count == 7)
            #expect(Set(seen) == Set(ids))
            #expect(try desk.approvals.list(domain: .maritime).items.count == 3)
            #expect(try desk.approvals.list(states: [.done]).items.isEmpty)
            #expect(try desk.approvals.list(states: [.waiting, .done]).items.count == 7)
            #expect(code { try desk.approvals.list(cursor: "nonsense") } == "bad_cursor")
            #expect(code { try desk.approvals.list(cursor: "1'; DROP TABLE votes; --") } == "bad_cursor")
        }
    }

    @Test("an unknown suggestion is said to be unknown")
    func unknown() throws {
        try Desk.with { desk in
            let id = SuggestionID(random: Array(repeating: 7, count: 10))
            #expect(code { try desk.approvals.get(id) } == "unknown_suggestion")
            #expect(code { try desk.approvals.evaluate(id) } == "unknown_suggestion")
            #expect(code { try desk.approvals.votes(on: id) } == "unknown_suggestion")
        }
    }

    @Test("withdrawing closes it for good; taking back twice or after the start is refused")
    func withdraw() throws {
        try Desk.with { desk in
            let filed = try desk.file()
            let actor = desk.actor(Desk.rita)
            #expect(code { try desk.approvals.withdraw(filed.id, reason: "no", by: actor) } == "reason_required")
            let gone = try desk.approvals.withdraw(filed.id, reason: "asked by mistake", by: actor)
            #expect(gone.state == .withdrawn)
            #expect(code { try desk.click(filed, by: Desk.alice) } == "suggestion_closed")
            #expect(
                code { try desk.approvals.withdraw(filed.id, reason: "once more please", by: actor) }
                    == "suggestion_closed")
            let other = try desk.file()
            try desk.click(other, by: Desk.alice)
            try desk.start(other)
            #expect(
                code { try desk.approvals.withdraw(other.id, reason: "too late for this", by: actor) }
                    == "approval_used")
        }
    }
}
