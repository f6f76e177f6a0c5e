/// Where a server listens.
package enum ListenAddress: Hashable, Sendable {
    /// 127.0.0.1 and, where the machine has it, ::1.
    case loopback
    /// Every address, IPv4 and, where the machine has it, IPv6.
    case any
    /// One numeric IPv4 or IPv6 address.
    case numeric(String)
}

/// The PEM files of a TLS server; read at start and again by ``HTTPServer/reloadTLS()``.
package struct TLSFiles: Hashable, Sendable {
    /// The certificate chain, the server's own first.
    package var certificate: String
    /// The private key, not encrypted.
    package var privateKey: String

    /// Names the two files.
    package init(certificate: String, privateKey: String) {
        self.certificate = certificate
        self.privateKey = privateKey
    }
}

/// A request the server finished, for logs and metrics.
package struct FinishedRequest: Sendable {
    /// The checked head; `nil` when the request was refused before it was understood.
    package var head: RequestHead?
    /// The status that was sent.
    package var status: Int
    /// From the request line to the last byte given to the kernel.
    package var duration: Duration
    /// Whether the answer was delivered to the kernel completely.
    package var isComplete: Bool
    /// The numeric address of the other side.
    package var remoteAddress: String
}

/// What an ``HTTPServer`` needs to know before it starts.
package struct HTTPServerConfiguration: Sendable {
    /// The address or addresses to listen on.
    package var address: ListenAddress
    /// The port; 0 asks the system for a free one, the same for both loopback addresses.
    package var port: UInt16
    /// The files for TLS 1.2 and 1.3; `nil` serves plain HTTP.
    package var tls: TLSFiles?
    /// Worker threads, which run handlers and sinks.
    package var workerThreads = 16
    /// Bounds on clients.
    package var limits = HTTPLimits()
    /// Fields added to every answer that lacks them, those the server makes itself included.
    package var commonHeaders: HTTPHeaders = [:]
    /// Told of every request refused by the server itself; may give the answer.
    ///
    /// Called on the socket thread or a worker: must never block.
    package var onRefusal: (@Sendable (TransportRefusal) -> HTTPResponse?)?
    /// Told of every finished request.
    ///
    /// Called on the socket thread: must never block.
    package var onFinished: (@Sendable (FinishedRequest) -> Void)?

    /// Describes a server; everything but the address has a default.
    package init(address: ListenAddress = .loopback, port: UInt16 = 0, tls: TLSFiles? = nil) {
        self.address = address
        self.port = port
        self.tls = tls
    }
}
