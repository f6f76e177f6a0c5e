package import AuroraFields
import AuroraModel
import AuroraRuntime
import AuroraSystem
import AuroraTrust
import AuroraYAML

// The tables of `device.yaml`: each field once, as it is read and as the documentation tells it.

extension DeviceConfiguration: FieldSection {
    /// Every field of `device.yaml`.
    package static let fields: [Field<DeviceConfiguration>] = [
        .text(
            "version", format, fallback: "", "the format of the file", { $0 == format ? format : nil },
            into: { _, _ in }
        ).required(example: format),
        .text(
            "name", "a name (\(TargetNameKind.rule))", fallback: "`device`", "what approvals name as their target",
            { TargetName($0) }, into: { $0.name = $1 }),
        .sections(
            "operators", of: OperatorFields.self, maximum: 100, "whose signed approvals count here",
            into: { settings, fields, _ in
                if let name = fields.name { settings.operators.append(Operator(name: name, keys: fields.keys)) }
            }),
        .section("policy", \.policy, "what is accepted although it is weaker than it could be"),
        .section("signing", \.signing, "which signatures on packs count"),
        variables, lent,
        .section("identities", \.identityFields, "the users and groups of packs, one number for each pack"),
        .section("resources", \.resources, "the most any pack may be given"),
        .section("store", \.store, "how much is kept"),
        .section("maintenance", \.maintenance, "what the core does by itself, and when"),
        .section("snapshots", \.snapshots, "how many copies of packs' data are kept"),
    ]

    private static let variables = Field<DeviceConfiguration>(
        facts: FieldFacts(
            name: "environment", type: "mapping", range: "names to values", fallback: "none",
            meaning: "variables that packs may ask for in `env.required`")
    ) { reader, settings in
        for (key, value) in reader.texts("environment") {
            if let name = EnvironmentName(key) {
                settings.environment[name] = value
            } else {
                reader.complain(
                    "environment", "\"\(key.printable(limit: 60))\" cannot be set", EnvironmentNameKind.rule)
            }
        }
    }

    private static let lent = Field<DeviceConfiguration>(
        facts: FieldFacts(
            name: "mounts", type: "mapping", range: "names to absolute paths", fallback: "none",
            meaning: "folders lent to packs that ask for the name in `permissions`")
    ) { reader, settings in
        for (key, value) in reader.texts("mounts") {
            if let name = MountName(key), value.hasPrefix("/") {
                settings.mounts[name] = value
            } else {
                reader.complain(
                    "mounts", "\"\(key.printable(limit: 60))\" is no name of an absolute path", MountNameKind.rule)
            }
        }
    }

    /// Reads `device.yaml` of a device; without the file everything is at its default, which denies.
    ///
    /// - Throws: `DocumentError` with every problem, each with line, column, field and remedy.
    package static func load(_ places: DevicePlaces) throws -> DeviceConfiguration {
        guard try FileStatus.ifExists(places.configuration) != nil else { return DeviceConfiguration() }
        return try parse(DurableFile.read(places.configuration, limit: 1 << 20), file: places.configuration)
    }

    /// Reads the bytes of a configuration, as ``load(_:)`` does.
    package static func parse(_ bytes: [UInt8], file: String) throws(DocumentError) -> DeviceConfiguration {
        let report = FieldReport(file: file)
        let root = try TextFormat.yaml.parse(bytes, file: file)
        let configuration = DeviceConfiguration.read(FieldReader(root, path: "", report: report))
        try report.finish()
        return configuration
    }
}

extension FieldReader {
    /// The entries of a mapping whose names are data and whose values are texts.
    fileprivate func texts(_ key: String) -> [(String, String)] {
        guard let value = field(key) else { return [] }
        guard let entries = value.mapping else {
            complain(key, "must be a mapping, not \(value.kindName)", "write \"name: value\" lines below it")
            return []
        }
        return entries.compactMap { entry in
            if let text = entry.value.scalar { return (entry.key, text) }
            complain(
                key, "\(entry.key.printable(limit: 60)) must be text, not \(entry.value.kindName)", "write one value")
            return nil
        }
    }
}

/// One entry of `operators`.
struct OperatorFields: FieldSection {
    var name: UserName?
    var keys: [OperatorPublicKey] = []

    static let fields: [Field<OperatorFields>] = [
        .text(
            "name", "a name (\(UserNameKind.rule))", fallback: "", "who signs", { UserName($0) },
            into: { $0.name = $1 }
        ).required(example: "ada"),
        .list(
            "keys", of: "a line printed by `aurora key export-public`", fallback: "none", "the operator's public keys",
            { try? OperatorPublicKey($0) }, into: { $0.keys = $1 }),
    ]
}

