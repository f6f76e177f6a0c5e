/// The body of an answer.
package enum HTTPBody: Sendable {
    case none
    /// Bytes in memory, copied once into the library.
    case bytes([UInt8])
    /// A range of an open file, sent by `sendfile(2)` without TLS.
    case file(FileBody)
    /// A stream of server-sent events that stays open until either side ends it.
    case events(EventStream)
    /// An answer built once and sent many times; its own status and headers are used.
    case prepared(PreparedResponse)
    /// An answer that is not there yet; its own status and headers are used.
    case parked(ParkedAnswer)
}

/// An answer to one request.
package struct HTTPResponse: Sendable {
    /// The status code, 200 to 599.
    package var status: Int
    /// Fields in order; length, date and connection are the server's.
    package var headers: HTTPHeaders
    /// What follows the headers.
    package var body: HTTPBody
    /// Whether the connection is closed after this answer.
    package var closesConnection: Bool

    /// Makes an answer from its parts.
    package init(
        status: Int, headers: HTTPHeaders = [:], body: HTTPBody = .none, closesConnection: Bool = false
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.closesConnection = closesConnection
    }

    /// Makes an answer of text with its content type.
    package init(
        status: Int = 200, text: String, contentType: String = "text/plain; charset=utf-8", headers: HTTPHeaders = [:]
    ) {
        self.init(status: status, headers: headers, body: .bytes(Array(text.utf8)))
        self.headers["Content-Type"] = contentType
    }

    /// Answers later, when the waker of `parked` is used.
    package init(parked: ParkedAnswer) {
        self.init(status: 200, body: .parked(parked))
    }

    /// Sends an answer that was built before.
    package init(prepared: PreparedResponse) {
        self.init(status: prepared.status, body: .prepared(prepared))
    }
}
