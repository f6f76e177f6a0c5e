/// What became of a request's body under the plan its handler chose.
package enum ReceivedBody: Sendable {
    /// There was none.
    case none
    /// It was collected whole.
    case bytes([UInt8])
    /// It went through this sink, to its end.
    case stream(any BodySink)
    /// Its parts went through this sink, to their end.
    case multipart(any MultipartSink)
}

/// A request whose body has arrived completely.
package struct HTTPRequest: Sendable {
    /// The checked start of the request.
    package var head: RequestHead
    /// The body, or where it went.
    package var body: ReceivedBody

    /// Joins a head and its body.
    package init(head: RequestHead, body: ReceivedBody = .none) {
        self.head = head
        self.body = body
    }

    /// The collected bytes; empty when the body was streamed or absent.
    package var bytes: [UInt8] {
        if case .bytes(let bytes) = body { bytes } else { [] }
    }

    /// The fields of a collected `application/x-www-form-urlencoded` body; `nil` when it is not well formed.
    package var formFields: [QueryItem]? {
        try? QueryParser.parse(String(validating: bytes, as: UTF8.self) ?? "%")
    }
}
