/// Called with bytes done and, when known, bytes in all; return `false` to stop the transfer.
package typealias TransferProgress = @Sendable (_ done: UInt64, _ total: UInt64?) -> Bool

/// The body of a request.
package enum ClientBody: Sendable {
    case none
    case bytes([UInt8])
    /// The bytes of a file from `offset` to its end, streamed.
    case file(path: String, offset: UInt64 = 0, progress: TransferProgress? = nil)
}

/// A request to send.
///
/// Secrets belong in `headers`, never in `url`.
package struct ClientRequest: Sendable {
    /// The method, such as `GET`.
    package var method: String
    /// An absolute `http` or `https` address.
    package var url: String
    /// Header fields in order; a name or value with control characters is refused.
    package var headers: [(name: String, value: String)]
    /// The body.
    package var body: ClientBody

    /// Describes a request.
    package init(
        method: String = "GET", url: String, headers: [(name: String, value: String)] = [], body: ClientBody = .none
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// Where the body of an answer goes.
package enum ClientDownload: Sendable {
    /// Into memory, up to a number of bytes; more is an error.
    case memory(limit: Int)
    /// Into a file. With `resume` an existing file is continued by a Range request (`ifRange` is the entity tag it was
    /// begun with). Answers other than 200 and 206 are kept in memory (1 MiB) and leave the file alone.
    case file(path: String, resume: Bool = false, ifRange: String? = nil, progress: TransferProgress? = nil)
    /// Line by line, without line ends, as it arrives; return `false` to end the request as a success.
    case lines(@Sendable (String) -> Bool)
}

/// An answer.
package struct ClientResponse: Sendable {
    /// The status code of the final answer.
    package var status: Int
    /// Its header fields in order.
    package var headers: [(name: String, value: String)]
    /// Its body where it was kept in memory.
    package var body: [UInt8]

    /// The first value of a header, its name compared without regard to case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The body as text; bytes that are not UTF-8 are replaced.
    package var text: String { String(decoding: body, as: UTF8.self) }
}
