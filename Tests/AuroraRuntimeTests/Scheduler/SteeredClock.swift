import AuroraRuntime
import AuroraSystem
import Synchronization

/// Clocks that a test moves.
final class SteeredClock: Sendable {
    struct State {
        var boot: Int64 = 1_000_000_000
        var wall: Int64
        var isTrusted = true
        var starts = 1
    }

    private let state: Mutex<State>

    /// - Parameter wall: milliseconds since 1970.
    init(wall: Int64 = 1_780_000_000_000) { state = Mutex(State(wall: wall)) }

    var clock: SchedulerClock {
        SchedulerClock(
            boot: BootClock { self.state.withLock(\.boot) }, wall: WallClock { self.state.withLock(\.wall) },
            isTimeTrusted: { self.state.withLock(\.isTrusted) })
    }

    /// As if somebody had taken the wall clock for both.
    var clockOfTwin: SchedulerClock {
        SchedulerClock(
            boot: BootClock { self.wall * 1_000_000 }, wall: WallClock { self.wall }, isTimeTrusted: { self.isTrusted })
    }

    var boot: Int64 { state.withLock(\.boot) }
    var isTrusted: Bool { state.withLock(\.isTrusted) }
    var wall: Int64 { state.withLock(\.wall) }

    /// Another one after each start of the machine.
    var bootID: String { state.withLock { "boot-\($0.starts)" } }

    /// Time goes by, on both.
    func pass(_ duration: Duration) {
        let milliseconds = duration / .milliseconds(1)
        state.withLock {
            $0.boot += Int64(milliseconds * 1_000_000)
            $0.wall += Int64(milliseconds)
        }
    }

    /// Somebody sets the wall clock.
    func step(_ milliseconds: Int64) { state.withLock { $0.wall += milliseconds } }

    func trust(_ isTrusted: Bool) { state.withLock { $0.isTrusted = isTrusted } }

    /// The machine starts again after `off`: the count since start begins anew.
    func reboot(off: Duration) {
        pass(off)
        state.withLock {
            $0.boot = 1_000_000_000
            $0.starts += 1
        }
    }
}

/// What happened, in order, from any thread.
final class Record<Element: Sendable>: Sendable {
    private let kept = Monitor<[Element]>([])

    func add(_ element: Element) { kept.change(wakingAll: true) { $0.append(element) } }
    var all: [Element] { kept.withLock { $0 } }

    /// Waits until there are `count`; what there is after 30 s otherwise.
    func wait(for count: Int) -> [Element] {
        kept.wait(timeout: .seconds(30)) { $0.count >= count ? $0 : nil } ?? all
    }
}
