import AuroraCrypto
import AuroraDatabase
import AuroraHTTP
import AuroraModel
import AuroraSystem
import Synchronization

/// Finds out who sent a request: a bearer token, a session cookie, or nobody.
///
/// Recognised secrets are kept in memory by their hash, so that a poll costs no query; every change of an account empties
/// that memory before the change is acknowledged (S-07). The hub is the only process that writes its database, so
/// nothing else can make the memory wrong. Safe from any thread.
final class Authenticator: Sendable {
    /// Who it is, and for a session the secret's anti-forgery value.
    struct Recognised: Sendable {
        let identity: Identity
        let csrf: String?
        /// For sessions: when they were last seen, to end idle ones.
        var seen: Int64 = 0
    }

    private struct State {
        var known: [[UInt8]: Recognised] = [:]
        /// Grows when the memory is emptied, so that a look-up that began before is not put back after.
        var generation = 0
        /// Tokens used since the last flush, with the time.
        var used: [TokenID: Int64] = [:]
        var touched: [[UInt8]: Int64] = [:]
    }

    private let database: Database
    private let settings: AccountSettings
    private let clock: WallClock
    private let state = Mutex(State())
    private static let capacity = 50_000

    init(database: Database, settings: AccountSettings, clock: WallClock) {
        self.database = database
        self.settings = settings
        self.clock = clock
    }

    /// The name of the session cookie: under TLS the browser itself enforces host, path and Secure.
    static func cookieName(tls: Bool) -> String { tls ? "__Host-aurora_session" : "aurora_session" }

    /// Who sent the request; nil when it brings no credential at all.
    ///
    /// - Throws: ``Problem`` 401 for a credential that is malformed, unknown, expired or revoked.
    func authenticate(_ head: RequestHead) throws -> Recognised? {
        if let secret = try Self.bearer(head) { return try recogniseToken(secret) }
        guard let secret = Self.cookie(head, tls: isTLS(head)) else { return nil }
        return try recogniseSession(secret)
    }

    /// Whether the browser sees TLS.
    func isTLS(_ head: RequestHead) -> Bool { head.isTLS || settings.isBehindTLSProxy }

    /// The value of the session cookie, for ending the session.
    func sessionSecret(_ head: RequestHead) -> String? { Self.cookie(head, tls: isTLS(head)) }

    /// Like ``authenticate(_:)`` for bearer tokens, but only from memory: nil sends the request the slow way.
    func remembered(_ head: RequestHead) -> Identity? {
        guard let secret = try? Self.bearer(head) else { return nil }
        let hash = Secret.hash(secret)
        let now = clock.now()
        return state.withLock { state in
            guard let known = state.known[hash], Self.isLive(known, now: now, settings) else { return nil }
            if case .token(let id) = known.identity.via { state.used[id] = now }
            return known.identity
        }
    }

    /// Forgets everything recognised so far; call it after each change of an account, before answering.
    func forget() {
        state.withLock { state in
            state.known.removeAll()
            state.generation += 1
        }
    }

    /// Writes when tokens and sessions were last used; called once in a while and at the end.
    func flush() throws {
        let (used, touched) = state.withLock { state in
            defer {
                state.used = [:]
                state.touched = [:]
            }
            return (state.used, state.touched)
        }
        guard !used.isEmpty || !touched.isEmpty else { return }
        try database.write { transaction in
            for (id, time) in used {
                try AccountStore.setLastUsed(Timestamp(milliseconds: time), ofToken: id, in: transaction)
            }
            for (hash, time) in touched {
                try AccountStore.touchSession(hash: hash, seen: Timestamp(milliseconds: time), in: transaction)
            }
        }
    }

    // MARK: Tokens

    private func recogniseToken(_ secret: String) throws -> Recognised {
        let hash = Secret.hash(secret)
        let now = clock.now()
        let (known, generation) = look(for: hash)
        if let known, Self.isLive(known, now: now, settings) {
            note(hash, known, now: now)
            return known
        }
        if let environment = settings.environmentToken, ConstantTime.equal(hash, environment.hash) {
            let user = try database.read { try AccountStore.user(environment.user, in: $0) }
            guard let user, settings.admits(user) else { throw Self.unknownToken }
            let identity = settings.identity(
                of: user, scopedTo: environment.role, via: .token(environment.id), handle: "environment", expires: nil)
            return remember(hash, Recognised(identity: identity, csrf: nil), generation: generation, now: now)
        }
        let found = try database.read { transaction -> (APIToken, User)? in
            guard let token = try AccountStore.token(hash: hash, in: transaction),
                let user = try AccountStore.user(token.user, in: transaction)
            else { return nil }
            return (token, user)
        }
        guard let (token, user) = found, settings.admits(user), token.expires.milliseconds > now else {
            throw Self.unknownToken
        }
        let identity = settings.identity(
            of: user, scopedTo: token.role, via: .token(token.id), handle: token.id.text, expires: token.expires)
        return remember(hash, Recognised(identity: identity, csrf: nil), generation: generation, now: now)
    }

