/// What a person may be on this hub.
package enum Role: String, Sendable, CaseIterable, Codable {
    /// Reads everything that is not a secret.
    case viewer
    /// Uploads, stages, tries and asks for changes.
    case release
    /// Votes, starts approved changes and takes changes back.
    case approver
    /// Keeps accounts, keys and configuration; does not vote, so that one stolen admin account installs nothing.
    case admin

    package var rights: Set<Right> {
        switch self {
        case .viewer: [.read, .manageOwnAccount]
        case .release: [.read, .manageOwnAccount, .upload, .stage, .tryOut, .request, .delete]
        case .approver: [.read, .manageOwnAccount, .request, .vote, .start, .rollBack]
        case .admin: [.read, .manageOwnAccount, .manageUsers, .manageTokens, .manageKeys, .configure, .delete]
        }
    }

    package func has(_ right: Right) -> Bool { rights.contains(right) }
}

/// One thing a route or command may need; who has it stands in ``Role/rights`` and nowhere else.
package enum Right: String, Sendable, CaseIterable {
    case read
    /// Propose an own public key, make and revoke own tokens, change the own password.
    case manageOwnAccount = "manage-own-account"
    case upload
    case stage
    case tryOut = "try"
    /// Delete releases and artifacts that nothing needs.
    case delete
    /// File and withdraw suggestions.
    case request
    case vote
    /// Start an approved change, abort a running one.
    case start
    /// Take a change back, clear a blocked digest.
    case rollBack = "roll-back"
    case manageUsers = "manage-users"
    case manageTokens = "manage-tokens"
    case manageKeys = "manage-keys"
    case configure
}
