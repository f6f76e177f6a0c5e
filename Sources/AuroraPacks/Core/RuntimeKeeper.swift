import AuroraRuntime
import AuroraSystem

/// Has what packs hold of the device written down whenever it changes, on a thread of its own.
///
/// Whoever notes a change does not wait; changes that come while the last ones are written are written together. What could
/// not be written is tried again, at the end a few times more.
final class RuntimeKeeper: Sendable {
    private struct Work {
        var ids: Set<String> = []
        var isAll = false
        var isOver = false

        var isEmpty: Bool { ids.isEmpty && !isAll }
    }

    /// How often it is tried at the end, and the longest pause between two of these.
    private static let (lastTries, lastPause) = (5, Duration.milliseconds(200))
    private let packs: any ActivePacks
    private let pause: Duration
    private let tell: @Sendable (CoreEvent) -> Void
    private let work = Monitor(Work())
    private let thread = CoreThread(name: "core-keeper")

    /// - Parameter pause: how long until what could not be written is tried again.
    init(
        _ packs: any ActivePacks, pause: Duration = .seconds(5), tell: @escaping @Sendable (CoreEvent) -> Void
    ) {
        self.packs = packs
        self.pause = pause
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
        thread.begin(tell) { [self] in run(look) }
    }

    /// Writes what still waits, and ends.
    func end() {
        work.change(wakingAll: true) { $0.isOver = true }
        thread.join()
    }

    private func run(_ look: (Set<String>?) -> [ServiceRuntime]) {
        var (left, trouble) = (Work(), "")
        var triesLeft = Self.lastTries
        while true {
            let pause = left.isOver ? min(pause, Self.lastPause) : pause
            let next = work.wait(timeout: left.isEmpty ? nil : pause) { work -> Work? in
                guard !work.isEmpty || work.isOver && !left.isOver else { return nil }
                defer { (work.ids, work.isAll) = ([], false) }
                return work
            }
            if let next {
                left.ids.formUnion(next.ids)
                left.isAll = left.isAll || next.isAll
                left.isOver = next.isOver
            }
            do {
                if !left.isEmpty { try packs.keep(look(left.isAll ? nil : left.ids), isAll: left.isAll) }
                (left.ids, left.isAll, trouble) = ([], false, "")
            } catch {
                // Packs run without it; the same trouble is told once.
                if trouble != "\(error)" { tell(.trouble("the registry was not written: \(error)")) }
                trouble = "\(error)"
            }
            guard left.isOver else { continue }
            triesLeft -= 1
            if left.isEmpty || triesLeft == 0 { return }
        }
    }
}
