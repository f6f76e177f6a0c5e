import AuroraModel

/// Who sent a request, how that is known, and what they may do.
struct Identity: Hashable, Sendable {
    let user: UserName
    let role: Role
    let rights: Set<Right>
    /// Whether nothing of the user's role is left out: a session, or a token without a narrower scope.
    let hasFullRole: Bool
    let via: ActorVia
    /// Tells two sessions or tokens of one user apart, for limits; not a secret.
    let handle: String
    /// When the token or the session ends by itself; nil for the environment's token.
    let expires: Timestamp?
    /// Made under `--dev`: self-approval and approval without a reason are allowed.
    let isDev: Bool

    var isSession: Bool { via == .session }

    /// Under which name limits are counted.
    var limitKey: String { "\(user) \(handle)" }

    func may(_ access: Route.Access) -> Bool {
        switch access {
        case .open, .account: true
        case .right(let right): rights.contains(right)
        }
    }

    /// The first half of an audit entry about something this identity does.
    func actor(at address: String) -> Actor { Actor(user, via: via, address: address) }
}
