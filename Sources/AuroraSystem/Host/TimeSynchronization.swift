import CShims

/// What the kernel says about its wall clock (adjtimex(2)).
package struct TimeSynchronization: Hashable, Sendable {
    /// Whether something keeps the clock in agreement with a reference.
    package let isSynchronized: Bool
    /// The kernel's bound on the error in microseconds.
    package let maximumErrorMicroseconds: Int64

    /// Asks the kernel; changes nothing.
    package static func read() -> TimeSynchronization {
        var error: Int64 = 0
        let state = aurora_clock_state(&error)
        return TimeSynchronization(isSynchronized: state == 0, maximumErrorMicroseconds: error)
    }

    /// Whether calendars can be kept by it: synchronized now, or once since the machine was started and free since.
    ///
    /// The bound starts at its ceiling of 16 s, is lowered by the first synchronization and grows by 500 µs a second.
    package var isTrusted: Bool { isSynchronized || maximumErrorMicroseconds < 16_000_000 }
}
