/// An answer that waits for something: until its waker is used, its request holds memory but no thread.
///
/// Only ``HTTPHandler/respond(_:)`` may give one. Whoever makes it must see to it that the waker is used in the end: the
/// library does not notice a client that leaves a parked connection. When the server stops it wakes all of them itself.
package struct ParkedAnswer: Sendable {
    /// Ends the wait.
    package let waker: Waker
    /// Makes the answer, on a worker, after the wait; may park again.
    package let answer: @Sendable (WakeReason) throws -> HTTPResponse

    /// Describes what is answered after `waker` was used.
    package init(_ waker: Waker, answer: @escaping @Sendable (WakeReason) throws -> HTTPResponse) {
        self.waker = waker
        self.answer = answer
    }

    /// The same wait, with `body` around the making of the answer: it calls what it is given, and may catch its errors.
    package func wrapped(
        _ body: @escaping @Sendable (() throws -> HTTPResponse) throws -> HTTPResponse
    ) -> ParkedAnswer {
        ParkedAnswer(waker) { reason in try body { try answer(reason) } }
    }
}
