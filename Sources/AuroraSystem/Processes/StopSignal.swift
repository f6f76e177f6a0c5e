import Glibc
import Synchronization

/// Tells a running child, from any thread, that it is not wanted any more: it is ended as at its time limit.
///
/// Once raised it stays raised: a child that is started with it afterwards is ended at once.
package final class StopSignal: Sendable {
    private let pipe: PipeEnds
    private let isRaised = Mutex(false)

    package init() throws(SystemError) { pipe = try PipeEnds() }

    /// Readable (`poll`) once the signal was raised.
    package var descriptor: Int32 { pipe.reader.rawValue }

    /// Whether somebody has raised it.
    package var wasRaised: Bool { isRaised.withLock { $0 } }

    /// Waits until it is raised.
    ///
    /// - Returns: whether it was within `timeout`.
    @discardableResult
    package func wait(timeout: Duration) -> Bool {
        _ = try? Waiting.wait(pipe.reader.rawValue, for: POLLIN, until: ContinuousClock.now + timeout, stop: nil)
        return wasRaised
    }

    package func raise() {
        isRaised.withLock { isRaised in
            guard !isRaised else { return }
            isRaised = true
            // One byte into an empty pipe never waits and never fails.
            try? pipe.writer.write(all: [1])
        }
    }
}
