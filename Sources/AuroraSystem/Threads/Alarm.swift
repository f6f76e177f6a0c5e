import CShims
import Glibc
import Synchronization

/// Lets one thread sleep until a moment of either clock, until somebody rings, or until the wall clock is set.
///
/// Costs nothing while it sleeps (timerfd_create(2), eventfd(2)). ``wait(boot:wall:)`` is for one thread; ``ring()`` is
/// for all.
package struct Alarm: ~Copyable, Sendable {
    private let boot: Descriptor
    private let wall: Descriptor
    private let bell: Descriptor
    /// What the wall timer is set to, so that a wait that changes nothing there costs no call; 0 is not known.
    private let wallSetting = Atomic<Int64>(0)

    /// Opens the three descriptors.
    package init() throws(SystemError) {
        let boot = Descriptor(adopting: try check("timerfd_create") { aurora_timer_open(1) })
        let wall = Descriptor(adopting: try check("timerfd_create") { aurora_timer_open(0) })
        let bell = Descriptor(adopting: try check("eventfd") { aurora_event_open() })
        self.boot = boot
        self.wall = wall
        self.bell = bell
    }

    /// Ends the present or the next wait.
    package borrowing func ring() {
        var one: UInt64 = 1
        // A counter that is full (EAGAIN) is readable already.
        _ = Glibc.write(bell.rawValue, &one, 8)
    }

    /// Sleeps until whichever comes first.
    ///
    /// - Parameters:
    ///   - bootMoment: nanoseconds of `CLOCK_BOOTTIME`; nil never.
    ///   - wallMoment: milliseconds of `CLOCK_REALTIME`; nil never.
    /// - Returns: whether the wall clock was set meanwhile.
    package borrowing func wait(boot bootMoment: Int64?, wall wallMoment: Int64?) throws(SystemError) -> Bool {
        try set(boot, nanoseconds: bootMoment, cancels: false)
        // Armed for the far end of time when nothing is due: only an armed timer tells that the clock was set.
        let wallNanoseconds = (wallMoment ?? Int64.max).multipliedReportingOverflow(by: 1_000_000)
        let wallSetting = wallNanoseconds.overflow ? Int64.max : max(1, wallNanoseconds.partialValue)
        if self.wallSetting.load(ordering: .relaxed) != wallSetting {
            try set(wall, nanoseconds: wallSetting, cancels: true)
            self.wallSetting.store(wallSetting, ordering: .relaxed)
        }
        var entries = [boot.rawValue, wall.rawValue, bell.rawValue].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        try check("poll") { poll(&entries, 3, -1) }
        var count: UInt64 = 0
        if entries[0].revents != 0 { _ = Glibc.read(boot.rawValue, &count, 8) }
        if entries[2].revents != 0 { _ = Glibc.read(bell.rawValue, &count, 8) }
        guard entries[1].revents != 0 else { return false }
        // It went off, or was called off because the clock was set: the next wait sets it anew.
        self.wallSetting.store(0, ordering: .relaxed)
        return Glibc.read(wall.rawValue, &count, 8) < 0 && errno == ECANCELED
    }

    private borrowing func set(
        _ timer: borrowing Descriptor, nanoseconds: Int64?, cancels: Bool
    ) throws(SystemError) {
        // A moment of zero would disarm, and one before it is refused; both are long past.
        let moment = nanoseconds.map { max(1, $0) } ?? 0
        let result = aurora_timer_set(
            timer.rawValue, moment / 1_000_000_000, moment % 1_000_000_000, cancels ? 1 : 0)
        // The wall clock was set since the last wait: the timer is armed all the same, and the read will tell.
        if result != 0, !(cancels && errno == ECANCELED) { throw .last("timerfd_settime") }
    }
}
