package import AuroraFields
package import AuroraModel

// The tables of a manifest: each field once, as it is read, as docs/reference/manifest.md tells it and as the JSON
// Schema says it. What has a default is read into the value itself, the rest into a draft that may lack something.

/// The document: its format and the pack.
struct ManifestFields: FieldSection {
    var pack = PackFields()

    static let fields: [Field<ManifestFields>] = [
        .text(
            "schema_version", PackManifest.schema,
            rule: TextRule(maximumBytes: 64, pattern: "^\(PackManifest.schema)$"), fallback: "",
            "the format of the file", { $0 == PackManifest.schema ? $0 : nil }, into: { _, _ in }
        ).required(example: "\"\(PackManifest.schema)\""),
        .section("pack", \.pack, "what the pack is and what it asks for").required(example: "{id: my_pack, …}"),
    ]
}

/// The pack, as far as it could be read.
struct PackFields: FieldSection {
    var id: PackID?
    var name: String?
    var version: SemanticVersion?
    var description = ""
    var entrypoint = EntrypointFields()
    var dependencies: [PackManifest.Dependency] = []
    var artifacts: [PackManifest.Artifact] = []
    var environment = EnvironmentFields()
    var autoscan = PackManifest.Autoscan()
    var safety = PackManifest.Safety()
    var data = PackManifest.DataPolicy()
    var hooks = PackManifest.Hooks()
    var resources = PackManifest.Resources()
    var permissions = PackManifest.Permissions()
    var service = PackManifest.Service()

    static let fields: [Field<PackFields>] = [
        .text(
            "id", "a pack id (\(PackIDKind.rule))", rule: ManifestText.id, fallback: "",
            "what the pack is called everywhere; a device has at most one pack of an id", { PackID($0) },
            into: { $0.id = $1 }
        ).required(example: "my_pack"),
        .text(
            "name", "one line of text", rule: ManifestText.name, fallback: "", "for people", ManifestText.line,
            into: { $0.name = $1 }
        ).required(example: "\"My pack\""),
        .text(
            "version", ManifestText.aVersion, rule: ManifestText.version, fallback: "",
            "which version of the pack this is; two contents never have the same", { SemanticVersion($0) },
            into: { $0.version = $1 }
        ).required(example: "\"1.0.0\""),
        .text(
            "description", "text without control characters", rule: ManifestText.description, fallback: "empty",
            "for people; may have several lines", ManifestText.lines, into: { $0.description = $1 }),
        .section("entrypoint", \.entrypoint, "the four programs of the pack")
            .required(example: "{install: install.sh, start: start.sh, stop: stop.sh, health: health_check.sh}"),
        .dependencies,
        .artifacts("what of the pack's content is fixed by the manifest", \.artifacts),
        .section("env", \.environment, "the environment the pack runs in"),
        .section("autoscan", \.autoscan, "how the pack is read on a device"),
        .section("safety", \.safety, "what must hold before the pack changes a device"),
        .section("data", \.data, "how the pack's data follows its versions"),
        .section("hooks", \.hooks, "programs of the pack that run during a change, in the sandbox"),
        .section("resources", \.resources, "the most that everything of the pack may use together"),
        .section("permissions", \.permissions, "what the pack may reach beside its own code, data and logs"),
        .section("service", \.service, "how what `start` leaves running is kept running"),
    ]

    mutating func check(_ reader: FieldReader) {
        checkNames(reader)
        let own = Set(artifacts.map(\.path))
        for (index, variant) in autoscan.variants.enumerated() {
            for artifact in variant.artifacts where own.contains(artifact.path) {
                reader.complain(
                    "autoscan", "variants[\(index)].artifacts names \"\(artifact.path)\", which the pack names itself",
                    "name it once, in artifacts")
            }
        }
    }

    private func checkNames(_ reader: FieldReader) {
        guard let id, let place = dependencies.firstIndex(where: { $0.id == id }) else { return }
        reader.complain(
            "dependencies", "entry \(place) is the pack itself, and no pack can be there before itself",
            "remove the entry")
    }

