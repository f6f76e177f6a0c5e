package import AuroraModel

/// What the program can do on this machine without a hub's API; the executable wires it.
///
/// The commands know nothing of the hub's modules: they hand over plain values and closures do the rest.
package struct LocalServices: Sendable {
    /// Runs a hub until it is told to stop; returns when it has stopped in order.
    package var startHub: @Sendable (HubStart) throws -> Void
    /// Saves a hub's state to a new folder while it runs, and checks the copy.
    ///
    /// Returns what was saved, in words.
    package var backup: @Sendable (_ state: String, _ destination: String) throws -> [String]
    /// Puts a saved state where no state is.
    ///
    /// Returns what was restored, in words.
    package var restore: @Sendable (_ backup: String, _ state: String) throws -> [String]
    /// Reads a configuration file as the hub would.
    ///
    /// Returns what it says, in words; throws what is wrong with it.
    package var checkConfiguration: @Sendable (_ path: String) throws -> [String]
    /// Looks at what this machine offers; `state` is the folder whose file system counts.
    package var probe: @Sendable (_ state: String) -> [Finding]
    /// The facts of the device whose files lie below `root`; `state` is the folder whose file system counts.
    package var deviceFacts: @Sendable (_ root: String, _ state: String) -> JSONValue
    /// The pages of docs/reference that are made from the hub's own tables, by their name there.
    ///
    /// Takes a folder for what it needs meanwhile, which is removed afterwards.
    package var referencePages: @Sendable (_ scratch: String) throws -> [(name: String, text: String)]

    /// Everything the executable gives.
    package init(
        startHub: @escaping @Sendable (HubStart) throws -> Void,
        backup: @escaping @Sendable (String, String) throws -> [String],
        restore: @escaping @Sendable (String, String) throws -> [String],
        checkConfiguration: @escaping @Sendable (String) throws -> [String],
        probe: @escaping @Sendable (String) -> [Finding],
        deviceFacts: @escaping @Sendable (String, String) -> JSONValue,
        referencePages: @escaping @Sendable (String) throws -> [(name: String, text: String)]
    ) {
        self.startHub = startHub
        self.backup = backup
        self.restore = restore
        self.checkConfiguration = checkConfiguration
        self.probe = probe
        self.deviceFacts = deviceFacts
        self.referencePages = referencePages
    }
}

/// How `aurora hub start` was asked to run.
package struct HubStart: Sendable, Hashable {
    /// The folder of everything the hub keeps.
    package var state: String
    /// The configuration file; nil is `aurora.yaml` in the state folder.
    package var configuration: String?
    /// `updater` or `dashboard` for half a hub; nil for both.
    package var only: String?
    /// The red mode for one person on one machine.
    package var isDevelopment = false
    /// The address to listen on; nil as configured.
    package var listen: String?
    /// The updater's port; 0 takes any free one; nil as configured.
    package var updaterPort: Int?
    /// The dashboard's port; 0 takes any free one; nil as configured.
    package var dashboardPort: Int?
    /// The certificate chain for TLS.
    package var certificate: String?
    /// The private key for TLS.
    package var certificateKey: String?
    /// Whether a proxy in front does TLS.
    package var isBehindProxy = false
    /// `text` or `json` logs; nil decides by the terminal.
    package var logFormat: String?

    init(state: String) { self.state = state }
}

/// One thing `aurora doctor` looked at.
package struct Finding: Sendable, Hashable {
    /// How it looks.
    package enum Status: String, Sendable {
        case good
        case warning
        case bad
    }

    /// What was looked at.
    package var name: String
    /// How it looks.
    package var status: Status
    /// What was found.
    package var detail: String
    /// What to do; empty when all is well.
    package var remedy: String

    /// A finding.
    package init(name: String, status: Status, detail: String, remedy: String = "") {
        self.name = name
        self.status = status
        self.detail = detail
        self.remedy = remedy
    }
}
