import AuroraAudit
import AuroraModel
import AuroraSystem
import AuroraYAML

extension HubConfiguration {
    /// Reads and checks a configuration file without starting anything.
    ///
    /// - Returns: the configuration and notes that are no errors, such as a target directory that does not exist yet.
    /// - Throws: ``ConfigurationError`` with every problem, each with line, column, field and remedy.
    package static func check(file path: String) throws(ConfigurationError) -> (HubConfiguration, notes: [String]) {
        let configuration = try load(path)
        var notes: [String] = []
        for target in configuration.targets where !exists(parent(of: target.description.path)) {
            notes.append(
                "target \(target.description.name): the folder \(parent(of: target.description.path)) does not exist "
                    + "yet; make it before the hub starts")
        }
        for key in configuration.signing.keyring where !exists(key) {
            notes.append("signing.keyring: \(key) is not a readable file; export the release key there")
        }
        if configuration.targets.isEmpty { notes.append("there are no targets: nothing can be promoted yet") }
        if configuration.signing.fingerprints.isEmpty {
            notes.append("signing.fingerprints is empty: no signature can be good; list the release keys")
        }
        return (configuration, notes)
    }

    /// Reads the file at `path`.
    static func load(_ path: String) throws(ConfigurationError) -> HubConfiguration {
        let bytes: [UInt8]
        do { bytes = try DurableFile.read(path, limit: 1 << 20) } catch {
            throw ConfigurationError(problems: [
                ConfigurationProblem(
                    file: path, line: 0, column: 0, field: "", problem: "cannot be read: \(error)",
                    remedy: "check the path given with --config")
            ])
        }
        return try parse(bytes, file: path)
    }

    /// Reads the bytes of a configuration; relative paths in it start at the file's folder.
    static func parse(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> HubConfiguration {
        let root: YAMLNode
        do { root = try YAMLParser.parse(bytes) } catch {
            throw ConfigurationError(problems: [
                ConfigurationProblem(
                    file: file, line: error.position.line, column: error.position.column, field: "",
                    problem: error.message, remedy: "correct the YAML at this place")
            ])
        }
        let report = ConfigurationReader.Report(file: file)
        let reader = ConfigurationReader(root, path: "", report: report)
        var configuration = HubConfiguration()
        configuration.file = file
        if let version = reader.required("version", format), version != format {
            reader.complain("version", "is \"\(version.printable(limit: 40))\"", "write \(format)")
        }
        let folder = parent(of: file)
        configuration.hub = readHub(reader.mapping("hub"))
        configuration.limits = readLimits(reader.mapping("limits"))
        configuration.signing = readSigning(reader.mapping("signing"), folder: folder)
        configuration.policies = readPolicies(reader)
        configuration.targets = readTargets(reader)
        reader.finish()
        checkPolicies(of: configuration, report)
        try report.finish()
        return configuration
    }

    private static func readHub(_ reader: ConfigurationReader) -> Hub {
        var hub = Hub()
        hub.name = reader.parsed("name", expected: "a name without white space and +, such as hub.example.org") {
            AuditLog.isOrigin("\($0)/audit") ? $0 : nil
        }
        hub.listen = reader.parsed("listen", expected: "a numeric address such as 127.0.0.1") { text in
            HostCheck.name(in: text.contains(":") ? "[\(text)]" : text) == nil ? nil : text
        }
        if hub.listen == "127.0.0.1" || hub.listen == "localhost" { hub.listen = nil }
        let ports: ClosedRange<Int64> = 0...65535
        if let port = reader.integer("updater_port", in: ports) { hub.updaterPort = UInt16(port) }
        if let port = reader.integer("dashboard_port", in: ports) { hub.dashboardPort = UInt16(port) }
        if hub.updaterPort == hub.dashboardPort, hub.updaterPort != 0 {
            reader.complain("dashboard_port", "is the same as updater_port", "use two different ports")
        }
        hub.allowedHosts = reader.strings("allowed_hosts") ?? []
        for host in hub.allowedHosts where HostCheck.name(in: host) != host.lowercased() {
            reader.complain(
                "allowed_hosts", "\"\(host.printable(limit: 60))\" is not a host name", "write names without ports")
        }
        let sizes: ClosedRange<Int64> = 0...(1 << 60)
        hub.uploadQuotaBytes = reader.integer("upload_quota_bytes", in: sizes) ?? hub.uploadQuotaBytes
        hub.freeDiskFloorBytes = reader.integer("free_disk_floor_bytes", in: sizes) ?? hub.freeDiskFloorBytes
        hub.maximumUploadBytes = reader.integer("maximum_upload_bytes", in: sizes) ?? hub.maximumUploadBytes
        let token = reader.mapping("api_token")
        hub.tokenUser = token.parsed("user", expected: "a user name") { UserName($0)?.text } ?? hub.tokenUser
        hub.tokenRole = token.parsed("role", expected: roleWords) { Role(rawValue: $0) } ?? hub.tokenRole
        token.finish()
        reader.finish()
        return hub
    }

    private static func readLimits(_ reader: ConfigurationReader) -> Limits {
        var limits = Limits()
        let rates: ClosedRange<Int64> = 1...10_000_000
        func rate(_ key: String, _ value: inout Int) {
            if let new = reader.integer(key, in: rates) { value = Int(new) }
        }
        rate("requests_per_second", &limits.requestsPerSecond)
        rate("request_burst", &limits.requestBurst)
        rate("stranger_requests_per_second", &limits.strangerRequestsPerSecond)
        rate("stranger_burst", &limits.strangerBurst)
        limits.unpackedBytes = reader.integer("unpacked_bytes", in: 1...(1 << 50)) ?? limits.unpackedBytes
        limits.entries = reader.integer("entries", in: 1...100_000_000) ?? limits.entries
        limits.depth = reader.integer("depth", in: 1...1000) ?? limits.depth
        limits.ratio = reader.integer("ratio", in: 1...1_000_000) ?? limits.ratio
        limits.metadataBytes = reader.integer("metadata_bytes", in: 512...(1 << 30)) ?? limits.metadataBytes
        reader.finish()
        return limits
    }

    private static func readSigning(_ reader: ConfigurationReader, folder: String) -> Signing {
        var signing = Signing()
        signing.keyring = (reader.strings("keyring") ?? []).map { $0.hasPrefix("/") ? $0 : "\(folder)/\($0)" }
        for text in reader.strings("fingerprints") ?? [] {
            let digits = text.filter { $0 != " " }.uppercased()
            guard digits.count == 40, digits.allSatisfy(\.isHexDigit) else {
                reader.complain(
                    "fingerprints", "\"\(text.printable(limit: 60))\" is not a full fingerprint",
                    "write all 40 hexadecimal digits that gpg --fingerprint prints")
                continue
            }
            signing.fingerprints.append(digits)
        }
        signing.notBefore = reader.parsed("not_before", expected: "a time such as 2026-01-01T00:00:00Z") {
            Timestamp(rfc3339: $0)
        }
        reader.finish()
        return signing
    }

    static var roleWords: String { "one of " + Role.allCases.map(\.rawValue).joined(separator: ", ") }

    private static func exists(_ path: String) -> Bool {
        let status = try? FileStatus.ifExists(path)
        return status != nil
    }

    /// The folder of a path: `/a/b` is in `/a`, `b` is in `.`.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
