import AuroraApprovals
import AuroraModel
import AuroraReleases
import AuroraTrust
import AuroraYAML

extension HubConfiguration {
    static func readTargets(_ reader: ConfigurationReader) -> [Target] {
        var targets: [Target] = []
        for entry in reader.mappings("targets") {
            guard let target = readTarget(entry) else { continue }
            if targets.contains(where: { $0.description.name == target.description.name }) {
                entry.complain("name", "\"\(target.description.name)\" is used twice", "give each target its own name")
            }
            if let other = targets.first(where: { overlaps($0.description.path, target.description.path) }) {
                entry.complain(
                    "path", "overlaps the path of target \(other.description.name)",
                    "give each target a folder of its own, neither inside the other")
            }
            targets.append(target)
        }
        return targets
    }

    private static func readTarget(_ reader: ConfigurationReader) -> Target? {
        defer { reader.finish() }
        _ = reader.required("name", "gateway")
        _ = reader.required("path", "/srv/gateway/app")
        let name = reader.parsed("name", expected: "a target name (\(TargetNameKind.rule))") { TargetName($0) }
        let path = reader.parsed("path", expected: "an absolute path without . and ..", cleanPath)
        let kind = reader.parsed("kind", expected: "link or directory") { TargetKind(rawValue: $0) } ?? .link
        let domain = reader.parsed("domain", expected: "a domain such as core") { Domain($0) } ?? .core
        let safety =
            reader.parsed("safety", expected: "routine or safety-critical", safetyClass)
            ?? domain.defaultSafetyClass
        let policy = reader.isPresent("policy") ? readPolicy(reader.mapping("policy")) : nil
        let apply = arguments(reader, "apply")
        let health = arguments(reader, "health")
        let applyTimeout = reader.integer("apply_timeout_seconds", in: 1...86_400)
        let healthTimeout = reader.integer("health_timeout_seconds", in: 1...86_400)
        let keep = reader.integer("keep", in: 2...1000)
        let runAs = readRunAs(reader)
        let hardware = reader.strings("hardware_ids") ?? []
        guard let name, let path else { return nil }
        var target = Target(
            description: TargetDescription(name: name, path: path, kind: kind, domain: domain, safetyClass: safety))
        target.apply = apply
        target.health = health
        target.applyTimeoutSeconds = applyTimeout ?? target.applyTimeoutSeconds
        target.healthTimeoutSeconds = healthTimeout ?? target.healthTimeoutSeconds
        target.keep = keep ?? target.keep
        target.runAs = runAs
        target.hardwareIDs = hardware
        target.policy = policy
        return target
    }

    private static func safetyClass(_ text: String) -> SafetyClass? {
        SafetyClass(rawValue: text) ?? (text == "safetyCritical" ? .safetyCritical : nil)
    }

    private static func arguments(_ reader: ConfigurationReader, _ key: String) -> [String] {
        let arguments = reader.strings(key) ?? []
        if let program = arguments.first, !program.hasPrefix("/") {
            reader.complain(
                key, "starts with \"\(program.printable(limit: 60))\", which is not an absolute path",
                "write the whole path of the program; there is no shell and no search path")
        }
        return arguments
    }

    private static func readRunAs(_ reader: ConfigurationReader) -> RunAs? {
        guard reader.isPresent("run_as") else { return nil }
        let entry = reader.mapping("run_as")
        _ = entry.required("uid", "64321")
        _ = entry.required("gid", "64321")
        let uid = entry.integer("uid", in: 1...Int64(UInt32.max - 1))
        let gid = entry.integer("gid", in: 1...Int64(UInt32.max - 1))
        entry.finish()
        guard let uid, let gid else { return nil }
        return RunAs(uid: UInt32(uid), gid: UInt32(gid))
    }

    private static func cleanPath(_ path: String) -> String? {
        guard path.hasPrefix("/"), path.utf8.count <= 4000, path.unicodeScalars.allSatisfy(\.isHarmlessInLine) else {
            return nil
        }
        let parts = path.split(separator: "/")
        guard !parts.isEmpty, !parts.contains("."), !parts.contains("..") else { return nil }
        return "/" + parts.joined(separator: "/")
    }

    private static func overlaps(_ left: String, _ right: String) -> Bool {
        left == right || left.hasPrefix(right + "/") || right.hasPrefix(left + "/")
    }
}

// MARK: Policies

extension HubConfiguration {
    static func readPolicies(_ reader: ConfigurationReader) -> [Domain: PolicySettings] {
        var policies: [Domain: PolicySettings] = [:]
        for (name, entry) in reader.namedMappings("policies") {
            guard let domain = Domain(name) else {
                entry.report.add(
                    entry.position, entry.path, "\"\(name.printable(limit: 40))\" is not a domain",
                    "use 1 to 32 of a-z 0-9 -")
                continue
            }
            policies[domain] = readPolicy(entry)
        }
        return policies
    }

    /// What a mapping changes of a policy.
    private static func readPolicy(_ reader: ConfigurationReader) -> PolicySettings {
        var settings = PolicySettings()
        settings.approvers = reader.integer("approvers", in: 1...16)
        settings.rejections = reader.integer("rejections", in: 1...16)
        settings.reasonLength = reader.integer("reason_length", in: 1...1000)
        settings.approvalLifetimeSeconds = reader.integer("approval_lifetime_seconds", in: 60...31_536_000)
        settings.selfApproval = reader.bool("self_approval")
        settings.allowUnsigned = reader.bool("allow_unsigned")
        settings.requiresCountersignature = reader.bool("countersignature")
        settings.signatures = reader.parsed("signatures", expected: "operator-signed or browser-accepted") {
            Policy.Signatures(rawValue: $0)
        }
        settings.apply = reader.parsed("apply", expected: "on-approval or by-hand") { Policy.Apply(rawValue: $0) }
        settings.approverRoles = readRoles(reader)
        settings.windows = readWindows(reader)
        settings.countersignKeys = readKeys(reader)
        reader.finish()
        return settings
    }

    /// A role that may not vote would make a policy that nobody can ever meet.
    private static func readRoles(_ reader: ConfigurationReader) -> [Role]? {
        guard let names = reader.strings("approver_roles") else { return nil }
        let roles = names.compactMap { Role(rawValue: $0) }
        guard roles.count == names.count, !roles.isEmpty, roles.allSatisfy({ $0.has(.vote) }) else {
            reader.complain("approver_roles", "must name roles that may vote", "write approver_roles: [approver]")
            return nil
        }
        return roles
    }

    private static func readWindows(_ reader: ConfigurationReader) -> [PolicyWindow]? {
        reader.strings("windows")?.compactMap { text in
            if let window = PolicyWindow(text) { return window }
            reader.complain(
                "windows", "\"\(text.printable(limit: 60))\" is not a window", "write for example mon-fri 22:00-04:00")
            return nil
        }
    }

    private static func readKeys(_ reader: ConfigurationReader) -> [String]? {
        guard let texts = reader.strings("countersign_keys") else { return nil }
        for text in texts where (try? OperatorPublicKey(text)) == nil {
            reader.complain(
                "countersign_keys", "\"\(text.printable(limit: 60))\" is no public key",
                "write aurora-ed25519:<base64url> name")
        }
        return texts
    }

    /// Complains about policies that are weaker than the safety class of a target allows.
    static func checkPolicies(of configuration: HubConfiguration, _ report: ConfigurationReader.Report) {
        do { try configuration.policyBook(isDevelopment: false).check(configuration.targets.map(\.description)) } catch
        {
            report.add(YAMLPosition(line: 1, column: 1), "policies", error.message, error.remedy)
        }
    }
}
