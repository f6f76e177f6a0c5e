import AuroraApprovals
import AuroraDatabase
import AuroraModel
import Testing

@Suite("Promise 9: the right to take a change back")
struct RollbackRightsTests {
    /// Promotes generation `to` under an approval and returns its plan.
    private func promote(_ desk: Desk, to generation: Int64) throws -> (Suggestion, ChangeID) {
        let filed = try desk.file(desk.plan(to: generation, content: UInt8(generation)))
        try desk.click(filed, by: Desk.alice)
        let change = try desk.start(filed)
        try desk.finish(filed)
        return (filed, change)
    }

    private func takeBack(
        _ desk: Desk, active: Int64, to generation: Int64, by taker: RollbackRights.Taker = .automatic,
        reason: String = "the error rate went up", tree: UInt8? = nil
    ) -> String {
        let rights = RollbackRights(desk.approvals)
        let digest = Digest(hashing: [tree ?? UInt8(generation)])
        return code {
            try desk.database.write { transaction in
                try rights.use(
                    target: Desk.target(), active: active, to: generation, tree: digest, taker: taker, reason: reason,
                    by: .system, in: transaction)
            }
        }
    }

    @Test("an approved promote is taken back once, by itself")
    func automatic() throws {
        try Desk.with { desk in
            #expect(takeBack(desk, active: 2, to: 1) == "approval_required")
            let (filed, change) = try promote(desk, to: 2)
            let right = try #require(try RollbackRights(desk.approvals).current(Desk.target().name))
            #expect(right.change == change)
            #expect(right.suggestion == filed.id)
            #expect(!right.isUsed)
            #expect(takeBack(desk, active: 2, to: 1) == "accepted")
            #expect(takeBack(desk, active: 2, to: 1) == "approval_used")
            #expect(takeBack(desk, active: 2, to: 1, by: .person(Desk.alice)) == "approval_used")
            #expect(try desk.auditActions().last == "target.take-back")
        }
    }

    @Test("or by an approver with a reason, and by nobody else")
    func byHand() throws {
        try Desk.with { desk in
            _ = try promote(desk, to: 2)
            #expect(takeBack(desk, active: 2, to: 1, by: .person(Desk.rita)) == "role_required")
            #expect(takeBack(desk, active: 2, to: 1, by: .person(Desk.name("nobody"))) == "role_required")
            desk.users.set(Desk.bob, isActive: false)
            #expect(takeBack(desk, active: 2, to: 1, by: .person(Desk.bob)) == "role_required")
            #expect(takeBack(desk, active: 2, to: 1, by: .person(Desk.alice), reason: "") == "reason_required")
            #expect(takeBack(desk, active: 2, to: 1, by: .person(Desk.alice)) == "accepted")
            #expect(takeBack(desk, active: 2, to: 1, by: .person(Desk.alice)) == "approval_used")
        }
    }

    @Test("any other generation, tree or target needs an approval of its own")
    func onlyThatChange() throws {
        try Desk.with { desk in
            _ = try promote(desk, to: 2)
            _ = try promote(desk, to: 3)
            #expect(takeBack(desk, active: 3, to: 1) == "approval_required")
            #expect(takeBack(desk, active: 2, to: 1) == "approval_required")
            #expect(takeBack(desk, active: 3, to: 2, tree: 9) == "approval_required")
            #expect(takeBack(desk, active: 3, to: 2) == "accepted")
            #expect(takeBack(desk, active: 2, to: 1) == "approval_required")
        }
    }

    @Test("a promote that switched nothing leaves the right of the one before; an approved rollback ends it")
    func releasedAndRolledBack() throws {
        try Desk.with { desk in
            _ = try promote(desk, to: 2)
            let next = try desk.file(desk.plan(to: 3, content: 3))
            try desk.click(next, by: Desk.alice)
            let change = try desk.start(next)
            #expect(takeBack(desk, active: 2, to: 1) == "approval_required")
            try desk.database.write { [approvals = desk.approvals] in
                try approvals.release(next.id, change: change, reason: "no space left", by: .system, in: $0)
            }
            #expect(try RollbackRights(desk.approvals).current(Desk.target().name)?.from == 2)
            let back = try desk.file(desk.plan(action: .rollback, to: 1, content: 1))
            try desk.click(back, by: Desk.alice)
            try desk.start(back)
            #expect(takeBack(desk, active: 2, to: 1) == "approval_required")
            #expect(takeBack(desk, active: 1, to: 0) == "approval_required")
        }
    }

    @Test("a taking back that switched nothing gives the right back, once; a promote that failed leaves the one before")
    func givenBack() throws {
        try Desk.with { desk in
            let (_, change) = try promote(desk, to: 2)
            let giveBack = { (active: Int64) in
                try desk.database.write { [rights = RollbackRights(desk.approvals)] in
                    try rights.giveBack(
                        target: Desk.target().name, active: active, change: change, reason: "no space left", in: $0)
                }
            }
            try giveBack(2)
            #expect(try desk.auditActions().last != "target.take-back-release")
            #expect(takeBack(desk, active: 2, to: 1, by: .person(Desk.alice)) == "accepted")
            try giveBack(1)
            #expect(takeBack(desk, active: 2, to: 1, by: .person(Desk.alice)) == "approval_used")
            try giveBack(2)
            #expect(try desk.auditActions().last == "target.take-back-release")
            let next = try desk.file(desk.plan(to: 3, content: 3))
            try desk.click(next, by: Desk.alice)
            let failed = try desk.start(next)
            try desk.database.write { [approvals = desk.approvals] in
                try approvals.fail(next.id, change: failed, reason: "no space left", in: $0)
            }
            #expect(try desk.approvals.get(next.id).state == .failed)
            #expect(takeBack(desk, active: 2, to: 1, by: .person(Desk.alice)) == "accepted")
            #expect(takeBack(desk, active: 2, to: 1, by: .person(Desk.alice)) == "approval_used")
        }
    }
}
