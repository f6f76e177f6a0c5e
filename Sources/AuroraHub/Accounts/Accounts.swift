import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraSystem
import Synchronization

/// Users, their passwords, keys and tokens, and how people log in.
///
/// Every change commits together with its audit entry, and empties the authenticator's memory before it is acknowledged.
/// Safe from any thread.
final class Accounts: Sendable {
    let database: Database
    let trail: AuditTrail
    let settings: AccountSettings
    let clock: WallClock
    let authenticator: Authenticator
    let throttle = LoginThrottle()
    /// Password hashing takes 19 MiB and a core for a while; one at a time keeps a login flood from taking the machine.
    private let hashing = Mutex(Hashing())

    private struct Hashing {
        /// How many passwords were compared with a hash since the start.
        var comparisons = 0
        /// The hash that unknown names are compared with, so that they take as long as known ones (S-08).
        ///
        /// Made with the first comparison of any kind, so that it tells nothing about a name; the start of the hub would
        /// take 45 ms and 19 MiB more.
        var decoy: String?
    }

    init(
        database: Database, trail: AuditTrail, settings: AccountSettings, clock: WallClock
    ) throws {
        self.database = database
        self.trail = trail
        self.settings = settings
        self.clock = clock
        authenticator = Authenticator(database: database, settings: settings, clock: clock)
    }

    var now: Timestamp { Timestamp(milliseconds: clock.now()) }

