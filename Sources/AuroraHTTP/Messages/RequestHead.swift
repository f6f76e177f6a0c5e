/// One `name=value` of a query or of a form, decoded.
package struct QueryItem: Hashable, Sendable {
    /// The decoded name.
    package var name: String
    /// The decoded value; empty where there was no `=`.
    package var value: String

    /// Makes an item from decoded text.
    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// The start of a request, checked, before any byte of its body is read.
package struct RequestHead: Sendable {
    /// The method; HEAD arrives as `.get` with ``isHead`` set.
    package var method: HTTPMethod
    /// Whether the answer will be sent without its body.
    package var isHead: Bool
    /// The request target exactly as sent, path and query.
    package var target: String
    /// The path decoded once, in segments: `/` is `[]`, `/a/b` is `["a","b"]`, `/a/` is `["a",""]`.
    package var path: [String]
    /// The decoded query in order, repeated names kept.
    package var query: [QueryItem]
    /// The header fields in order.
    package var headers: HTTPHeaders
    /// The numeric address of the other side, without its port.
    package var remoteAddress: String
    /// The port of the other side.
    package var remotePort: UInt16
    /// Whether the request came over TLS.
    package var isTLS: Bool
    /// The declared length of the body in bytes; `nil` without one or when the body is chunked.
    package var contentLength: UInt64?
    /// Whether the body comes in chunks of unknown total length.
    package var isChunked: Bool

    /// Makes a head by hand, as tests of handlers do without a socket.
    package init(
        method: HTTPMethod = .get, target: String = "/", path: [String] = [], query: [QueryItem] = [],
        headers: HTTPHeaders = [:], remoteAddress: String = "127.0.0.1", remotePort: UInt16 = 0, isHead: Bool = false,
        isTLS: Bool = false, contentLength: UInt64? = nil, isChunked: Bool = false
    ) {
        self.method = method
        self.isHead = isHead
        self.target = target
        self.path = path
        self.query = query
        self.headers = headers
        self.remoteAddress = remoteAddress
        self.remotePort = remotePort
        self.isTLS = isTLS
        self.contentLength = contentLength
        self.isChunked = isChunked
    }

    /// Whether a body follows, of known or unknown length.
    package var hasBody: Bool { isChunked || (contentLength ?? 0) > 0 }

    /// The first query value of a name.
    package func queryValue(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }

    /// Every query value of a name, in order.
    package func queryValues(_ name: String) -> [String] {
        query.filter { $0.name == name }.map(\.value)
    }
}
