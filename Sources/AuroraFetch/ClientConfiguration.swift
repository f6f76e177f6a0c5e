/// How an ``HTTPClient`` connects; the defaults are strict.
package struct ClientConfiguration: Sendable {
    /// The longest to wait for a connection.
    package var connectTimeout: Duration = .seconds(10)
    /// The longest a whole request may take; `nil` for no end, as streams and large files need.
    package var timeout: Duration?
    /// The longest a transfer may move less than one byte a second; `nil` to wait for ever.
    package var stallTimeout: Duration? = .seconds(60)
    /// A PEM file of certificate authorities to trust instead of the system's.
    package var caFile: String?
    /// The PEM files of a client certificate and its key.
    package var clientCertificate: (certificate: String, privateKey: String)?
    /// How many redirects to follow, only ever to the same scheme, host and port; 0 follows none.
    package var sameOriginRedirects = 0
    /// The `User-Agent` of every request.
    package var userAgent = "aurora"
    /// Whether proxies named in the environment are used; loopback addresses never are.
    package var usesProxyEnvironment = true

    /// The defaults.
    package init() {}
}
