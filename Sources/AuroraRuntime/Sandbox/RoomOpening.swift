import AuroraSandbox
import AuroraSystem

/// A room that is about to be opened, by the thread that will serve it: it ends with that thread.
struct RoomOpening: Sendable {
    typealias MakeGroup = @Sendable () throws(SandboxRefusal) -> Cgroup?
    /// Puts every layer in place; before that it makes the group, and hands the keeper over that can be asked already.
    typealias Start =
        @Sendable (
            _ group: () throws(SandboxRefusal) -> Cgroup?, _ ask: (RoomKeeper) -> Void
        ) throws(SandboxRefusal) -> RoomKeeper

    private let makeGroup: MakeGroup
    private let start: Start

    /// - Parameters:
    ///   - group: called once, while the room is started.
    ///   - start: called once.
    init(group: @escaping MakeGroup, start: @escaping Start) {
        makeGroup = group
        self.start = start
    }

    func open(_ shared: RoomState, _ ask: (RoomKeeper) -> Void) throws(SandboxRefusal) -> RoomKeeper {
        do throws(SandboxRefusal) {
            return try start(
                { () throws(SandboxRefusal) in
                    let group = try makeGroup()
                    shared.monitor.withLock { $0.group = group }
                    return group
                }, ask)
        } catch {
            _ = shared.group?.remove(timeout: .seconds(5))
            throw error
        }
    }
}
