import AuroraSystem
import Glibc

/// The wait for a room: the launcher outside is ready, bubblewrap builds its world, the launcher inside is ready.
struct RoomStart {
    /// Longer than any start on a machine that still answers.
    private static let limit = Duration.seconds(60)

    let keeper: RoomKeeper
    /// Nil where there is only one launcher and no bubblewrap.
    let configuration: SandboxConfiguration?

    /// Returns when the keeper serves; otherwise what was started has ended and the error says which layer failed.
    func wait() throws(SandboxRefusal) {
        do throws(SandboxRefusal) {
            try follow()
        } catch {
            keeper.process.kill()
            _ = try? keeper.process.wait()
            throw error
        }
    }

    private func follow() throws(SandboxRefusal) {
        let deadline = ContinuousClock.now + RoomStart.limit
        var isOutsideReady = configuration == nil
        while ContinuousClock.now < deadline {
            var entries = [
                pollfd(fd: keeper.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: keeper.process.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            _ = poll(&entries, 2, 1000)
            while let message = keeper.receive() {
                switch message {
                case .ready where isOutsideReady: return
                case .ready: isOutsideReady = true
                // The only program that is executed on the way is bubblewrap.
                case .refused(let refusal) where refusal.layer == .program:
                    throw SandboxRefusal(.bubblewrap, refusal.detail, remedy: configuration?.remedy)
                case .refused(let refusal): throw refusal
                default: throw ended(isOutsideReady)
                }
            }
            if entries[1].revents != 0 { throw ended(isOutsideReady) }
        }
        throw SandboxRefusal(.keeper, "the room was not ready after \(RoomStart.limit)")
    }

    /// What ended was the launcher before it became bubblewrap, or bubblewrap.
    private func ended(_ isOutsideReady: Bool) -> SandboxRefusal {
        let said = keeper.said()
        let outcome = (try? keeper.process.wait(timeout: .seconds(1))).flatMap { $0 }
        let how = outcome.map { "\($0)" } ?? "it closed its socket"
        guard isOutsideReady, let configuration else {
            return SandboxRefusal(.launcher, "it ended before its work was done (\(how)) \(said)")
        }
        return SandboxRefusal(.bubblewrap, said.isEmpty ? how : said, remedy: configuration.remedy)
    }
}

extension SandboxConfiguration {
    /// What to do when bubblewrap cannot build a room.
    var remedy: String {
        switch self {
        case .unprivileged:
            "install the package bubblewrap and allow user namespaces (sysctl user.max_user_namespaces, "
                + "kernel.unprivileged_userns_clone), or start as root"
        case .privileged: "install the package bubblewrap and start with CAP_SYS_ADMIN"
        }
    }
}
