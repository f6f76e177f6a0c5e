import AuroraModel
package import AuroraSystem

/// The two clocks of a supervisor, passed in.
package struct SupervisorClock: Sendable {
    /// Time since a fixed moment; goes on while the machine sleeps and is never set (`CLOCK_BOOTTIME`).
    package let now: @Sendable () -> Duration
    /// The time of day, for people.
    package let wall: WallClock

    package init(now: @escaping @Sendable () -> Duration, wall: WallClock) {
        self.now = now
        self.wall = wall
    }

    /// The machine's clocks.
    package static let system = SupervisorClock(now: { .nanoseconds(BootClock.system.now()) }, wall: .system)

    var time: Timestamp { Timestamp(milliseconds: wall.now()) }
}
