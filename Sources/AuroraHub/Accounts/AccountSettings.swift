import AuroraModel

/// How long logins last, and what this hub's start says about accounts.
struct AccountSettings: Sendable {
    /// Milliseconds without a request after which a session ends: 30 minutes.
    var sessionIdle: Int64 = 30 * 60 * 1000
    /// Milliseconds after which a session ends whatever happens: 12 hours.
    var sessionLifetime: Int64 = 12 * 3600 * 1000
    /// Milliseconds a login code can be used: 10 minutes.
    var codeLifetime: Int64 = 10 * 60 * 1000
    /// Lifetime of a token in seconds when none is asked for, and the longest: 90 days, one year.
    var tokenLifetime: Int64 = 90 * 24 * 3600
    var longestTokenLifetime: Int64 = 365 * 24 * 3600
    /// The most tokens one user may have.
    var tokensPerUser: Int64 = 100
    var isDev = false
    /// Cookies are marked Secure although this process speaks plain HTTP, because a proxy speaks TLS for it.
    var isBehindTLSProxy = false
    /// What the login link starts with.
    var dashboardURL = "http://localhost:9711"
    var environmentToken: EnvironmentToken?

    /// The account of `--dev`.
    static let devUser = UserName("dev")

    /// Why no account can be made with this name, in words that follow it; nil when one can.
    func reservation(of name: UserName) -> String? {
        if name == Self.devUser { return isDev ? nil : "belongs to --dev" }
        return Actor.reservedNames.contains(name.text) ? "stands in the audit log for what no person did" : nil
    }

    /// What a user may do through a token or session: the lesser of the two roles; the user `dev` may do everything.
    func identity(
        of user: User, scopedTo role: Role, via: ActorVia, handle: String, expires: Timestamp?
    ) -> Identity {
        let isDevUser = isDev && user.name == Self.devUser
        let own = isDevUser ? Set(Right.allCases) : user.role.rights
        let scope = isDevUser && role == user.role ? own : role.rights
        return Identity(
            user: user.name, role: isDevUser || own.isSuperset(of: role.rights) ? role : user.role,
            rights: own.intersection(scope), hasFullRole: own.isSubset(of: scope), via: via, handle: handle,
            expires: expires, isDev: isDev)
    }

    /// Whether anything of this account works: what `--dev` made is worth nothing without it.
    func admits(_ user: User) -> Bool { user.isActive && (isDev || user.name != Self.devUser) }
}

/// The value of `AURORA_API_TOKEN`, kept as its hash, and whom it stands for.
///
/// What it may do is asked of the account at each use: it ends with the account, and never exceeds its role.
struct EnvironmentToken: Sendable {
    let hash: [UInt8]
    let id: TokenID
    let user: UserName
    /// The most it may do.
    let role: Role

    /// The value the prototype published in its unit file.
    static let published = "aurora-dev-token"

    /// - Throws: ``Problem`` for a value that cannot be a secret; the hub refuses to start with it.
    init(value: String, user: UserName, role: Role) throws(EnvironmentTokenError) {
        guard value != Self.published else { throw .published }
        guard value.utf8.count >= 20 else { throw .tooShort }
        hash = Secret.hash(value)
        id = TokenID(random: hash)
        self.user = user
        self.role = role
    }
}

/// Why the hub does not start with the `AURORA_API_TOKEN` it was given.
enum EnvironmentTokenError: Error, Hashable, Sendable, CustomStringConvertible {
    case published
    case tooShort

    var description: String {
        switch self {
        case .published:
            "AURORA_API_TOKEN is \"aurora-dev-token\", which the prototype published: everybody knows it; "
                + "make one with: head -c 32 /dev/urandom | base64"
        case .tooShort:
            "AURORA_API_TOKEN is shorter than 20 characters and could be guessed; "
                + "make one with: head -c 32 /dev/urandom | base64"
        }
    }
}
