import AuroraRuntime
import AuroraSystem

/// Has what packs hold of the device written down whenever it changes, on a thread of its own.
///
/// Whoever notes a change does not wait; changes that come while the last ones are written are written together.
final class RuntimeKeeper: Sendable {
    private struct Work {
        var ids: Set<String> = []
        var isAll = false
        var isOver = false
    }

    private let packs: any ActivePacks
    private let tell: @Sendable (CoreEvent) -> Void
    private let work = Monitor(Work())
    private let thread = Monitor<ServiceThread?>(nil)

    init(_ packs: any ActivePacks, tell: @escaping @Sendable (CoreEvent) -> Void) {
        self.packs = packs
        self.tell = tell
    }

    /// Something of this pack has changed.
    func note(_ id: String) { work.change(wakingAll: true) { $0.ids.insert(id) } }

    /// What is known of all packs is to be written, and that nothing of any other one runs.
    func noteAll() { work.change(wakingAll: true) { $0.isAll = true } }

    /// Starts writing.
    ///
    /// - Parameter look: what these packs hold now, or all when there are none.
    func begin(_ look: @escaping @Sendable (Set<String>?) -> [ServiceRuntime]) {
        let started = ServiceThread(name: "core-keeper", stackSize: 512 << 10) { [self] in run(look) }
        if started == nil { tell(.trouble("\(SystemError.noThread(for: "core-keeper"))")) }
        thread.withLock { $0 = started }
    }

    /// Writes what still waits, and ends.
    func end() {
        work.change(wakingAll: true) { $0.isOver = true }
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }

    private func run(_ look: (Set<String>?) -> [ServiceRuntime]) {
        // What could not be written is tried again with the next change.
        var (left, trouble) = (Work(), "")
        while true {
            let next = work.wait { work -> Work? in
                guard !work.ids.isEmpty || work.isAll || work.isOver else { return nil }
                defer { (work.ids, work.isAll) = ([], false) }
                return work
            }
            guard let next else { continue }
            left.ids.formUnion(next.ids)
            left.isAll = left.isAll || next.isAll
            do {
                if left.isAll || !left.ids.isEmpty {
                    try packs.keep(look(left.isAll ? nil : left.ids), isAll: left.isAll)
                }
                (left, trouble) = (Work(), "")
            } catch {
                // Packs run without it; the same trouble is told once.
                if trouble != "\(error)" { tell(.trouble("the registry was not written: \(error)")) }
                trouble = "\(error)"
            }
            if next.isOver { return }
        }
    }
}
