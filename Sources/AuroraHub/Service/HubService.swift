import AuroraAudit
import AuroraFields
import AuroraModel
import AuroraSystem
import Glibc

/// `aurora hub start`.
package enum HubService {
    /// Runs the hub until SIGTERM or SIGINT.
    ///
    /// - Returns: the exit code: 0 after a graceful stop.
    /// - Throws: ``HubStartError``, ``DocumentError`` and others, before anything is served.
    package static func run(_ options: HubOptions) throws -> Int32 {
        Signals.block()
        try Hardening.apply()
        let isJSON = options.jsonLogs ?? !Terminal.isTerminal(STDERR_FILENO)
        let log = Log(json: isJSON, level: options.isVerbose ? .debug : .info, isDev: options.isDev)
        if options.isDev {
            log.warning("DEV mode: self-approval and unsigned artifacts are allowed; for this machine alone")
        }
        let configuration = try configuration(for: options)
        let listening = try Listening(options, configuration)
        let hub = try Hub(options: options, configuration: configuration, listening: listening, log: log)
        let server = try HubServer(hub: hub, listening: listening)
        announce(server, log: log)
        ServiceManager.notify("READY=1")
        wait(server, log: log)
        ServiceManager.notify("STOPPING=1")
        log.info("stopping")
        server.stop(within: .seconds(8))
        log.info("stopped")
        return 0
    }

    /// The configuration the options name, or the state folder's, or the defaults.
    static func configuration(for options: HubOptions) throws -> HubConfiguration {
        if let file = options.configuration { return try HubConfiguration.load(file) }
        let file = StateFolder(root: options.state).configuration
        guard try FileStatus.ifExists(file) != nil else { return HubConfiguration() }
        return try HubConfiguration.load(file)
    }

    private static func announce(_ server: HubServer, log: Log) {
        // On standard output, apart from the log: log files are read by more people than this link is for. And before the
        // log says that the hub listens: who waits for that line finds the link.
        if let port = server.port(.dashboard),
            let invitation = server.hub.invitation(url: server.listening.dashboardURL(port: port))
        {
            Standard.writeOutput(invitation)
        }
        let updater = server.port(.updater).map(String.init) ?? "off"
        let dashboard = server.port(.dashboard).map(String.init) ?? "off"
        log.info(
            "listening",
            [
                "updater": updater, "dashboard": dashboard, "version": Hub.version,
                "log": server.hub.audit.verifierKey.name,
            ])
    }

    /// Until a stop is asked for; feeds the service manager's watchdog and reloads certificates meanwhile.
    private static func wait(_ server: HubServer, log: Log) {
        while true {
            let signal = try? Signals.wait(for: [SIGTERM, SIGINT, SIGHUP], timeout: .seconds(10))
            switch signal ?? nil {
            case SIGTERM, SIGINT: return
            case SIGHUP:
                do {
                    try server.reloadTLS()
                    log.info("certificates reloaded")
                } catch {
                    log.error("the certificates were not reloaded; the old ones stay", ["error": "\(error)"])
                }
            default:
                if server.hub.isHealthy { ServiceManager.notify("WATCHDOG=1") }
            }
        }
    }
}