extension DeviceConfiguration.PolicyWords: FieldSection {
    /// Every field of the mapping.
    package static let fields: [Field<Self>] = [
        .choice("console", \.console, "an approval typed at the device's own terminal"),
        .choice("unsealed", \.unsealed, "a folder whose manifest names artifacts without a digest"),
        .choice("unsigned", \.unsigned, "a pack nobody signed"),
        .choice(
            "unattended", \.unattended,
            "a change without any approval, when all its packs say `operator_approval_required: false` and none asks for more"
        ),
    ]
}

extension DeviceConfiguration.Signing: FieldSection {
    /// Every field of the mapping.
    package static let fields: [Field<Self>] = [
        .list(
            "keyring", of: "an absolute path", fallback: "none", "files with public keys, armoured or binary",
            { $0.hasPrefix("/") ? $0 : nil }, into: { $0.keyring = $1 }),
        .list(
            "fingerprints", of: "40 hexadecimal digits", fallback: "none", "the keys among them that may sign packs",
            { $0.utf8.count == 40 && $0.allSatisfy(\.isHexDigit) ? $0.uppercased() : nil },
            into: { $0.fingerprints = $1 }),
    ]
}

extension DeviceConfiguration.IdentityFields: FieldSection {
    /// Every field of the mapping.
    package static let fields: [Field<Self>] = [
        .integer("first", \.first, 65_536...4_294_967_293, "id", "the lowest number"),
        .integer("count", \.count, 1...1_000_000_000, "", "how many"),
    ]

    /// Complains about a range that no user id is in.
    package mutating func check(_ reader: FieldReader) {
        if range == nil { reader.complain("count", "reaches beyond the last user id", "lower first or count") }
    }
}

extension DeviceConfiguration.Resources: FieldSection {
    /// Every field of the mapping.
    package static let fields: [Field<Self>] = [
        .integer(
            "memory_mb", \.memoryMB, 8...1_048_576, "MiB", fallback: "what the pack asks for", "memory of one pack"),
        .integer(
            "processes", \.processes, 4...1_000_000, "", fallback: "what the pack asks for", "processes of one pack"),
        .integer(
            "storage_mb", \.storageMB, 1...1_073_741_824, "MiB", fallback: "what the pack asks for",
            "`data` and `logs` of one pack together"),
        .integer(
            "storage_files", \.storageFiles, 1...10_000_000, "", fallback: "what the pack asks for",
            "files and folders in them"),
    ]
}

extension DeviceConfiguration.Store: FieldSection {
    /// Every field of the mapping.
    package static let fields: [Field<Self>] = [
        .integer("keep", \.keep, 1...1000, "", "how many generations stay beside those that are needed"),
        .integer(
            "bytes", \.bytes, 0...(1 << 60), "bytes", fallback: "no limit",
            "above it older generations go although `keep` would spare them"),
    ]
}

extension MaintenancePlan: FieldSection {
    /// Every field of the mapping.
    package static let fields: [Field<Self>] = [
        calendar(
            "verify", \.verify, fallback: "`every 24h`",
            "when every byte of the active packs is compared with what was verified"),
        calendar("collect", \.collect, fallback: "`every 168h`", "when everything that nothing needs is removed"),
        .text(
            "time_zone", "a name of the IANA database", fallback: "`UTC`", "the zone of both",
            { (try? Zone.named($0))?.name }, into: { $0.zone = $1 }),
        .integer(
            "spread_minutes", \.spreadMinutes, 0...1440, "minutes",
            "devices do it up to so much later, each always by the same"),
    ]

    private static func calendar(
        _ name: String, _ path: any WritableKeyPath<Self, Calendar> & Sendable, fallback: String, _ meaning: String
    ) -> Field<Self> {
        let facts = FieldFacts(
            name: name, type: "text", range: Calendar.expected, fallback: fallback, meaning: meaning,
            shape: .text(TextRule()))
        return Field(facts: facts) { reader, plan in
            guard let text = reader.string(name) else { return }
            do throws(Mistake) {
                plan[keyPath: path] = try Calendar(text)
            } catch {
                reader.complain(name, error.problem, error.remedy)
            }
        }
    }
}

extension DeviceConfiguration.Snapshots: FieldSection {
    /// Every field of the mapping.
    package static let fields: [Field<Self>] = [
        .integer(
            "keep", \.keep, 0...1000, "", "how many copies of every pack's data stay beside those that a rollback needs"
        ),
        .integer(
            "bytes", \.bytes, 0...(1 << 60), "bytes", fallback: "no limit",
            "above it the oldest copies go although `keep` would spare them, but none that a rollback needs"),
    ]
}
