/// An HTTP/1.1 server on libmicrohttpd: sockets on their own thread, handlers on workers.
package final class HTTPServer: Sendable {
    private let configuration: HTTPServerConfiguration
    private let handler: any HTTPHandler

    /// Describes a server; nothing happens before ``start()``.
    package init(configuration: HTTPServerConfiguration, handler: any HTTPHandler) {
        self.configuration = configuration
        self.handler = handler
    }

    /// The port it listens on; 0 before ``start()``.
    package var boundPort: UInt16 { 0 }

    /// Listens and serves until ``stop(drain:)``.
    package func start() throws(HTTPServerError) {
        throw .state("it cannot listen in this build")
    }

    /// Reads the TLS files again; connections that are open keep what they have.
    package func reloadTLS() throws(HTTPServerError) {}

    /// Refuses new connections, lets running requests finish for at most `drain`, then closes everything.
    ///
    /// - Returns: Whether every request finished by itself.
    @discardableResult
    package func stop(drain: Duration = .seconds(10)) -> Bool { true }
}
