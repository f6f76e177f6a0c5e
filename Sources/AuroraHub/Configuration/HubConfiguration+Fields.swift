import AuroraApprovals
import AuroraAudit
import AuroraFields
import AuroraModel

// The tables of `aurora.yaml`: each field once, as it is read and as docs/reference/configuration.md tells it.

extension HubConfiguration: FieldSection {
    static let fields: [Field<HubConfiguration>] = [
        .text(
            "version", format, fallback: "", "the format of the file", { $0 == format ? format : nil },
            into: { _, _ in }
        ).required(example: format),
        .section("hub", \.hub, "where the hub listens, and how much it keeps"),
        .section("limits", \.limits, "what clients may ask for, and what an archive may hold"),
        .section("signing", \.signing, "which signatures on releases count"),
        .policies,
        .targets,
    ]
}

extension HubConfiguration.Hub: FieldSection {
    private static let sizes: ClosedRange<Int64> = 0...(1 << 60)

    static let fields: [Field<Self>] = [
        .text(
            "name", "a name without white space and +, such as hub.example.org", fallback: "`aurora-hub/<random>`",
            "names the audit log at the first start, `<name>/audit`; later changes leave the log's name alone",
            { AuditLog.isOrigin("\($0)/audit") ? $0 : nil }, into: { $0.name = $1 }),
        .text(
            "listen", "a numeric address such as 127.0.0.1", fallback: "loopback, IPv4 and IPv6",
            "where both ports listen; off loopback the hub wants TLS, or to be told that a proxy speaks it",
            { HostCheck.name(in: $0.contains(":") ? "[\($0)]" : $0) == nil ? nil : $0 }, into: { $0.listen = $1 }),
        .integer("updater_port", \.updaterPort, 0...65535, "port", "the port for CI and devices; 0 takes a free one"),
        .integer("dashboard_port", \.dashboardPort, 0...65535, "port", "the port for people; 0 takes a free one"),
        .list(
            "allowed_hosts", of: "a host name without a port", fallback: "none",
            "names beside localhost under which the hub answers",
            { HostCheck.name(in: $0) == $0.lowercased() ? $0 : nil }, into: { $0.allowedHosts = $1 }),
        .list(
            "trusted_proxies", of: "a numeric address", fallback: "none",
            "proxies beside those on this machine whose word about their client counts, under `--behind-proxy`",
            { ClientAddress.canonical($0) }, into: { $0.trustedProxies = $1 }),
        .integer(
            "upload_quota_bytes", \.uploadQuotaBytes, sizes, "bytes", "room for artifacts and unfinished uploads"),
        .integer(
            "free_disk_floor_bytes", \.freeDiskFloorBytes, sizes, "bytes", "uploads stop before the disk has less"),
        .integer("maximum_upload_bytes", \.maximumUploadBytes, sizes, "bytes", "the largest artifact"),
        .section("api_token", \.apiToken, "whom the value of `AURORA_API_TOKEN` stands for"),
    ]

    mutating func check(_ reader: FieldReader) {
        if listen == "127.0.0.1" || listen == "localhost" { listen = nil }
        if updaterPort == dashboardPort, updaterPort != 0 {
            reader.complain("dashboard_port", "is the same as updater_port", "use two different ports")
        }
    }
}

extension HubConfiguration.APIToken: FieldSection {
    static let fields: [Field<Self>] = [
        .text(
            "user", "a user name", fallback: "`\(Self().user)`", "the account; it is made when it does not exist",
            { UserName($0)?.text }, into: { $0.user = $1 }),
        .choice("role", fallback: "`\(Self().role.rawValue)`", "what the account may do", into: { $0.role = $1 }),
    ]

    mutating func check(_ reader: FieldReader) {
        guard let name = UserName(user), let why = AccountSettings().reservation(of: name) else { return }
        reader.complain("user", why, "name another account")
    }
}

extension HubConfiguration.Limits: FieldSection {
    private static let rates: ClosedRange<Int64> = 1...10_000_000

    static let fields: [Field<Self>] = [
        .integer("requests_per_second", \.requestsPerSecond, rates, "requests", "for each account"),
        .integer("request_burst", \.requestBurst, rates, "requests", "what an account may ask at once"),
        .integer(
            "stranger_requests_per_second", \.strangerRequestsPerSecond, rates, "requests",
            "for each address without a login"),
        .integer(
            "stranger_burst", \.strangerBurst, rates, "requests", "what an address without a login may ask at once"),
        .integer("unpacked_bytes", \.unpackedBytes, 1...(1 << 50), "bytes", "the files of an archive together"),
        .integer("entries", \.entries, 1...100_000_000, "entries", "files, directories and links of an archive"),
        .integer("depth", \.depth, 1...1000, "levels", "how deep directories of an archive nest"),
        .integer("ratio", \.ratio, 1...1_000_000, "times", "how much larger the files are than the archive"),
        .integer("metadata_bytes", \.metadataBytes, 512...(1 << 30), "bytes", "one metadata record of an archive"),
    ]
}

extension HubConfiguration.Signing: FieldSection {
    static let fields: [Field<Self>] = [
        .list(
            "keyring", of: "a path", fallback: "none", "files with OpenPGP public keys, armoured or binary",
            { $0.isEmpty ? nil : $0 }, into: { $0.keyring = $1 }),
        .list(
            "fingerprints", of: "a full fingerprint: the 40 hexadecimal digits that gpg --fingerprint prints",
            fallback: "none: nothing can be staged", "the keys that may sign releases", fingerprint,
            into: { $0.fingerprints = $1 }),
        .text(
            "not_before", "a time such as 2026-01-01T00:00:00Z", fallback: "none",
            "signatures dated earlier do not count", { Timestamp(rfc3339: $0) }, into: { $0.notBefore = $1 }),
    ]

    mutating func check(_ reader: FieldReader) {
        keyring = keyring.map { $0.hasPrefix("/") ? $0 : "\(FilePath.parent(of: reader.report.file))/\($0)" }
    }

    private static func fingerprint(_ text: String) -> String? {
        let digits = text.filter { $0 != " " }.uppercased()
        return digits.count == 40 && digits.allSatisfy(\.isHexDigit) ? digits : nil
    }
}

// MARK: Policies

extension Field<HubConfiguration> {
    /// `policies` is a mapping whose names are data.
    static let policies = Field(
        facts: FieldFacts(
            name: "policies", type: "mapping", range: "each name a domain: 1 to 32 of a-z 0-9 -",
            fallback: "the shipped ones",
            meaning: "what the policy of a domain changes; its fields are in [the policy](policy.md)")
    ) { reader, settings in
        for (name, entry) in reader.namedMappings("policies") {
            guard let domain = Domain(name) else {
                entry.report.add(
                    entry.position, entry.path, "\"\(name.printable(limit: 40))\" is not a domain",
                    "use 1 to 32 of a-z 0-9 -")
                continue
            }
            settings.policies[domain] = PolicySettings.read(entry)
        }
    }
}
