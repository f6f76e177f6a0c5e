package import AuroraFields
package import AuroraModel
import AuroraYAML

// The lists of mappings in a manifest.

/// One entry of `dependencies`, as far as it could be read.
struct DependencyFields: FieldSection {
    var id: PackID?
    var range: VersionRange?

    static let fields: [Field<DependencyFields>] = [
        .text(
            "pack_id", "a pack id (\(PackIDKind.rule))", rule: ManifestText.id, fallback: "",
            "the pack that must be active too", { PackID($0) }, into: { $0.id = $1 }
        ).required(example: "other_pack"),
        Field(
            facts: FieldFacts(
                name: "version_constraint", type: "text", range: ManifestText.aRange, meaning: "which versions of it",
                shape: .text(ManifestText.range))
        ) { reader, section in section.range = reader.versionRange("version_constraint") }
        .required(example: "\">=1.0.0\""),
    ]
}

extension FieldReader {
    /// A version range; what is wrong with it is shown at its own place in the line.
    fileprivate func versionRange(_ key: String) -> VersionRange? {
        guard let node = field(key), let text = text(of: node, at: path(of: key), rule: ManifestText.range) else {
            return nil
        }
        do { return try VersionRange(text) } catch {
            // A text without escapes is as long as its spelling, but for its quotes.
            let quotes = node.span.count - text.unicodeScalars.count
            let shift = quotes == 0 || quotes == 2 ? error.column - 1 + quotes / 2 : 0
            report.add(
                YAMLPosition(line: node.position.line, column: node.position.column + shift), path(of: key),
                "\(error.token.isEmpty ? "" : "\"\(error.token)\" ")\(error.problem)", error.remedy)
            return nil
        }
    }
}

extension Field<PackFields> {
    /// `dependencies`: other packs, each once.
    static let dependencies = Field.sections(
        "dependencies", of: DependencyFields.self, maximum: 256,
        "other packs that must be active with this one, and are started before it"
    ) { pack, entry, _ in
        guard let id = entry.id, let range = entry.range else { return }
        pack.dependencies.append(PackManifest.Dependency(id: id, range: range))
    }.withoutTwins { $0.dependencies.map(\.id.text) }
}

/// One entry of `artifacts`, as far as it could be read.
struct ArtifactFields: FieldSection {
    var path: PackPath?
    var digest: Digest??

    static let fields: [Field<ArtifactFields>] = [
        .path("path", fallback: "", "a regular file of the pack") { $0.path = $1 }.required(example: "core/main.py"),
        .text(
            "sha256", "64 hexadecimal digits, or empty", rule: ManifestText.digest, fallback: "",
            "its SHA-256; empty until `aurora pack seal` writes it", ManifestText.digest, into: { $0.digest = $1 }
        ).required(example: "\"\""),
    ]
}

extension Field {
    /// `artifacts`, of the pack and of variants: files, each once.
    static func artifacts(_ meaning: String, _ path: Path<[PackManifest.Artifact]>) -> Self {
        Field.sections("artifacts", of: ArtifactFields.self, maximum: 10_000, meaning) { section, entry, _ in
            guard let file = entry.path, let digest = entry.digest else { return }
            section[keyPath: path].append(PackManifest.Artifact(path: file, digest: digest))
        }.withoutTwins { $0[keyPath: path].map(\.path.text) }
    }
}

/// One entry of `autoscan.variants`, as far as it could be read.
struct VariantFields: FieldSection {
    var name: String?
    var variant = PackManifest.Variant(name: "", condition: PackManifest.Condition())

    static let fields: [Field<VariantFields>] = [
        .text(
            "name", "a name (\(PackIDKind.rule))", rule: ManifestText.id, fallback: "", "what plans call the variant",
            { PackIDKind.isValid($0) ? $0 : nil }, into: { $0.name = $1 }
        ).required(example: "jetson"),
        .section("when", \.variant.condition, "which devices it is for; every list that is there must fit")
            .required(example: "{board: [\"jetson*\"]}"),
        .section("entrypoint", \.variant.entrypoint, "programs that take the place of the pack's own"),
        .artifacts("beside the pack's own; must be there only where this variant is taken", \.variant.artifacts),
        .section("env", \.environment, "beside what the pack itself requires"),
    ]

    private var environment: EnvironmentFields {
        get {
            var fields = EnvironmentFields()
            fields.required = variant.requiredEnvironment
            return fields
        }
        set { variant.requiredEnvironment = newValue.required }
    }

    mutating func check(_ reader: FieldReader) { variant.name = name ?? "" }
}

extension PackManifest.Condition: FieldSection {
    /// Lists of words, each of which may fit.
    package static let fields: [Field<PackManifest.Condition>] = [
        .traits("platform", "the operating system, such as `linux`", \.platforms),
        .traits("machine", "the processor as `uname -m` says it, such as `aarch64`", \.machines),
        .traits("board", "the board, such as `raspberry-pi-4` or `jetson*`", \.boards),
        .traits("gpu", "one of the graphics processors, such as `nvidia`", \.gpus),
    ]
}

extension Field<PackManifest.Condition> {
    fileprivate static func traits(_ name: String, _ meaning: String, _ path: Path<[TraitPattern]>) -> Self {
        .list(
            name, of: "a word (\(TraitPattern.rule))", rule: ManifestText.trait, maximum: 64, fallback: "any", meaning,
            { TraitPattern($0) }, into: { $0[keyPath: path] = $1 })
    }
}
