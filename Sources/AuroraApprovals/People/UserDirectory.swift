package import AuroraCrypto
package import AuroraDatabase
package import AuroraModel

/// Who may vote; the hub's accounts seen from here.
///
/// Asked at the vote and again right before activation, inside the transaction that decides, so that a role or a key
/// taken away a moment ago counts.
package protocol UserDirectory: Sendable {
    /// The account called `name`, or nil when there is none.
    func voter(_ name: UserName, in transaction: Transaction) throws -> Voter?
}

/// An account as a policy sees it.
package struct Voter: Hashable, Sendable {
    package let name: UserName
    /// The human behind the account; two accounts of one human have the same.
    package let person: String
    package let role: Role
    package let isActive: Bool
    /// Public keys that another admin has admitted and nobody has revoked.
    package let keys: [Ed25519PublicKey]

    /// An account; the person is the account itself unless told.
    package init(
        name: UserName, person: String? = nil, role: Role, isActive: Bool = true, keys: [Ed25519PublicKey] = []
    ) {
        self.name = name
        self.person = person ?? name.text
        self.role = role
        self.isActive = isActive
        self.keys = keys
    }
}