    /// The pack, unless something it cannot be without is missing or wrong.
    var manifest: PackManifest? {
        guard let id, let name, let version, let entrypoint = entrypoint.complete else { return nil }
        var manifest = PackManifest(
            id: id, name: name, version: version, entrypoint: entrypoint, description: description,
            dependencies: dependencies, artifacts: artifacts)
        manifest.requiredEnvironment = environment.required
        manifest.autoscan = autoscan
        manifest.safety = safety
        manifest.data = data
        manifest.hooks = hooks
        manifest.resources = resources
        manifest.permissions = permissions
        manifest.service = service
        return manifest
    }
}

/// The four entrypoints, as far as they could be read.
struct EntrypointFields: FieldSection {
    var paths = PackManifest.PartialEntrypoint()

    static let fields: [Field<EntrypointFields>] = PackManifest.PartialEntrypoint.table.map { entry in
        Field.path(entry.name, fallback: "", entry.meaning) { $0.paths[keyPath: entry.path] = $1 }
            .required(example: entry.example)
    }

    var complete: PackManifest.Entrypoint? {
        guard let install = paths.install, let start = paths.start, let stop = paths.stop, let health = paths.health
        else { return nil }
        return PackManifest.Entrypoint(install: install, start: start, stop: stop, health: health)
    }
}

extension PackManifest.PartialEntrypoint: FieldSection {
    /// One of the four and what is said about it.
    struct Entry: Sendable {
        let name: String
        let path: any WritableKeyPath<PackManifest.PartialEntrypoint, PackPath?> & Sendable
        let example: String
        let meaning: String
    }

    static let table: [Entry] = [
        Entry(
            name: "install", path: \.install, example: "install.sh",
            meaning: "called with `--dry-run` or `--install`; exit status 2 is failed tests, 3 an unknown mode"),
        Entry(
            name: "start", path: \.start, example: "start.sh",
            meaning: "starts the service; what it leaves running in its sandbox is the service"),
        Entry(name: "stop", path: \.stop, example: "stop.sh", meaning: "stops the service"),
        Entry(
            name: "health", path: \.health, example: "health_check.sh",
            meaning: "exit status 0 says that the service is well"),
    ]

    /// The entrypoints of a variant: none must be there.
    package static let fields: [Field<PackManifest.PartialEntrypoint>] = table.map { entry in
        .path(entry.name, fallback: "the pack's own", entry.meaning) { $0[keyPath: entry.path] = $1 }
    }
}

/// `env`.
struct EnvironmentFields: FieldSection {
    var required: [EnvironmentName] = []

    static let fields: [Field<EnvironmentFields>] = [
        .variables(
            "variables that must be set where the pack runs, and are passed on to it; without one it does not start",
            \.required)
    ]
}

// MARK: Fields that stand in several tables

extension Field {
    /// A file of the pack.
    static func path(_ name: String, fallback: String, _ meaning: String, into set: @escaping Slot<PackPath>) -> Self {
        .text(
            name, ManifestText.codePath, rule: ManifestText.path, fallback: fallback, meaning, ManifestText.code,
            into: set)
    }

    /// Names of environment variables, each once.
    static func variables(_ meaning: String, _ path: Path<[EnvironmentName]>) -> Self {
        Field.list(
            "required", of: "a name (\(EnvironmentNameKind.rule))", rule: ManifestText.variable, maximum: 256,
            fallback: "none", meaning, { EnvironmentName($0) }, into: { $0[keyPath: path] = $1 }
        ).withoutTwins { $0[keyPath: path].map(\.text) }
    }

    /// The same list, in which nothing may stand twice.
    func withoutTwins(_ names: @escaping @Sendable (Section) -> [String]) -> Self {
        Field(facts: facts) { [facts, read] reader, section in
            read(reader, &section)
            var seen: Set<[UInt8]> = []
            for (index, name) in names(section).enumerated() where !seen.insert(Array(name.utf8)).inserted {
                reader.complain(
                    facts.name, "names \"\(name.printable(limit: 60))\" twice, again as entry \(index)",
                    "name each once")
            }
        }
    }
}
