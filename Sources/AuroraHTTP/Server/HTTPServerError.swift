/// Why a server could not start, reload or stop.
package enum HTTPServerError: Error, Hashable, Sendable {
    /// The address could not be listened on; `code` is `errno` of `operation`.
    case listen(address: String, port: UInt16, operation: String, code: Int32)
    /// `text` is not a numeric address.
    case address(String)
    /// A TLS file could not be read or does not fit the other; `message` is the library's.
    case tls(path: String, message: String)
    /// libmicrohttpd refused to start on `address`.
    case start(address: String)
    /// `start()` was called twice, or after `stop`.
    case state(String)
}

extension HTTPServerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .listen(let address, let port, let operation, let code):
            "cannot listen on \(address) port \(port): \(operation) failed: \(errnoText(code))"
        case .address(let text):
            "cannot listen on '\(text)': not a numeric IPv4 or IPv6 address; give one such as 127.0.0.1"
        case .tls(let path, let message):
            "cannot use TLS file \(path): \(message); give a PEM certificate chain and its unencrypted key"
        case .start(let address):
            "cannot start the HTTP server on \(address): libmicrohttpd refused the settings"
        case .state(let what):
            "the HTTP server cannot do this now: \(what)"
        }
    }
}
