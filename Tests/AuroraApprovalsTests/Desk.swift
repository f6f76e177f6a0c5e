import AuroraApprovals
import AuroraAudit
import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import AuroraTrust
import Synchronization
import Testing

/// Accounts that a test can change at any moment.
final class TestUsers: UserDirectory {
    private let state = Mutex<[UserName: Voter]>([:])

    func voter(_ name: UserName, in transaction: Transaction) throws -> Voter? { state.withLock { $0[name] } }

    func set(
        _ name: UserName, person: String? = nil, role: Role = .approver, isActive: Bool = true,
        keys: [Ed25519PublicKey] = []
    ) {
        let voter = Voter(name: name, person: person, role: role, isActive: isActive, keys: keys)
        state.withLock { $0[name] = voter }
    }
}

/// An operator's key in memory; sealing one in a file takes its time.
struct TestKey: Sendable {
    let privateKey = Ed25519PrivateKey()
    let name: String
    var publicKey: OperatorPublicKey { OperatorPublicKey(key: privateKey.publicKey, name: name) }
}

/// A clock that a test moves by hand.
final class TestClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_800_000_000_000)
    var now: Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }
    func advance(seconds: Int64) { milliseconds.withLock { $0 += seconds * 1000 } }
    var wall: WallClock { WallClock { [self] in now.milliseconds } }
}

/// A hub's approvals on a real database, with people who have keys of their own.
final class Desk: Sendable {
    let database: Database
    let audit: AuditLog
    let clock = TestClock()
    let users = TestUsers()
    let hubKey = Ed25519PrivateKey()
    let approvals: Approvals
    let keys: [UserName: TestKey]

    static let rita = name("rita"), alice = name("alice"), bob = name("bob"), carol = name("carol")

    static func name(_ text: String) -> UserName { must(UserName(text)) }

    init(in folder: String, policies: PolicyBook = PolicyBook()) throws {
        database = try Database(
            path: folder + "/hub.db", migrations: AuditLog.migrations + ApprovalStore.migrations)
        audit = try AuditLog(
            database: database, origin: "test.example/log", key: Ed25519PrivateKey(), directory: folder + "/audit",
            clock: clock.wall)
        keys = Dictionary(
            uniqueKeysWithValues: [Desk.rita, Desk.alice, Desk.bob, Desk.carol].map {
                ($0, TestKey(name: $0.text))
            })
        approvals = Approvals(
            database: database, audit: audit, clock: clock.wall, policies: policies, hubKey: hubKey, users: users)
        users.set(Desk.rita, role: .release, keys: [publicKey(Desk.rita)])
        for person in [Desk.alice, Desk.bob, Desk.carol] { users.set(person, keys: [publicKey(person)]) }
    }

    func key(_ name: UserName) -> TestKey { must(keys[name]) }

    func publicKey(_ name: UserName) -> Ed25519PublicKey { key(name).publicKey.key }

    static func with(_ policies: PolicyBook = PolicyBook(), _ body: (Desk) throws -> Void) throws {
        try withTemporaryDirectory { folder in
            let desk = try Desk(in: folder, policies: policies)
            try body(desk)
            desk.database.close()
        }
    }

    // MARK: Things to decide on

    static func target(
        _ name: String = "gateway", domain: Domain = .core, safety: SafetyClass? = nil
    ) -> TargetDescription {
        TargetDescription(
            name: must(TargetName(name)), path: "/srv/\(name)", kind: .link, domain: domain,
            safetyClass: safety ?? domain.defaultSafetyClass)
    }

    func plan(
        _ target: TargetDescription = Desk.target(), action: Plan.Action = .promote, to generation: Int64 = 2,
        content: UInt8 = 2, downgrade: Plan.Downgrade = .no, signature: SignatureVerdict? = nil
    ) -> Plan {
        Plan(
            action: action, target: target,
            from: PlanState(generation: generation - 1, treeDigest: Digest(hashing: [content - 1])),
            to: PlanState(
                generation: generation, treeDigest: Digest(hashing: [content]), artifact: Digest(hashing: [0, content])),
            signature: signature ?? SignatureVerdict(state: .good, explanation: "Signed."),
            files: PlanFiles(TreeDiff(from: TreeManifest(entries: []), to: TreeManifest(entries: []))),
            downgrade: downgrade, policy: PlanPolicy(approvals.policies.policy(for: target)))
    }

