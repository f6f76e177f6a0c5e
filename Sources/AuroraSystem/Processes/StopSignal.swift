import Synchronization

/// Tells a running child, from any thread, that it is not wanted any more: it is ended as at its time limit.
///
/// Once raised it stays raised: a child that is started with it afterwards is ended at once.
package final class StopSignal: Sendable {
    private let pipe: Pipe
    private let isRaised = Mutex(false)

    package init() throws(SystemError) { pipe = try Pipe() }

    /// Readable (`poll`) once the signal was raised.
    var descriptor: Int32 { pipe.reader.rawValue }

    package func raise() {
        isRaised.withLock { isRaised in
            guard !isRaised else { return }
            isRaised = true
            // One byte into an empty pipe never waits and never fails.
            try? pipe.writer.write(all: [1])
        }
    }
}
