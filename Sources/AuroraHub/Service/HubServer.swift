import AuroraHTTP
import AuroraReleases
import AuroraSystem

/// The hub while it serves: both ports, and what runs beside them.
final class HubServer: Sendable {
    let hub: Hub
    let listening: Listening
    private let servers: [HubPort: HTTPServer]
    private let background: Background

    /// Opens the ports; requests are answered from the moment this returns.
    init(hub: Hub, listening: Listening) throws {
        self.hub = hub
        self.listening = listening
        var servers: [HubPort: HTTPServer] = [:]
        for port in HubPort.allCases where listening.serves(port) {
            servers[port] = try Self.start(hub, port, listening)
        }
        self.servers = servers
        background = Background(hub: hub)
        try background.start()
    }

    private static func start(_ hub: Hub, _ port: HubPort, _ listening: Listening) throws -> HTTPServer {
        var configuration = HTTPServerConfiguration(
            address: listening.listenAddress(),
            port: port == .updater ? listening.updaterPort : listening.dashboardPort, tls: listening.tls)
        // A proxy's connections are many clients'; those beside it on the machine are exempt too, who are trusted anyway.
        configuration.limits.loopbackIsExempt = listening.isBehindProxy
        let handler = hub.handler(for: port)
        configuration.commonHeaders = handler.headers
        configuration.onRefusal = { refusal in handler.transportRefused(refusal) }
        let server = HTTPServer(configuration: configuration, handler: handler)
        try server.start()
        return server
    }

    /// The port that is really listened on; differs from the wanted one when that was 0.
    func port(_ port: HubPort) -> UInt16? { servers[port]?.boundPort }

    /// Reads the TLS files again; connections that are open keep the old certificate.
    func reloadTLS() throws {
        for server in servers.values { try server.reloadTLS() }
    }

    /// Stops taking requests, lets those that run end, and closes everything.
    ///
    /// - Parameter deadline: after which requests are cut off; stages and trials are cut off at once and end as
    ///   interrupted; a change of a target is never cut off, only waited for.
    func stop(within deadline: Duration) {
        // First of all: requests and the housekeeping wait for trials as well.
        hub.releases.interrupt()
        background.stop()
        for server in servers.values { server.stop(drain: deadline) }
        hub.close()
    }
}
