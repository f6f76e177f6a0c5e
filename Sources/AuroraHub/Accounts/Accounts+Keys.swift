import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraSystem
import AuroraTrust

extension Accounts {
    func keys(of name: UserName) throws -> [DirectoryKey] {
        try database.read { try AccountStore.keys(of: name, in: $0) }
    }

    /// A user proposes a key of his own; it counts for nothing until another admin admits it.
    func propose(_ text: String, by sender: Identity, actor: Actor) throws -> DirectoryKey {
        let key = try OperatorPublicKey(text)
        let proposed = DirectoryKey(
            id: key.key.keyID, user: sender.user, text: key.description, state: .proposed, proposedAt: now)
        return try change { [trail] transaction in
            if let known = try AccountStore.key(key.key.keyID, in: transaction) {
                throw Problem.conflict(
                    "key_exists", "this key is in the directory already (\(known.state.rawValue))",
                    subject: known.id.text, remedy: "generate a new key; a key belongs to one person for ever")
            }
            try AccountStore.insert(proposed, in: transaction)
            try trail.accepted(
                .keyPropose, key.key.keyID.text, by: actor, details: [("user", sender.user.text)], in: transaction)
            return proposed
        }
    }

    /// An admin admits another user's key, after having compared its id with its owner.
    ///
    /// Nobody admits his own key: a stolen admin account would otherwise make itself an approver. Only under `--dev` may
    /// the sole user do so.
    func admit(_ id: KeyID, of owner: UserName, by sender: Identity, actor: Actor) throws -> DirectoryKey {
        let moment = now
        return try change { [trail] transaction in
            guard var key = try AccountStore.key(id, in: transaction), key.user == owner else {
                throw Problem.notFound("key", id.text)
            }
            guard key.state == .proposed else {
                throw Problem.conflict(
                    "key_\(key.state.rawValue)", "the key is \(key.state.rawValue) already", subject: id.text,
                    remedy: "only a proposed key can be admitted")
            }
            let isSoleDeveloper = try sender.isDev && AccountStore.userCount(in: transaction) == 1
            guard owner != sender.user || isSoleDeveloper else {
                throw Problem(
                    403, "self_admission", "nobody admits a key of his own",
                    remedy: "ask another admin to admit it", subject: id.text,
                    rule: "a key is admitted by another admin")
            }
            key.state = .admitted
            key.admittedBy = sender.user
            key.admittedAt = moment
            try AccountStore.update(key, in: transaction)
            try trail.accepted(.keyAdmit, id.text, by: actor, details: [("user", owner.text)], in: transaction)
            return key
        }
    }

    /// Takes a key out of use; by its owner or an admin.
    func revoke(_ id: KeyID, of owner: UserName, by sender: Identity, actor: Actor) throws {
        try change { [trail] transaction in
            guard owner == sender.user || sender.rights.contains(.manageKeys),
                var key = try AccountStore.key(id, in: transaction), key.user == owner, key.state != .revoked
            else { throw Problem.notFound("key", id.text) }
            key.state = .revoked
            try AccountStore.update(key, in: transaction)
            try trail.accepted(.keyRevoke, id.text, by: actor, details: [("user", owner.text)], in: transaction)
        }
    }
}
