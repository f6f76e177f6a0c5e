import AuroraSystem
import Synchronization

/// Ctrl-C and its kin as something to look at: once seen, it stays seen.
final class DemoSignals: Sendable {
    private let isStopping = Mutex(false)

    /// Ends the demo when somebody asked for it.
    func check() throws {
        let isNew = try Signals.wait(timeout: .zero) != nil
        let isStopping = isStopping.withLock { stopping in
            stopping = stopping || isNew
            return stopping
        }
        if isStopping { throw DemoInterrupted() }
    }

    /// Waits until somebody asks the demo to end.
    func wait() throws {
        while try Signals.wait(timeout: .seconds(3600)) == nil {}
    }
}

/// Somebody pressed Ctrl-C.
struct DemoInterrupted: Error {}
