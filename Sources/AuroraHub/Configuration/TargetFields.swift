import AuroraApprovals
import AuroraFields
import AuroraModel
import AuroraReleases

/// What `aurora.yaml` says about one target, field by field.
struct TargetFields: FieldSection {
    var name: TargetName?
    var path: String?
    var kind: TargetKind = .link
    var domain: Domain = .core
    /// nil is the usual one of the domain.
    var safety: SafetyClass?
    var apply: [String] = []
    var health: [String] = []
    var applyTimeoutSeconds: Int64 = 30
    var healthTimeoutSeconds: Int64 = 30
    /// The user and group of `apply` and `health`, named wherever there is `apply`; nil is an unprivileged user.
    var runAs: RunAsFields?
    var keep: Int64 = 5
    /// Which hardware a release file must name; empty takes any.
    var hardwareIDs: [String] = []
    /// What this target changes of its domain's policy.
    var policy: PolicySettings?

    static let fields: [Field<TargetFields>] = [
        .text(
            "name", "a target name (\(TargetNameKind.rule))", fallback: "", "what the target is called everywhere",
            { TargetName($0) }, into: { $0.name = $1 }
        ).required(example: "gateway"),
        .text(
            "path", "an absolute path without . and ..", fallback: "",
            "where programs find the active tree; its folder must exist", cleanPath, into: { $0.path = $1 }
        ).required(example: "/srv/gateway/app"),
        .choice(
            "kind", fallback: "`\(TargetFields().kind.rawValue)`",
            "`link`: the path is a symbolic link; `directory`: it stays a real directory, exchanged in one step",
            into: { $0.kind = $1 }),
        .text(
            "domain", "a domain such as core", fallback: "`\(TargetFields().domain.name)`",
            "whose queue and policy hold; `core`, `automotive`, `maritime`, `aviation`, `satellite` ship with a policy",
            { Domain($0) }, into: { $0.domain = $1 }),
        .text(
            "safety", "routine or safety-critical", fallback: "`routine` in `core`, else `safety-critical`",
            "how much harm a wrong change can do; no policy goes below its floor",
            { SafetyClass(rawValue: $0) ?? ($0 == "safetyCritical" ? .safetyCritical : nil) },
            into: { $0.safety = $1 }),
        .list(
            "apply", of: "an argument; the first is an absolute path", fallback: "none",
            "runs after the switch, to tell programs about it", { $0 }, into: { $0.apply = $1 }),
        .list(
            "health", of: "an argument; the first is an absolute path", fallback: "none",
            "decides whether the switch stays: exit status 0 is good", { $0 }, into: { $0.health = $1 }),
        .integer(
            "apply_timeout_seconds", \.applyTimeoutSeconds, 1...86_400, "seconds", "how long `apply` may take"),
        .integer(
            "health_timeout_seconds", \.healthTimeoutSeconds, 1...86_400, "seconds", "how long `health` may take"),
        .optionalSection(
            "run_as", fallback: "64321 for `health`, or the hub's own user when that is not root",
            inner: RunAsFields.facts,
            "who `apply` and `health` run as; required with `apply`; a hub that is not root takes only its own user",
            into: { $0.runAs = $1 }),
        .integer("keep", \.keep, 2...1000, "generations", "how many activated states stay for the way back"),
        .list(
            "hardware_ids", of: "a hardware id", fallback: "any", "a release file must name one of them", { $0 },
            into: { $0.hardwareIDs = $1 }),
        .optionalSection(
            "policy", fallback: "nothing", inner: [],
            "what this target changes of its domain's policy; its fields are in [the policy](policy.md)",
            into: { $0.policy = $1 }),
    ]

    mutating func check(_ reader: FieldReader) {
        if !apply.isEmpty, !reader.isPresent("run_as") {
            reader.complain(
                "apply", "has no user: who it runs as must be written down",
                "add run_as: {uid: 64321, gid: 64321}, or {uid: 0, gid: 0} where only root can restart the service")
        }
        for (key, arguments) in [("apply", apply), ("health", health)] {
            guard let program = arguments.first, !program.hasPrefix("/") else { continue }
            reader.complain(
                key, "starts with \"\(program.printable(limit: 60))\", which is not an absolute path",
                "write the whole path of the program; there is no shell and no search path")
        }
    }

    private static func cleanPath(_ path: String) -> String? {
        guard path.hasPrefix("/"), path.utf8.count <= 4000, path.unicodeScalars.allSatisfy(\.isHarmlessInLine) else {
            return nil
        }
        let parts = path.split(separator: "/")
        guard !parts.isEmpty, !parts.contains("."), !parts.contains("..") else { return nil }
        return "/" + parts.joined(separator: "/")
    }
}

/// The user and group of a target's commands, as written.
struct RunAsFields: FieldSection {
    var uid: UInt32?
    var gid: UInt32?

    private static let ids: ClosedRange<Int64> = 0...Int64(UInt32.max - 1)

    static let fields: [Field<RunAsFields>] = [
        .integer("uid", \.uid, ids, "id", fallback: "", "the user; 0 is root, and only because it is written here")
            .required(example: "64321"),
        .integer("gid", \.gid, ids, "id", fallback: "", "the group").required(example: "64321"),
    ]

    /// Both of them, or nil when one is missing, which has been complained about.
    var runAs: RunAs? {
        guard let uid, let gid else { return nil }
        return RunAs(uid: uid, gid: gid)
    }
}

// MARK: The list

extension Field<HubConfiguration> {
    /// `targets` is a list of mappings that must not collide.
    static let targets = Field(
        facts: FieldFacts(
            name: "targets", type: "list", range: "each a mapping", fallback: "none",
            meaning: "the directory trees the hub looks after", inner: TargetFields.facts)
    ) { reader, settings in
        for entry in reader.mappings("targets") {
            guard let target = HubConfiguration.Target(TargetFields.read(entry)) else { continue }
            complain(about: target, beside: settings.targets, entry)
            settings.targets.append(target)
        }
    }

    private static func complain(
        about target: HubConfiguration.Target, beside others: [HubConfiguration.Target], _ entry: FieldReader
    ) {
        if others.contains(where: { $0.description.name == target.description.name }) {
            entry.complain("name", "\"\(target.description.name)\" is used twice", "give each target its own name")
        }
        if let other = others.first(where: { overlaps($0.description.path, target.description.path) }) {
            entry.complain(
                "path", "overlaps the path of target \(other.description.name)",
                "give each target a folder of its own, neither inside the other")
        }
    }

    private static func overlaps(_ left: String, _ right: String) -> Bool {
        left == right || left.hasPrefix(right + "/") || right.hasPrefix(left + "/")
    }
}

extension HubConfiguration.Target {
    /// The target, unless a field it cannot be without is missing or wrong.
    init?(_ fields: TargetFields) {
        guard let name = fields.name, let path = fields.path else { return nil }
        description = TargetDescription(
            name: name, path: path, kind: fields.kind, domain: fields.domain,
            safetyClass: fields.safety ?? fields.domain.defaultSafetyClass)
        self.fields = fields
    }
}
