import AuroraDatabase
import AuroraModel
import AuroraSystem

extension Accounts {
    /// Makes a token for the sender, with a role that may not exceed the sender's own rights.
    ///
    /// - Returns: the token and its secret, which nothing can show again.
    func makeToken(name: String, role: Role?, lifetime: Int64?, for sender: Identity, by actor: Actor) throws
        -> (token: APIToken, secret: String)
    {
        let role = role ?? sender.role
        guard sender.rights.isSuperset(of: role.rights) else {
            throw Problem.forbidden(
                "a token with the role \(role.rawValue) could do more than you",
                rule: "a token's role is within its maker's rights", remedy: "ask for a role you have")
        }
        let created = now
        let seconds = min(lifetime ?? settings.tokenLifetime, settings.longestTokenLifetime)
        // A token made by a token ends with it at the latest, or a stolen one could renew itself for ever.
        let end = sender.isSession ? nil : sender.expires
        let expires = min(created.adding(seconds: seconds), end ?? created.adding(seconds: seconds))
        let secret = Secret.make(prefix: "aur_")
        let token = APIToken(
            id: TokenID(random: SecureRandom.bytes(10)), name: name, user: sender.user, role: role, created: created,
            expires: expires, lastUsed: nil)
        let most = settings.tokensPerUser
        try change { [trail] transaction in
            guard try AccountStore.tokenCount(of: token.user, in: transaction) < most else {
                throw Problem.conflict(
                    "too_many_tokens", "you have \(most) tokens already", remedy: "delete tokens you do not use")
            }
            try AccountStore.insert(token, hash: secret.hash, in: transaction)
            try trail.accepted(
                .tokenCreate, token.id.text, by: actor,
                details: [("role", role.rawValue), ("name", name), ("expires", expires.rfc3339)], in: transaction)
        }
        return (token, secret.text)
    }

    /// Tokens of one user, or of all.
    func tokens(of user: UserName?, after id: String, limit: Int) throws -> [APIToken] {
        try database.read { try AccountStore.tokens(of: user, after: id, limit: limit, in: $0) }
    }

    /// Revokes a token; others' tokens look as if they did not exist unless the sender keeps tokens (S-03).
    func deleteToken(_ id: TokenID, for sender: Identity, by actor: Actor) throws {
        try change { [trail] transaction in
            guard let token = try AccountStore.token(id: id, in: transaction),
                token.user == sender.user || sender.rights.contains(.manageTokens)
            else { throw Problem.notFound("token", id.text) }
            guard sender.hasFullRole || sender.via == .token(id) else { throw Problem.narrowToken }
            try AccountStore.deleteToken(id: id, in: transaction)
            try trail.accepted(
                .tokenDelete, id.text, by: actor, details: [("user", token.user.text)], in: transaction)
        }
    }
}
