/// What the command line says about one run of the hub.
package struct HubOptions: Sendable {
    /// Half of the hub, as the prototype's two programs were.
    package enum Half: String, Sendable, CaseIterable { case updater, dashboard }

    /// The state folder; it is made when it does not exist.
    package var state: String
    /// The configuration file; nil means `aurora.yaml` in the state folder, if there is one.
    package var configuration: String?
    /// Overrides `hub.listen`: a numeric address.
    package var listen: String?
    package var updaterPort: UInt16?
    package var dashboardPort: UInt16?
    package var only: Half?
    package var tlsCertificate: String?
    package var tlsKey: String?
    /// Says that a proxy in front speaks TLS; allows listening off loopback without it.
    package var isBehindProxy = false
    /// Loopback only: user `dev`, self-approval, reasonless approval, unsigned artifacts for `core`.
    package var isDev = false
    /// The value of `AURORA_API_TOKEN`, which the caller removes from the environment; nil when it is not set.
    package var apiToken: String?
    /// The programs beside this one; found next to the running executable when nil.
    package var auroraPath: String?
    package var launcherPath: String?
    /// Whether log lines are JSON; nil means unless standard error is a terminal.
    package var jsonLogs: Bool?
    package var isVerbose = false

    package init(state: String) { self.state = state }
}
