import AuroraSandbox

/// A room that is about to be opened, by the thread that will serve it: it ends with that thread.
struct RoomOpening: Sendable {
    let sandbox: Sandbox
    let profile: RoomProfile
    let group: Cgroup?

    func open() throws(SandboxRefusal) -> RoomKeeper {
        do throws(SandboxRefusal) {
            return try sandbox.open(profile, in: group)
        } catch {
            _ = group?.remove(timeout: .seconds(5))
            throw error
        }
    }
}