    private static let unknownToken = Problem.unauthenticated(
        "the token is unknown, expired or revoked", code: "invalid_token")

    // MARK: Sessions

    private func recogniseSession(_ secret: String) throws -> Recognised {
        let hash = Secret.hash(secret)
        let now = clock.now()
        let (known, generation) = look(for: hash)
        if let known, Self.isLive(known, now: now, settings) {
            note(hash, known, now: now)
            return known
        }
        let found = try database.read { transaction -> (AccountStore.Session, User)? in
            guard let session = try AccountStore.session(hash: hash, in: transaction),
                let user = try AccountStore.user(session.user, in: transaction)
            else { return nil }
            return (session, user)
        }
        // A session in memory was seen later than the row says.
        let seen = max(found?.0.seen.milliseconds ?? 0, known?.seen ?? 0)
        guard let (session, user) = found, settings.admits(user), session.expires.milliseconds > now,
            now - seen < settings.sessionIdle
        else { throw Problem.unauthenticated("the session has ended", code: "session_expired") }
        let identity = settings.identity(
            of: user, scopedTo: user.role, via: .session, handle: Secret.handle(of: hash), expires: session.expires)
        let recognised = Recognised(identity: identity, csrf: Secret.csrf(ofSession: secret), seen: now)
        return remember(hash, recognised, generation: generation, now: now)
    }

    // MARK: Memory

    private func look(for hash: [UInt8]) -> (Recognised?, Int) {
        state.withLock { ($0.known[hash], $0.generation) }
    }

    private func note(_ hash: [UInt8], _ known: Recognised, now: Int64) {
        state.withLock { state in
            if case .token(let id) = known.identity.via { state.used[id] = now } else { state.touched[hash] = now }
            state.known[hash]?.seen = now
        }
    }

    private func remember(_ hash: [UInt8], _ recognised: Recognised, generation: Int, now: Int64) -> Recognised {
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.known.count >= Self.capacity { state.known.removeAll() }
            state.known[hash] = recognised
        }
        note(hash, recognised, now: now)
        return recognised
    }

    private static func isLive(_ known: Recognised, now: Int64, _ settings: AccountSettings) -> Bool {
        if let expires = known.identity.expires, expires.milliseconds <= now { return false }
        return !known.identity.isSession || now - known.seen < settings.sessionIdle
    }

    // MARK: Header fields

    /// The token after `Bearer`; nil without an Authorization field.
    private static func bearer(_ head: RequestHead) throws(Problem) -> String? {
        let values = head.headers.values("Authorization")
        guard let value = values.first else { return nil }
        guard values.count == 1, let secret = secret(inBearer: value) else {
            throw .unauthenticated(
                "the Authorization field is not \"Bearer <token>\"", code: "invalid_token")
        }
        return secret
    }

    /// Works on bytes: every poll comes through here.
    private static func secret(inBearer value: String) -> String? {
        let bytes = value.utf8
        guard let blank = bytes.firstIndex(of: 0x20),
            bytes[..<blank].elementsEqual("bearer".utf8, by: { $0 | 0x20 == $1 })
        else { return nil }
        var secret = bytes[blank...].drop { $0 == 0x20 || $0 == 0x09 }
        while let last = secret.last, last == 0x20 || last == 0x09 { secret.removeLast() }
        guard !secret.isEmpty, secret.count <= 512 else { return nil }
        return String(Substring(secret))
    }

    /// The session cookie's value; two cookies of that name are none (a neighbouring site may have planted one).
    private static func cookie(_ head: RequestHead, tls: Bool) -> String? {
        let name = cookieName(tls: tls)
        var found: [String] = []
        for pair in head.headers.values("Cookie").flatMap({ $0.split(separator: ";") }) {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2, String(halves[0]).trimmed == name else { continue }
            found.append(String(halves[1]).trimmed)
        }
        guard found.count == 1, let secret = found.first, !secret.isEmpty, secret.utf8.count <= 512 else { return nil }
        return secret
    }
}