    func file(_ plan: Plan? = nil, by user: UserName = Desk.rita) throws -> Suggestion {
        try approvals.file(
            NewSuggestion(
                plan: plan ?? self.plan(), requestedBy: user, reason: "fixes the leak of last week", source: .api),
            by: actor(user))
    }

    // MARK: Acts

    func actor(_ user: UserName) -> Actor { Actor(user, via: .session, address: "127.0.0.1") }

    @discardableResult
    func click(
        _ suggestion: Suggestion, by user: UserName, _ decision: ApprovalStatement.Decision = .approve,
        reason: String = "looked at the diff, fine"
    ) throws -> Suggestion {
        try approvals.vote(
            on: suggestion.id, plan: suggestion.planDigest, decision: decision, voter: user, reason: reason,
            by: actor(user))
    }

    func statement(
        _ suggestion: Suggestion, by user: UserName, _ decision: ApprovalStatement.Decision = .approve,
        plan: Plan? = nil, id: SuggestionID? = nil, reason: String = "looked at the diff, fine",
        notBefore: Int64 = 0, notAfter: Int64 = 3600
    ) -> ApprovalStatement {
        ApprovalStatement(
            plan: plan ?? suggestion.plan, suggestion: id ?? suggestion.id, decision: decision, operator: user,
            reason: reason, notBefore: clock.now.adding(seconds: notBefore),
            notAfter: clock.now.adding(seconds: notAfter))
    }

    func envelope(_ statement: ApprovalStatement, by user: UserName? = nil) -> Envelope {
        var envelope = Envelope(payloadType: ApprovalStatement.payloadType, payload: statement.bytes)
        envelope.sign(with: key(user ?? statement.operatorName).privateKey)
        return envelope
    }

    @discardableResult
    func hand(
        in envelope: Envelope, for suggestion: Suggestion, by user: UserName,
        _ decision: ApprovalStatement.Decision = .approve
    ) throws -> Suggestion {
        try approvals.vote(
            on: suggestion.id, plan: suggestion.planDigest, decision: decision, voter: user, reason: "",
            envelope: envelope.json.documentBytes, by: actor(user))
    }

    @discardableResult
    func sign(_ suggestion: Suggestion, by user: UserName) throws -> Suggestion {
        try hand(in: envelope(statement(suggestion, by: user)), for: suggestion, by: user)
    }

    static func change() -> ChangeID { ChangeID(random: SecureRandom.bytes(10)) }

    @discardableResult
    func start(_ suggestion: Suggestion, plan: Digest? = nil) throws -> ChangeID {
        let change = Desk.change()
        try database.write { [approvals] transaction in
            try approvals.consume(
                suggestion.id, plan: plan ?? suggestion.planDigest, change: change, by: .system, in: transaction)
        }
        return change
    }

    func finish(_ suggestion: Suggestion, _ state: SuggestionState = .done) throws {
        try database.write { [approvals] in
            try approvals.finish(suggestion.id, state, reason: "healthy", in: $0)
        }
    }

    /// The actions of the audit log's entries, oldest first.
    func auditActions() throws -> [String] { try auditEntries().map(\.action) }
}

/// The value of something a test wrote itself.
func must<Value>(_ value: Value?) -> Value {
    guard let value else { preconditionFailure("a constant of the test is not valid") }
    return value
}

/// The code of the refusal that `body` throws, or what it did instead.
func code(_ body: () throws -> some Any) -> String {
    do {
        _ = try body()
        return "accepted"
    } catch let refusal as Refusal {
        return refusal.code
    } catch {
        return "\(error)"
    }
}

extension PolicyBook {
    /// Settings for one domain.
    static func setting(_ domain: Domain, _ change: (inout PolicySettings) -> Void) -> PolicyBook {
        var settings = PolicySettings()
        change(&settings)
        return PolicyBook(domains: [domain: settings])
    }
}

extension Desk {
    static var anyKey: Ed25519PublicKey { Ed25519PrivateKey().publicKey }
}
