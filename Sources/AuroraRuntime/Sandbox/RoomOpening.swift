import AuroraSandbox

/// A room that is about to be opened, by the thread that will serve it: it ends with that thread.
struct RoomOpening: Sendable {
    let group: Cgroup?
    private let start: @Sendable () throws(SandboxRefusal) -> RoomKeeper

    /// - Parameter start: puts every layer in place; called once.
    init(group: Cgroup?, start: @escaping @Sendable () throws(SandboxRefusal) -> RoomKeeper) {
        self.group = group
        self.start = start
    }

    func open() throws(SandboxRefusal) -> RoomKeeper {
        do throws(SandboxRefusal) {
            return try start()
        } catch {
            _ = group?.remove(timeout: .seconds(5))
            throw error
        }
    }
}
