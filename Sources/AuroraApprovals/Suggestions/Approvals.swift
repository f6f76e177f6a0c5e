package import AuroraAudit
package import AuroraCrypto
package import AuroraDatabase
package import AuroraModel
package import AuroraSystem
import Synchronization

/// The queues of suggestions, the votes on them, and the one check that decides whether a change may start.
///
/// Every method that changes something does so in one transaction together with its audit entry; what returned is
/// durable. Safe from any thread. Methods throw a `Refusal` for what the caller did wrong and the database's error
/// otherwise; refusals are recorded by whoever took the call, who knows where it came from.
package final class Approvals: Sendable {
    private let database: Database
    let audit: AuditLog
    let clock: WallClock
    let hubKey: Ed25519PrivateKey
    let users: any UserDirectory
    private let book: Mutex<PolicyBook>

    package init(
        database: Database, audit: AuditLog, clock: WallClock, policies: PolicyBook, hubKey: Ed25519PrivateKey,
        users: any UserDirectory
    ) {
        self.database = database
        self.audit = audit
        self.clock = clock
        self.hubKey = hubKey
        self.users = users
        book = Mutex(policies)
    }

    /// The policies in force; setting them makes open suggestions under a changed policy stale at their next check.
    package var policies: PolicyBook {
        get { book.withLock { $0 } }
        set { book.withLock { $0 = newValue } }
    }

    var now: Timestamp { Timestamp(milliseconds: clock.now()) }

    func read<T: Sendable>(_ body: (Transaction) throws -> T) throws -> T { try database.read(body) }

    func write<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) throws -> T {
        try database.write(body)
    }

    // MARK: Filing

    /// Files a suggestion; one over the same plan that is still open is returned instead.
    ///
    /// - Throws: ``Refusal`` `reason_required`, `unsigned_artifact` or `plan_stale` (made under another policy).
    package func file(_ new: NewSuggestion, by actor: Actor) throws -> Suggestion {
        try write { try self.file(new, by: actor, in: $0) }
    }

    /// As ``file(_:by:)``, inside the caller's transaction.
    package func file(_ new: NewSuggestion, by actor: Actor, in transaction: Transaction) throws -> Suggestion {
        let policy = policies.policy(for: new.plan.target)
        guard policy.digest == new.plan.policy.digest else {
            throw ApprovalRefusal.stale(
                new.plan.digest, "it was planned under another policy than \(policy.name) is now")
        }
        guard !new.plan.isUnsigned || policy.allowUnsigned else {
            throw ApprovalRefusal.unsigned(new.plan, policy: policy)
        }
        let reason = try ReasonRule(policy: policy).checked(new.reason)
        let moment = now
        if let open = try ApprovalStore.openSuggestion(plan: new.plan.digest, in: transaction), moment <= open.expires {
            return open
        }
        let suggestion = Suggestion(
            id: SuggestionID(random: SecureRandom.bytes(10)), plan: new.plan, planDigest: new.plan.digest,
            requestedBy: new.requestedBy, reason: reason, source: new.source, created: moment,
            expires: moment.adding(seconds: policy.approvalLifetimeSeconds), state: .waiting, stateReason: "",
            change: nil)
        try ApprovalStore.insert(suggestion, in: transaction)
        try record(.suggestionFile, suggestion, by: actor, reason: reason, in: transaction)
        return suggestion
    }

    // MARK: Looking

    /// - Throws: ``Refusal`` `unknown_suggestion`.
    package func get(_ id: SuggestionID) throws -> Suggestion {
        try read { try self.require(id, in: $0) }
    }

    func require(_ id: SuggestionID, in transaction: Transaction) throws -> Suggestion {
        guard let suggestion = try ApprovalStore.suggestion(id, in: transaction) else {
            throw ApprovalRefusal.unknown(id)
        }
        return suggestion
    }

    /// Suggestions, newest first; no states means all.
    ///
    /// - Parameter cursor: What the last page returned as its next.
    /// - Throws: ``Refusal`` `bad_cursor`.
    package func list(
        states: [SuggestionState] = [], domain: Domain? = nil, cursor: String? = nil, limit: Int = 50
    ) throws -> Page<Suggestion> {
        let before = try cursor.map { try TimeCursor($0) }
        let count = max(1, min(limit, 500))
        let found = try read {
            try ApprovalStore.page(
                states: states, domain: domain, before: before.map { ($0.created, $0.id) }, limit: count + 1, in: $0)
        }
        let items = Array(found.prefix(count))
        let next = found.count > count ? items.last.map { TimeCursor(created: $0.created, id: $0.id.text).text } : nil
        return Page(items: items, next: next)
    }

    /// Open suggestions of a target, oldest first.
    package func open(for target: TargetName) throws -> [Suggestion] {
        try read { try ApprovalStore.openSuggestions(target: target, in: $0) }
    }

    /// All open suggestions, oldest first, in the caller's transaction.
    package func open(in transaction: Transaction) throws -> [Suggestion] {
        try ApprovalStore.openSuggestions(target: nil, in: transaction)
    }

    /// The votes with their envelopes, oldest first, replaced ones included.
    package func votes(on id: SuggestionID) throws -> [Vote] {
        try read { transaction in
            _ = try self.require(id, in: transaction)
            return try ApprovalStore.votes(on: id, in: transaction)
        }
    }

    // MARK: The check

    /// What the policy says now.
    package func evaluate(_ id: SuggestionID) throws -> Verdict {
        try read { try self.evaluate(id, in: $0) }
    }

    /// What the policy says now, inside the caller's transaction; run again right before activation.
    package func evaluate(_ id: SuggestionID, in transaction: Transaction) throws -> Verdict {
        try check(try require(id, in: transaction), in: transaction).verdict()
    }

    func check(_ suggestion: Suggestion, in transaction: Transaction) throws -> PolicyCheck {
        let votes = try ApprovalStore.votes(on: suggestion.id, in: transaction)
        var voters: [UserName: Voter] = [:]
        for name in Set(votes.map(\.user) + [suggestion.requestedBy]) {
            voters[name] = try users.voter(name, in: transaction)
        }
        return PolicyCheck(
            policy: policies.policy(for: suggestion.plan.target), suggestion: suggestion, votes: votes,
            voters: voters, hubKey: hubKey.publicKey, now: now)
    }

    /// Brings the stored state in line with the verdict and returns the suggestion as it is then.
    func settle(_ suggestion: Suggestion, in transaction: Transaction) throws -> Suggestion {
        guard suggestion.state.isOpen else { return suggestion }
        let verdict = try check(suggestion, in: transaction).verdict()
        let (state, reason): (SuggestionState, String) =
            switch verdict {
            case .rejected(let users): (.rejected, "rejected by \(users.map(\.text).joined(separator: ", "))")
            case .expired: (.expired, "nobody decided in time")
            case .stale(let why): (.stale, why)
            default: (verdict.hasQuorum ? .approved : .waiting, "")
            }
        if state != suggestion.state || reason != suggestion.stateReason {
            try ApprovalStore.setState(suggestion.id, state, reason: reason, in: transaction)
        }
        return try require(suggestion.id, in: transaction)
    }

    func record(
        _ act: AuditAct, _ suggestion: Suggestion, by actor: Actor, reason: String,
        details: [(String, String)] = [], in transaction: Transaction
    ) throws {
        let facts = [
            ("plan", suggestion.planDigest.hex), ("target", suggestion.target.text),
            ("action", suggestion.plan.action.rawValue), ("domain", suggestion.domain.name),
        ]
        _ = try audit.append(
            AuditEntry(
                time: now, actor: actor, action: act.rawValue, subject: suggestion.id.text, reason: reason,
                details: facts + details),
            in: transaction)
    }
}
