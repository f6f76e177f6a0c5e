import CShims
import Glibc

/// Waits for one descriptor, with a deadline and a way to be told that it is not wanted any more.
enum Waiting {
    /// What came first.
    enum Outcome {
        case ready
        case late
        case stopped
    }

    /// Waits until `events` of poll(2) can be served, an error or the end of the stream included.
    ///
    /// - Parameter deadline: nil waits without end.
    static func wait(
        _ number: Int32, for events: Int32, until deadline: ContinuousClock.Instant?, stop: StopSignal?
    ) throws(SystemError) -> Outcome {
        while true {
            var entries = [
                pollfd(fd: number, events: Int16(events), revents: 0),
                pollfd(fd: stop?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&entries, 2, deadline.map { ContinuousClock.now.milliseconds(until: $0) } ?? -1)
            if ready < 0 && errno != EINTR { throw .last("poll") }
            if ready > 0 { return entries[1].revents != 0 ? .stopped : .ready }
            if let deadline, ContinuousClock.now >= deadline { return .late }
        }
    }
}
