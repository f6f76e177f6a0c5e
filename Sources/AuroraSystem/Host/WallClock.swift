import CShims
import Glibc

/// The time of day, passed in so that tests need not wait; delays use `ContinuousClock` instead.
package struct WallClock: Sendable {
    /// Milliseconds since 1970-01-01 00:00 UTC.
    ///
    /// May jump when the clock is set.
    package let now: @Sendable () -> Int64

    package init(now: @escaping @Sendable () -> Int64) { self.now = now }

    /// The machine's clock (`CLOCK_REALTIME`).
    package static let system = WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// A clock that always says `milliseconds`.
    package static func fixed(_ milliseconds: Int64) -> WallClock { WallClock { milliseconds } }
}
