import AuroraModel
import AuroraReleases
import AuroraSandbox

extension HubConfiguration {
    /// What a hub running as `own` cannot do for its targets: take another user without being root.
    ///
    /// - Returns: one sentence for each target, without its remedy.
    func foreignUsers(for own: SandboxIdentity = .own) -> [String] {
        guard own.uid != 0 else { return [] }
        return targets.compactMap { target in
            guard let user = target.fields.runAs?.runAs, user.uid != own.uid || user.gid != own.gid else { return nil }
            return "target \(target.description.name): run_as asks for \(user.uid):\(user.gid), and a hub that is not "
                + "root can run commands as its own user only, \(own.uid):\(own.gid)"
        }
    }

    /// Refuses to start a hub that could not run its targets' commands as the users it was told.
    func requireUsers(for own: SandboxIdentity = .own) throws(HubStartError) {
        guard let first = foreignUsers(for: own).first else { return }
        throw HubStartError(first, remedy: "start the hub as root, or write its own user into run_as")
    }
}
