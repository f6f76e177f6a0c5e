package import AuroraSystem

/// Both kinds of time, and whether the time of day can be believed; passed in, so that tests need not wait.
package struct SchedulerClock: Sendable {
    /// For delays and fixed rates.
    package let boot: BootClock
    /// For the calendar.
    package let wall: WallClock
    /// Whether the time of day was ever brought into agreement with the world since the machine was started; before
    /// that only delays and fixed rates run.
    package let isTimeTrusted: @Sendable () -> Bool

    /// A clock of these parts.
    package init(boot: BootClock, wall: WallClock, isTimeTrusted: @escaping @Sendable () -> Bool) {
        self.boot = boot
        self.wall = wall
        self.isTimeTrusted = isTimeTrusted
    }

    /// The machine's clocks.
    package static let system = SchedulerClock(
        boot: .system, wall: .system, isTimeTrusted: { TimeSynchronization.read().isTrusted })

    /// Milliseconds that the time of day is ahead of the time since start; steps when the clock is set.
    var offset: Int64 { wall.now() - boot.now() / 1_000_000 }
}
