import AuroraModel

/// An account of a person or a machine.
struct User: Hashable, Sendable {
    let name: UserName
    var role: Role
    /// False once removed: the name stays taken, because the audit log speaks of it.
    var isActive: Bool
    var hasPassword: Bool
    let created: Timestamp
    /// Grows with every change; the entity tag of the user.
    var revision: Int64
}

/// An operator's public key in the hub's directory.
struct DirectoryKey: Hashable, Sendable {
    enum State: String, Sendable { case proposed, admitted, revoked }

    let id: KeyID
    let user: UserName
    /// The text form `aurora-ed25519:<base64url> name`.
    let text: String
    var state: State
    let proposedAt: Timestamp
    var admittedBy: UserName?
    var admittedAt: Timestamp?
}

/// An API token; the secret itself is never kept.
struct APIToken: Hashable, Sendable {
    let id: TokenID
    let name: String
    let user: UserName
    let role: Role
    let created: Timestamp
    let expires: Timestamp
    var lastUsed: Timestamp?
}
