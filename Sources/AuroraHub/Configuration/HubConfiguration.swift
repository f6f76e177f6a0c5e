import AuroraApprovals
import AuroraModel
import AuroraReleases

/// What `aurora.yaml` says, with defaults filled in (format `aurora-config-v1`, docs/reference/configuration.md).
package struct HubConfiguration: Sendable {
    static let format = "aurora-config-v1"

    /// Ports, names and room.
    struct Hub: Sendable {
        /// What this hub is called in the name of its audit log; nil takes a random one.
        var name: String?
        /// A numeric address; nil is loopback, IPv4 and IPv6.
        var listen: String?
        var updaterPort: UInt16 = 9710
        var dashboardPort: UInt16 = 9711
        /// Names beside localhost under which the hub answers.
        var allowedHosts: [String] = []
        /// Proxies beside those on loopback whose word about their client counts, under `--behind-proxy`.
        var trustedProxies: [String] = []
        var uploadQuotaBytes: Int64 = 64 << 30
        var freeDiskFloorBytes: Int64 = 1 << 30
        var maximumUploadBytes: Int64 = 16 << 30
        var apiToken = APIToken()
    }

    /// Whom the value of `AURORA_API_TOKEN` stands for.
    struct APIToken: Sendable {
        var user = "ci"
        var role: Role = .release
    }

    /// Bounds on clients and archives.
    struct Limits: Sendable {
        var requestsPerSecond = 2000
        var requestBurst = 4000
        /// For senders who are not logged in, by address.
        var strangerRequestsPerSecond = 50
        var strangerBurst = 500
        var unpackedBytes: Int64 = 8 << 30
        var entries: Int64 = 200_000
        var depth: Int64 = 64
        var ratio: Int64 = 250
        var metadataBytes: Int64 = 1 << 20
    }

    /// Which signatures on artifacts count.
    struct Signing: Sendable {
        /// Armoured public keys, one file each or several in one.
        var keyring: [String] = []
        /// Full fingerprints (40 hexadecimal digits, upper case) of the keys that may sign releases.
        var fingerprints: [String] = []
        /// Signatures made before this moment do not count.
        var notBefore: Timestamp?
    }

    /// A target as configured.
    struct Target: Sendable {
        let description: TargetDescription
        let fields: TargetFields
    }

    /// The file it was read from; nil when there was none.
    var file: String?
    var hub = Hub()
    var limits = Limits()
    var signing = Signing()
    var targets: [Target] = []
    /// What the file changes of the policies of domains; others have their defaults.
    var policies: [Domain: PolicySettings] = [:]

    /// Everything at its default, no targets.
    package init() {}

    /// Which policy holds for which target.
    func policyBook(isDevelopment: Bool) -> PolicyBook {
        var own: [TargetName: PolicySettings] = [:]
        for target in targets { own[target.description.name] = target.fields.policy }
        return PolicyBook(domains: policies, targets: own, isDevelopment: isDevelopment)
    }

    /// Domains with a queue: the shipped ones, those with a policy and those of targets.
    var domains: [Domain] {
        let extra = Set(policies.keys + targets.map(\.description.domain)).subtracting(Domain.shipped)
        return Domain.shipped + extra.sorted()
    }
}
