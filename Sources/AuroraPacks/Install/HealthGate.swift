import Glibc

/// Judges a pack that was started by looking at it more than once: one that dies at once is not taken for healthy.
enum HealthGate {
    /// What one look has shown.
    enum Look {
        case good
        case bad(String)
        /// It was cut short by the end of its time, so what an earlier one has shown counts more.
        case cutOff(String)
        /// It will not become healthy any more.
        case over(String)
    }

    /// Good looks in a row that a pack must show.
    static let neededPasses = 2
    /// Microseconds between two looks.
    private static let pause: UInt32 = 100_000

    /// Looks until the pack is healthy, has ended, or `timeout` is over; at least once.
    ///
    /// - Parameter look: gets the time that is left.
    /// - Returns: nil when it is healthy, else why not.
    static func judge(within timeout: Duration, _ look: (Duration) throws -> Look) rethrows -> String? {
        let deadline = ContinuousClock.now + timeout
        var (passes, reason) = (0, "")
        repeat {
            switch try look(deadline - ContinuousClock.now) {
            case .good:
                passes += 1
                if passes == neededPasses { return nil }
                reason = "it was good only once within \(PackScripts.seconds(timeout))"
            case .bad(let seen): (passes, reason) = (0, seen)
            case .cutOff(let seen): (passes, reason) = (0, reason.isEmpty ? seen : reason)
            case .over(let seen): return seen
            }
            usleep(pause)
        } while ContinuousClock.now < deadline
        return reason
    }
}
