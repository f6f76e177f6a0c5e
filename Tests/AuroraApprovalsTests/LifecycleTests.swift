import AuroraApprovals
import AuroraDatabase
import AuroraModel
import Testing

@Suite("The life of an approval")
struct LifecycleTests {
    @Test("defect 4: approving gates the start; without it nothing starts, and approving twice gives no second start")
    func approveGates() throws {
        try Desk.with { desk in
            let filed = try desk.file()
            #expect(code { try desk.start(filed) } == "approval_required")
            try desk.click(filed, by: Desk.alice)
            let change = try desk.start(filed)
            let running = try desk.approvals.get(filed.id)
            #expect(running.state == .running)
            #expect(running.change == change)
            #expect(code { try desk.start(filed) } == "approval_used")
            #expect(code { try desk.click(filed, by: Desk.bob) } == "approval_used")
            try desk.finish(filed)
            #expect(try desk.approvals.get(filed.id).state == .done)
            let expected = ["suggestion.file", "suggestion.approve", "suggestion.start", "suggestion.finish"]
            #expect(try desk.auditActions() == expected)
        }
    }

    @Test("defects 22 and 33: a name that is a path is no suggestion, and no marker file can approve anything")
    func noMarkerFiles() {
        for name in ["../../etc/shadow", "/etc/shadow", "sg-x.approved", "sg-aaaaaaaaaaaaaaaa.approved", "", "."] {
            #expect(SuggestionID(name) == nil)
            #expect(code { try SuggestionID.require(name) } == "bad_identifier")
        }
    }

    @Test("sixty-four starts at once of one approval: one wins")
    func parallelStarts() async throws {
        try await withDesk { desk in
            let filed = try desk.file()
            try desk.click(filed, by: Desk.alice)
            let codes = await withTaskGroup(of: String.self) { group in
                for _ in 0..<64 { group.addTask { code { try desk.start(filed) } } }
                return await group.reduce(into: [String]()) { $0.append($1) }
            }
            #expect(codes.count { $0 == "accepted" } == 1)
            #expect(codes.count { $0 == "approval_used" } == 63)
        }
    }

    @Test("an approval whose change switched nothing can be used once more, by another change only")
    func release() throws {
        try Desk.with { desk in
            let filed = try desk.file()
            try desk.click(filed, by: Desk.alice)
            let change = try desk.start(filed)
            func release(_ change: ChangeID) -> String {
                code {
                    try desk.database.write {
                        try desk.approvals.release(
                            filed.id, change: change, reason: "the disk was full", by: .system, in: $0)
                    }
                }
            }
            #expect(release(Desk.change()) == "suggestion_closed")
            #expect(release(change) == "accepted")
            #expect(try desk.approvals.get(filed.id).state == .approved)
            #expect(release(change) == "suggestion_closed")
            try desk.start(filed)
            try desk.finish(filed, .failed)
            #expect(release(change) == "suggestion_closed")
        }
    }

    @Test("a stale mark closes an open suggestion and leaves a closed one alone")
    func stale() throws {
        try Desk.with { desk in
            let filed = try desk.file()
            try desk.approvals.markStale(filed.id, fresh: Digest(hashing: [1]), reason: "generation 3 is active now")
            let stale = try desk.approvals.get(filed.id)
            #expect(stale.state == .stale)
            #expect(stale.stateReason == "generation 3 is active now")
            #expect(code { try desk.click(filed, by: Desk.alice) } == "plan_stale")
            try desk.approvals.markStale(filed.id, fresh: nil, reason: "again")
            #expect(try desk.approvals.get(filed.id).stateReason == "generation 3 is active now")
        }
    }

    @Test("what ended stays as it ended, but for a promote that is taken back")
    func ends() throws {
        try Desk.with { desk in
            let filed = try desk.file()
            #expect(code { try desk.finish(filed) } == "suggestion_closed")
            try desk.click(filed, by: Desk.alice)
            try desk.start(filed)
            try desk.finish(filed)
            #expect(code { try desk.finish(filed) } == "suggestion_closed")
            try desk.finish(filed, .rolledBack)
            #expect(code { try desk.finish(filed, .rolledBack) } == "suggestion_closed")
        }
    }

    @Test("a refused act leaves neither a row nor an entry")
    func nothingHalfDone() throws {
        try Desk.with { desk in
            let filed = try desk.file()
            let before = try desk.auditEntries().count
            _ = code { try desk.click(filed, by: Desk.rita) }
            _ = code { try desk.start(filed) }
            _ = code { try desk.click(filed, by: Desk.alice, reason: "") }
            #expect(try desk.auditEntries().count == before)
            #expect(try desk.approvals.votes(on: filed.id).isEmpty)
            #expect(try desk.approvals.get(filed.id) == filed)
        }
    }
}
