import AuroraApprovals
import AuroraModel
import AuroraTrust
import Testing

@Suite("Policies")
struct PolicyBookTests {
    @Test("the five shipped domains have the policies the design promises")
    func defaults() {
        let book = PolicyBook()
        let core = book.policy(for: .core)
        #expect(core.approvers == 1)
        #expect(core.signatures == .browserAccepted)
        #expect(!core.selfApproval)
        #expect(core.apply == .onApproval)
        #expect(core.reasonLength == 10)
        for domain in [Domain.automotive, .maritime, .aviation, .satellite] {
            let policy = book.policy(for: domain)
            #expect(policy.safetyClass == .safetyCritical)
            #expect(policy.approvers == 2)
            #expect(policy.signatures == .operatorSigned)
            #expect(!policy.selfApproval)
            #expect(!policy.allowUnsigned)
            #expect(policy.requiresCountersignature == (domain == .satellite))
            #expect(policy.safetyProblem == nil)
            let routine = book.policy(for: Desk.target(domain: domain, safety: .routine))
            #expect(routine.signatures == .operatorSigned)
        }
        let critical = book.policy(for: Desk.target(safety: .safetyCritical))
        #expect(critical.approvers == 2)
        #expect(critical.signatures == .operatorSigned)
    }

    @Test("a target's settings win over its domain's, and the digest follows every change")
    func overrides() throws {
        var domain = PolicySettings()
        domain.approvers = 3
        var own = PolicySettings()
        own.approvers = 2
        own.apply = .byHand
        let name = Desk.target().name
        let book = PolicyBook(domains: [.core: domain], targets: [name: own])
        #expect(book.policy(for: .core).approvers == 3)
        let policy = book.policy(for: Desk.target())
        #expect(policy.approvers == 2)
        #expect(policy.apply == .byHand)
        #expect(policy.name == "core/gateway")
        #expect(book.policy(for: Desk.target("other")).approvers == 3)
        #expect(policy.digest != book.policy(for: .core).digest)
        #expect(try Policy(try JSONParser.parse(policy.bytes)) == policy)
    }

    @Test("a safety-critical target weaker than its floor is refused before anything starts")
    func floor() throws {
        func check(_ domain: Domain = .maritime, _ change: (inout PolicySettings) -> Void) -> String {
            code { try PolicyBook.setting(domain, change).check([Desk.target(domain: domain)]) }
        }
        #expect(check { _ in } == "accepted")
        #expect(check { $0.approvers = 1 } == "weak_policy")
        #expect(check { $0.signatures = .browserAccepted } == "weak_policy")
        #expect(check { $0.selfApproval = true } == "weak_policy")
        #expect(check { $0.allowUnsigned = true } == "weak_policy")
        #expect(check { $0.reasonLength = 3 } == "weak_policy")
        #expect(check { $0.approvers = 3 } == "accepted")
        #expect(check(.satellite) { _ in } == "weak_policy")
        #expect(check(.satellite) { $0.requiresCountersignature = false } == "weak_policy")
        let key = OperatorPublicKey(key: Desk.anyKey, name: "ground").description
        #expect(check(.satellite) { $0.countersignKeys = [key] } == "accepted")
        #expect(check(.core) { $0.selfApproval = true } == "accepted")
    }

    @Test("development mode relaxes routine targets only, unsigned artifacts in core only")
    func development() {
        let book = PolicyBook(isDevelopment: true)
        let core = book.policy(for: Desk.target())
        #expect(core.selfApproval)
        #expect(core.allowUnsigned)
        #expect(core.reasonLength == 0)
        let routine = book.policy(for: Desk.target(domain: .maritime, safety: .routine))
        #expect(routine.selfApproval)
        #expect(!routine.allowUnsigned)
        let critical = book.policy(for: Desk.target(domain: .maritime))
        #expect(critical == PolicyBook().policy(for: Desk.target(domain: .maritime)))
    }
}
