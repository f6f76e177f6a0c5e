import AuroraHTTP

/// Where the hub listens, decided from the command line and the configuration before anything is opened.
struct Listening: Sendable {
    /// A numeric address; nil is loopback on IPv4 and IPv6.
    let address: String?
    let updaterPort: UInt16
    let dashboardPort: UInt16
    let tls: TLSFiles?
    let isBehindProxy: Bool
    let half: HubOptions.Half?

    /// - Throws: ``HubStartError`` for what would expose the hub: off loopback without TLS, `--dev` off loopback.
    init(_ options: HubOptions, _ configuration: HubConfiguration) throws {
        let wanted = options.listen ?? configuration.hub.listen
        let isLoopback = wanted.map(Self.isLoopback) ?? true
        address = ["localhost", "127.0.0.1", nil].contains(wanted) ? nil : wanted
        updaterPort = options.updaterPort ?? configuration.hub.updaterPort
        dashboardPort = options.dashboardPort ?? configuration.hub.dashboardPort
        isBehindProxy = options.isBehindProxy
        half = options.only
        switch (options.tlsCertificate, options.tlsKey) {
        case (let certificate?, let key?): tls = TLSFiles(certificate: certificate, privateKey: key)
        case (nil, nil): tls = nil
        default:
            throw HubStartError(
                "TLS needs a certificate and its key", remedy: "give both --tls-cert FILE and --tls-key FILE")
        }
        guard isLoopback || tls != nil || options.isBehindProxy else {
            throw HubStartError(
                "listening on \(wanted ?? "") without TLS would send passwords and tokens in clear",
                remedy: "give --tls-cert and --tls-key, or --behind-proxy if a proxy speaks TLS for the hub")
        }
        guard isLoopback || !options.isDev else {
            throw HubStartError(
                "--dev is for this machine alone, and \(wanted ?? "") is not loopback", remedy: "leave --listen out")
        }
        guard !(options.isDev && options.isBehindProxy) else {
            throw HubStartError(
                "--dev is for this machine alone, and --behind-proxy serves others", remedy: "leave one of them out")
        }
    }

    static func isLoopback(_ address: String) -> Bool {
        address == "localhost" || address == "::1" || address.hasPrefix("127.")
    }

    /// Where a port of the hub is served.
    func listenAddress() -> ListenAddress {
        switch address {
        case nil: .loopback
        case "0.0.0.0", "::": .any
        case .some(let address): .numeric(address)
        }
    }

    /// Whether a half of the hub runs in this process.
    func serves(_ port: HubPort) -> Bool {
        switch (half, port) {
        case (nil, _), (.updater, .updater), (.dashboard, .dashboard): true
        default: false
        }
    }

    /// What people type into a browser; passkeys need the name localhost, not the number.
    func dashboardURL(port: UInt16) -> String {
        let scheme = tls == nil ? "http" : "https"
        let host = address.map { ["0.0.0.0", "::"].contains($0) ? "localhost" : $0.contains(":") ? "[\($0)]" : $0 }
        return "\(scheme)://\(host ?? "localhost"):\(port)"
    }
}
