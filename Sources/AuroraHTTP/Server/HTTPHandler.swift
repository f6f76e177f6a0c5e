/// How the body of a request is to be taken, decided before any of it is read.
package enum BodyPlan: Sendable {
    /// The request has no body; one that comes anyway is refused with 413.
    case none
    /// The request is answered now; its body is never read and the connection closes.
    case reject(HTTPResponse)
    /// The body is kept in memory up to `maximum` bytes, then refused with 413.
    case collect(maximum: Int)
    /// The body is handed on in order as it arrives.
    case stream(any BodySink)
    /// The parts of a `multipart/form-data` body are handed on as they arrive.
    case multipart(any MultipartSink)
}

/// Answers requests.
///
/// ``begin(_:)``, ``respond(_:)`` and ``failed(_:head:)`` run on worker threads and may block; one request is never in two
/// of them at once. Only ``fast(_:)`` runs on the thread that serves the sockets.
package protocol HTTPHandler: Sendable {
    /// Answers at once from memory, or returns `nil` to send the request to a worker. Must never block or wait.
    ///
    /// Asked only for requests without a body.
    func fast(_ head: RequestHead) -> HTTPResponse?
    /// Decides, before any byte of the body is read, how the body is taken.
    func begin(_ head: RequestHead) -> BodyPlan
    /// Answers a request whose body has arrived completely; what has to wait gives a ``HTTPBody/parked(_:)`` answer.
    func respond(_ request: HTTPRequest) -> HTTPResponse
    /// Turns an error thrown by a sink into the answer; the rest of the body is not read.
    func failed(_ error: any Error, head: RequestHead) -> HTTPResponse
}

extension HTTPHandler {
    package func fast(_ head: RequestHead) -> HTTPResponse? { nil }

    package func begin(_ head: RequestHead) -> BodyPlan { .none }

    package func failed(_ error: any Error, head: RequestHead) -> HTTPResponse {
        HTTPResponse(status: 500, text: "the upload could not be stored\n")
    }
}
