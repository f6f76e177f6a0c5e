import AuroraApprovals
import AuroraCrypto
import AuroraFields
import AuroraModel
import AuroraTrust
import AuroraYAML
import Testing

@testable import AuroraHub

@Suite("Policies in aurora.yaml")
struct PolicyFieldTests {
    private static func read(_ text: String) throws -> (PolicySettings, [DocumentProblem]) {
        let report = FieldReport(file: "aurora.yaml")
        let reader = FieldReader(
            try YAMLParser.parse(Array(text.utf8)), path: "policies.core", report: report)
        return (PolicySettings.read(reader), report.problems)
    }

    @Test("every setting is read")
    func all() throws {
        let key = OperatorPublicKey(key: Ed25519PrivateKey().publicKey, name: "ground segment")
        let (settings, problems) = try Self.read(
            """
            approvers: 2
            approver_roles: [approver]
            signatures: browser-accepted
            self_approval: true
            rejections: 2
            reason_length: 20
            apply: by-hand
            approval_lifetime_seconds: 3600
            windows: ["mon-fri 22:00-04:00", daily 12:00-13:00]
            allow_unsigned: true
            countersignature: true
            countersign_keys: ["\(key)"]
            """)
        #expect(problems.isEmpty)
        let policy = PolicyBook(domains: [.core: settings]).policy(for: .core)
        #expect(policy.approvers == 2 && policy.approverRoles == [.approver] && policy.rejections == 2)
        #expect(policy.signatures == .browserAccepted && policy.selfApproval && policy.apply == .byHand)
        #expect(policy.reasonLength == 20 && policy.approvalLifetimeSeconds == 3600)
        #expect(policy.windows.map(\.text) == ["mon,tue,wed,thu,fri 22:00-04:00", "daily 12:00-13:00"])
        #expect(policy.allowUnsigned && policy.requiresCountersignature && policy.countersignKeys == ["\(key)"])
        #expect(PolicySettings.table.count == 12, "a new setting belongs into this test")
    }

    struct Mistake: CustomTestStringConvertible {
        let text: String
        let line: Int
        let field: String
        var testDescription: String { text.debugDescription }
    }

    @Test(
        "a mistake names its line and field",
        arguments: [
            Mistake(text: "approvers: 0", line: 1, field: "policies.core.approvers"),
            Mistake(text: "approvers: 17", line: 1, field: "policies.core.approvers"),
            Mistake(text: "approvers: two", line: 1, field: "policies.core.approvers"),
            Mistake(text: "approvers: 1\nself_approval: no", line: 2, field: "policies.core.self_approval"),
            Mistake(text: "approvers: 1\n\nsignatures: any", line: 3, field: "policies.core.signatures"),
            Mistake(text: "approver: 2", line: 1, field: "policies.core.approver"),
            Mistake(text: "approver_roles: [admin]", line: 1, field: "policies.core.approver_roles[0]"),
            Mistake(text: "approver_roles: []", line: 1, field: "policies.core.approver_roles"),
            Mistake(text: "approver_roles: [approver, approver]", line: 1, field: "policies.core.approver_roles"),
            Mistake(text: "windows:\n  - daily 10:00-12:00\n  - whenever", line: 3, field: "policies.core.windows[1]"),
            Mistake(text: "countersign_keys:\n  - nonsense", line: 2, field: "policies.core.countersign_keys[0]"),
            Mistake(text: "reason_length: 0", line: 1, field: "policies.core.reason_length"),
            Mistake(
                text: "approvers: 1\napproval_lifetime_seconds: 1h", line: 2,
                field: "policies.core.approval_lifetime_seconds"),
            Mistake(text: "[a, list]", line: 1, field: "policies.core"),
        ])
    func mistakes(_ mistake: Mistake) throws {
        let (_, problems) = try Self.read(mistake.text)
        #expect(problems.contains { $0.field == mistake.field && $0.line == mistake.line }, "\(problems)")
        #expect(problems.allSatisfy { !$0.remedy.isEmpty })
    }
}
