import Glibc

/// Waits until `condition` holds, looking again and again: the one way in which tests wait for something that tells nobody.
///
/// - Parameter bound: only ends a hang; far above what a loaded machine needs.
/// - Returns: whether it held in time.
package func eventually(within bound: Duration = .seconds(120), _ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = ContinuousClock.now + bound
    var pause: UInt32 = 1000
    while ContinuousClock.now < deadline {
        if try condition() { return true }
        usleep(pause)
        pause = min(pause * 2, 50_000)
    }
    return try condition()
}
