import AuroraSystem
import Glibc

/// Finds out how rooms can be made on this machine, by making one and throwing it away.
package enum RoomProbe {
    /// The unprivileged configuration where it works; the privileged one for root where user namespaces are off.
    ///
    /// Blocks for some milliseconds.
    /// - Throws: the layer that is missing in the last configuration that could be tried.
    package static func configuration(_ sandbox: Sandbox) throws(SandboxRefusal) -> SandboxConfiguration {
        do throws(SandboxRefusal) {
            try attempt(.unprivileged, sandbox)
            return .unprivileged
        } catch {
            // Only what bubblewrap could not do may work another way; any other layer is missing in both.
            guard error.layer == .bubblewrap, geteuid() == 0 else { throw error }
            do throws(SandboxRefusal) {
                try attempt(.privileged, sandbox)
                return .privileged
            } catch let second {
                throw SandboxRefusal(
                    second.layer, "as root: \(second.detail); with a user namespace: \(error.detail)",
                    remedy: second.remedy)
            }
        }
    }

    /// Opens a room of this configuration and lets it go.
    package static func attempt(_ configuration: SandboxConfiguration, _ sandbox: Sandbox) throws(SandboxRefusal) {
        guard configuration == .unprivileged || geteuid() == 0 else {
            throw SandboxRefusal(
                .bubblewrap, "without user namespaces only root can make a room", remedy: configuration.remedy)
        }
        var profile = RoomProfile(hostname: "probe", identity: SandboxIdentity.trial.whenRoot, code: "/usr/share")
        profile.configuration = configuration
        let keeper = try sandbox.open(profile, in: { nil })
        keeper.dismiss()
        _ = try? keeper.process.wait(timeout: .seconds(5))
    }
}
