import AuroraSystem

/// Looks at every open connection now and then and cuts those that are slower than the limits allow (S-21).
final class Watchdog: Sendable {
    private let isStopped = Monitor(false)
    private let thread: ServiceThread

    /// Starts looking; every connection is looked at several times within each of the limits' times.
    init?(limits: HTTPLimits, connections: @escaping @Sendable () -> [ConnectionRecord]) {
        let shortest = min(limits.headerTime, limits.idleTime, limits.progressTime, limits.heartbeatTime)
        let interval = min(max(shortest / 8, .milliseconds(10)), .seconds(1))
        let isStopped = isStopped
        let started = ServiceThread(name: "http-watchdog") {
            while isStopped.wait(timeout: interval, { $0 ? true : nil }) == nil {
                let now = ContinuousClock.now
                for connection in connections() {
                    connection.enforce(limits, now: now)
                }
            }
        }
        guard let started else { return nil }
        thread = started
    }

    /// Ends the thread.
    func stop() {
        isStopped.change(wakingAll: true) { $0 = true }
        thread.join()
    }
}
