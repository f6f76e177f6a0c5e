import AuroraApprovals
import AuroraDatabase
import AuroraModel
import AuroraTrust

/// The accounts as the approvals see them.
struct VoterDirectory: UserDirectory {
    let isDev: Bool

    func voter(_ name: UserName, in transaction: Transaction) throws -> Voter? {
        guard let user = try AccountStore.user(name, in: transaction) else { return nil }
        let keys = try AccountStore.keys(of: name, in: transaction).filter { $0.state == .admitted }
        // Under --dev the one user does everything, voting included.
        let role = isDev && name == AccountSettings.devUser ? Role.approver : user.role
        return Voter(
            name: name, role: role, isActive: user.isActive && (isDev || name != AccountSettings.devUser),
            keys: keys.compactMap { try? OperatorPublicKey($0.text).key })
    }
}