    /// Runs a change of accounts: durable, audited by `body`, and in force at once for open connections too (S-07).
    func change<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) throws -> T {
        defer { authenticator.forget() }
        return try database.write(body)
    }

    // MARK: Users

    func user(_ name: UserName) throws -> User {
        guard let user = try database.read({ try AccountStore.user(name, in: $0) }) else {
            throw Problem.notFound("user", name.text)
        }
        return user
    }

    func users(after name: String, limit: Int) throws -> [User] {
        try database.read { try AccountStore.users(after: name, limit: limit, in: $0) }
    }

    /// - Throws: ``Problem`` 409 `exists` when the name was ever taken.
    func create(_ name: UserName, role: Role, password: String?, by actor: Actor) throws -> User {
        let stored = try password.map(makePassword)
        return try change { [self] transaction in
            try insert(name, role: role, storedPassword: stored, by: actor, in: transaction)
        }
    }

    /// As ``create(_:role:password:by:)`` with the hash of a checked password, in the caller's transaction.
    func insert(
        _ name: UserName, role: Role, storedPassword: String?, by actor: Actor, in transaction: Transaction
    ) throws -> User {
        let user = User(
            name: name, role: role, isActive: true, hasPassword: storedPassword != nil, created: now, revision: 1)
        if let why = settings.reservation(of: name) {
            throw Problem.conflict(
                "name_reserved", "the name \"\(name)\" \(why)", subject: name.text, remedy: "choose another name")
        }
        guard try AccountStore.user(name, in: transaction) == nil else {
            throw Problem.conflict(
                "exists", "the name \"\(name)\" is taken, or was once", subject: name.text,
                remedy: "choose another name; names in the audit log are not given twice")
        }
        try AccountStore.insert(user, password: storedPassword, in: transaction)
        try trail.accepted(.userCreate, name.text, by: actor, details: [("role", role.rawValue)], in: transaction)
        return user
    }

    /// What an admin changes about another user, or about himself.
    struct Edit: Sendable {
        var role: Role?
        var isActive: Bool?
        var password: String?
        /// The entity tag the client saw, if it said so.
        var expectedRevision: Int64?
    }

    func edit(_ name: UserName, _ edit: Edit, by actor: Actor) throws -> User {
        let hash = try edit.password.map(makePassword)
        return try change { [trail, settings] transaction in
            var user = try Self.existing(name, in: transaction)
            if let expected = edit.expectedRevision, expected != user.revision {
                throw Problem(
                    412, "precondition_failed", "the user was changed since you read it",
                    remedy: "read the user again and repeat with its new ETag", subject: name.text)
            }
            var details: [(String, String)] = []
            if let role = edit.role, role != user.role {
                details.append(("role", "\(user.role.rawValue) -> \(role.rawValue)"))
                user.role = role
            }
            if let isActive = edit.isActive, isActive != user.isActive {
                details.append(("active", String(isActive)))
                user.isActive = isActive
            }
            try AccountStore.update(user, in: transaction)
            if let hash {
                details.append(("password", "set"))
                try AccountStore.setPassword(hash, of: name, in: transaction)
                try AccountStore.deleteSessions(of: name, in: transaction)
            }
            if !user.isActive { try AccountStore.deleteSecrets(of: name, in: transaction) }
            try Self.requireAdmin(settings, in: transaction)
            try trail.accepted(.userChange, name.text, by: actor, details: details, in: transaction)
            return try Self.existing(name, in: transaction)
        }
    }

    /// A user changes his own account; who has a password must know it to set another, whatever else is changed.
    ///
    /// Guesses are slowed down as at the login.
    func editOwn(_ name: UserName, _ edit: Edit, current: String?, by actor: Actor) throws -> User {
        let stored = try database.read { try AccountStore.password(of: name, in: $0) }
        if edit.password != nil, let stored { try check(current, against: stored, of: name, at: actor.address) }
        return try self.edit(name, edit, by: actor)
    }

    private func check(_ current: String?, against stored: String, of name: UserName, at address: String) throws {
        if let wait = throttle.wait(account: name.text, address: address, now: clock.now()) {
            throw Self.throttled(wait)
        }
        guard let current, try verify(current, against: stored) else {
            if current != nil { throttle.failed(account: name.text, address: address, now: clock.now()) }
            throw Problem.forbidden(
                "the current password is missing or wrong", remedy: "send \"currentPassword\"")
        }
        throttle.succeeded(account: name.text, address: address)
    }

    /// Ends an account: nothing of it works any more, its name stays taken.
    func remove(_ name: UserName, by actor: Actor) throws {
        try change { [trail, settings] transaction in
            var user = try Self.existing(name, in: transaction)
            user.isActive = false
            try AccountStore.update(user, in: transaction)
            try AccountStore.deleteSecrets(of: name, in: transaction)
            for var key in try AccountStore.keys(of: name, in: transaction) where key.state != .revoked {
                key.state = .revoked
                try AccountStore.update(key, in: transaction)
            }
            try Self.requireAdmin(settings, in: transaction)
            try trail.accepted(.userRemove, name.text, by: actor, in: transaction)
        }
    }

    static func existing(_ name: UserName, in transaction: Transaction) throws -> User {
        guard let user = try AccountStore.user(name, in: transaction) else {
            throw Problem.notFound("user", name.text)
        }
        return user
    }

    /// Undoes a change that would leave nobody who can keep accounts.
    private static func requireAdmin(_ settings: AccountSettings, in transaction: Transaction) throws {
        let unusable = settings.isDev ? nil : AccountSettings.devUser
        guard try AccountStore.activeAdmins(besides: unusable, in: transaction) > 0 else {
            throw Problem.conflict(
                "last_admin", "this would leave the hub without an admin",
                remedy: "make another user admin first")
        }
    }

    // MARK: Passwords

    /// The hash to store of a new password.
    func makePassword(_ password: String) throws -> String {
        guard password.count >= 12 else {
            throw Problem(
                422, "password_too_short", "the password has fewer than 12 characters",
                remedy: "choose a longer one; a sentence is fine", rule: "12 to 256 characters")
        }
        return try hashing.withLock { _ in try PasswordHash.make(Array(password.utf8)) }
    }

    /// Compares a password with its hash; nil, for a name that nobody has, takes as long and is always wrong.
    func verify(_ password: String, against stored: String?) throws -> Bool {
        try hashing.withLock { hashing in
            let decoy = try hashing.decoy ?? PasswordHash.make(SecureRandom.bytes(16))
            hashing.decoy = decoy
            hashing.comparisons += 1
            return PasswordHash.verify(Array(password.utf8), against: stored ?? decoy) && stored != nil
        }
    }

    /// How many passwords were compared with a hash since the start.
    var comparisons: Int { hashing.withLock { $0.comparisons } }

    /// Whether anything was hashed for people that nobody is.
    var hasDecoy: Bool { hashing.withLock { $0.decoy != nil } }
}
