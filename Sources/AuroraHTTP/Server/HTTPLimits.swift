/// Bounds on what clients may take from the server; the defaults suit a hub.
package struct HTTPLimits: Hashable, Sendable {
    /// The longest request line or header line in bytes; above it the answer is 414 or 431.
    package var headerLineBytes = 8 * 1024
    /// The most bytes all header lines may take; ``connectionMemoryBytes`` may bound them earlier.
    package var headerBytes = 64 * 1024
    /// The most header fields.
    package var headerCount = 200
    /// The memory one connection may use for a request's and an answer's headers and as its read buffer, in bytes.
    ///
    /// The library clears, and so touches, all of it per request: 11.5 KiB keep 10,000 idle connections under 150 MiB and
    /// leave room for one line of ``headerLineBytes``.
    package var connectionMemoryBytes = 11 * 1024 + 512
    /// The most open connections; more wait in the listen queue or are closed at once.
    package var connections = 12_000
    /// The most open connections from one address (IPv6: one /64 network).
    package var connectionsPerAddress = 512
    /// Whether loopback addresses are exempt from ``connectionsPerAddress``.
    package var loopbackIsExempt = false
    /// The longest a client may take from connecting, or from its request line, to the end of its headers.
    package var headerTime: Duration = .seconds(15)
    /// The longest a connection may stay open between two requests.
    package var idleTime: Duration = .seconds(75)
    /// The window in which a body or an answer must move at ``minimumRate``, time spent waiting for us not counted.
    package var progressTime: Duration = .seconds(20)
    /// The slowest a client may send a body or take an answer, in bytes per second.
    package var minimumRate = 512
    /// The most bytes of one body waiting for its sink.
    package var bodyBufferBytes = 128 * 1024
    /// The longest a closing connection is drained so that its last answer arrives.
    package var lingerTime: Duration = .seconds(2)
    /// How often an idle event stream sends a comment line that keeps proxies from closing it.
    package var heartbeatTime: Duration = .seconds(25)

    /// The defaults.
    package init() {}
}
