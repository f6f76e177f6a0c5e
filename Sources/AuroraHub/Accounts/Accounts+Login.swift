import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraSystem

extension Accounts {
    /// A login that succeeded.
    struct Login: Sendable {
        let identity: Identity
        /// The cookie's value; it is in no other place.
        let secret: String
        let csrf: String
        let expires: Timestamp
    }

    /// Logs in with a password.
    ///
    /// Unknown names, wrong passwords and closed accounts give the same answer after the same work (S-08).
    func logIn(name: String, password: String, at address: String) throws -> Login {
        let start = clock.now()
        if let wait = throttle.wait(account: name, address: address, now: start) { throw Self.throttled(wait) }
        let user = UserName(name)
        let hash = try user.flatMap { user in try database.read { try AccountStore.password(of: user, in: $0) } }
        let isRight = try verify(password, against: hash)
        guard let user, hash != nil, isRight else {
            throttle.failed(account: name, address: address, now: clock.now())
            throw Self.failed
        }
        throttle.succeeded(account: name, address: address)
        return try openSession(user, at: address, how: "password")
    }

    /// Logs in with the code of a one-time link; the first one ever makes the first admin.
    ///
    /// The code is used up in the transaction that opens the session: whatever is refused on the way, such as a password
    /// that is too short or a name that is taken, leaves the code as it was.
    func logIn(code: String, firstAdmin: String?, password: String?, at address: String) throws -> Login {
        if let wait = throttle.wait(account: "", address: address, now: clock.now()) { throw Self.throttled(wait) }
        let hash = Secret.hash(code)
        // Looked at first: a guess must not cost a write to the disk.
        let found = try database.read { try AccountStore.loginCode(hash: hash, in: $0) }
        guard let found, found.expires > now else {
            throttle.failed(account: "", address: address, now: clock.now())
            throw Self.failed
        }
        if let user = found.user { return try openSession(user, at: address, how: "code", using: hash) }
        let name = try UserName.require(firstAdmin ?? "admin")
        let stored = try password.map(makePassword)
        return try openSession(name, at: address, how: "first login", using: hash) { [self] transaction in
            guard try needsFirstAdmin(in: transaction) else { throw Self.failed }
            _ = try insert(
                name, role: .admin, storedPassword: stored, by: Actor(name, via: .console, address: address),
                in: transaction)
        }
    }

    /// A fresh session: its secret is new at each login, so a planted cookie is worth nothing (S-10).
    ///
    /// - Parameters:
    ///   - code: The hash of the login code that this login uses up, if it came with one.
    ///   - prepare: What has to happen before, in the same transaction.
    private func openSession(
        _ name: UserName, at address: String, how: String, using code: [UInt8]? = nil,
        after prepare: @escaping @Sendable (Transaction) throws -> Void = { _ in }
    ) throws -> Login {
        let secret = Secret.make()
        let created = now
        let expires = Timestamp(milliseconds: created.milliseconds + settings.sessionLifetime)
        let user = try change { [trail, settings] transaction in
            if let code, try AccountStore.takeLoginCode(hash: code, in: transaction) == nil { throw Self.failed }
            try prepare(transaction)
            let user = try Self.existing(name, in: transaction)
            guard settings.admits(user) else { throw Self.failed }
            try AccountStore.insertSession(
                hash: secret.hash, user: name, created: created, expires: expires, in: transaction)
            try trail.accepted(
                .sessionOpen, name.text, by: Actor(name, via: .session, address: address),
                details: [("how", how), ("session", Secret.handle(of: secret.hash))], in: transaction)
            return user
        }
        let identity = settings.identity(
            of: user, scopedTo: user.role, via: .session, handle: Secret.handle(of: secret.hash), expires: expires)
        return Login(
            identity: identity, secret: secret.text, csrf: Secret.csrf(ofSession: secret.text), expires: expires)
    }

    /// Ends the session of this cookie value.
    func logOut(secret: String, by actor: Actor) throws {
        let hash = Secret.hash(secret)
        try change { [trail] transaction in
            try AccountStore.deleteSession(hash: hash, in: transaction)
            try trail.accepted(
                .sessionClose, actor.name, by: actor, details: [("session", Secret.handle(of: hash))],
                in: transaction)
        }
    }

    // MARK: Codes

    /// A link that logs in once, for `user`, or nil for the first admin; older links of the same kind end.
    func makeLoginLink(for user: UserName?, at url: String? = nil, by actor: Actor) throws
        -> (link: String, expires: Timestamp)
    {
        let code = Secret.make()
        let created = now
        let expires = Timestamp(milliseconds: created.milliseconds + settings.codeLifetime)
        try change { [trail, settings] transaction in
            if let user {
                guard try settings.admits(Self.existing(user, in: transaction)) else {
                    throw Problem.conflict(
                        "account_closed", "the account \"\(user)\" is closed", subject: user.text,
                        remedy: "open it with PATCH {\"active\": true} first")
                }
            }
            try AccountStore.deleteLoginCodes(of: user, in: transaction)
            try AccountStore.insertLoginCode(
                hash: code.hash, user: user, created: created, expires: expires, in: transaction)
            try trail.accepted(.loginCodeCreate, user?.text ?? "first admin", by: actor, in: transaction)
        }
        return ("\(url ?? settings.dashboardURL)/login#code=\(code.text)", expires)
    }

    /// Whether there is no admin who can log in, so that the next one is made by a link from the console.
    ///
    /// Whom the environment's token or `--dev` stands for does not count: those accounts are made without a person.
    func needsFirstAdmin() throws -> Bool { try database.read { try needsFirstAdmin(in: $0) } }

    private func needsFirstAdmin(in transaction: Transaction) throws -> Bool {
        if settings.isDev { return false }
        let machines = [AccountSettings.devUser, settings.environmentToken?.user].compactMap { $0 }
        let moment = now
        let idleSince = Timestamp(milliseconds: moment.milliseconds - settings.sessionIdle)
        return try !AccountStore.hasAdminWithLogin(
            besides: machines, now: moment, idleSince: idleSince, in: transaction)
    }

    /// Makes sure the account exists, for `--dev` and for `AURORA_API_TOKEN`.
    func ensure(_ name: UserName, role: Role) throws -> User {
        if let user = try database.read({ try AccountStore.user(name, in: $0) }) { return user }
        return try create(name, role: role, password: nil, by: .system)
    }

    /// Forgets what ended by itself; called once in a while.
    func expire() throws {
        let moment = now
        let idleSince = Timestamp(milliseconds: moment.milliseconds - settings.sessionIdle)
        try authenticator.flush()
        try database.write { try AccountStore.deleteExpired(now: moment, idleSince: idleSince, in: $0) }
    }

    private static let failed = Problem.unauthenticated("the login was not accepted", code: "login_failed")

    static func throttled(_ seconds: Int) -> Problem {
        .throttled("login_throttled", "too many failed logins", after: seconds)
    }
}
