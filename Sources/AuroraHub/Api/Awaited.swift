import AuroraHTTP
import Synchronization

/// What another thread is still working out, and the parked answer that waits for it.
///
/// Safe from any thread.
final class Awaited<Value: Sendable>: Sendable {
    private let outcome = Mutex<Result<Value, any Error>?>(nil)
    private let waker = Waker()

    /// The work has ended; only once.
    func give(_ result: Result<Value, any Error>) {
        outcome.withLock { $0 = result }
        waker.wake()
    }

    /// The answer that `make` gives when the work has ended well; its error otherwise.
    func answer(_ make: @escaping @Sendable (Value) throws -> HTTPResponse) -> HTTPResponse {
        HTTPResponse(
            parked: ParkedAnswer(waker) { [self] _ in
                guard let outcome = outcome.withLock({ $0 }) else { throw Problem.stopping }
                return try make(outcome.get())
            })
    }
}
