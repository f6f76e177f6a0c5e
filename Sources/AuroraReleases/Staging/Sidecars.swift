import AuroraDatabase
import AuroraModel

/// The files beside an artifact that say something about it, found by their names under one account.
///
/// They arrive as uploads of their own, in any order, and pair by name: `app.tar.gz` and `app.tar.gz.asc`.
struct Sidecars: Hashable, Sendable {
    /// The artifact's name, whose suffixes were looked for.
    let name: String
    /// The checksum file (`.sha256`).
    var checksum: ArtifactLabel?
    /// Detached signatures over the artifact (`.asc`, `.sig`).
    var signatures: [ArtifactLabel] = []
    /// The release file (`.release.json`).
    var releaseFile: Digest?
    /// Detached signatures over the release file (`.release.json.asc`, `.release.json.sig`).
    var releaseSignatures: [ArtifactLabel] = []

    var hasSignature: Bool { !signatures.isEmpty || (releaseFile != nil && !releaseSignatures.isEmpty) }

    /// The largest sidecar that is read, in bytes.
    static let maximumBytes = 1 << 20

    static let signatureSuffixes = [".asc", ".sig"]
    static let releaseSuffix = ".release.json"

    /// Looks the sidecars of `label` up among the labels of the same account.
    init(of label: ArtifactLabel, in transaction: Transaction) throws {
        name = label.name
        func find(_ suffix: String) throws -> ArtifactLabel? {
            try ArtifactStore.label(label.name + suffix, of: label.account, in: transaction).map {
                ArtifactLabel(account: label.account, name: label.name + suffix, digest: $0)
            }
        }
        checksum = try find(".sha256")
        releaseFile = try find(Self.releaseSuffix)?.digest
        signatures = try Self.signatureSuffixes.compactMap(find)
        releaseSignatures = try Self.signatureSuffixes.compactMap { try find(Self.releaseSuffix + $0) }
    }

    /// An artifact nobody gave a name has no sidecars.
    init(nameless artifact: Digest) {
        name = artifact.hex
    }

    /// The digests of everything found, to know whether anything new came since the last stage.
    var evidence: [String] {
        ([checksum?.digest, releaseFile].compactMap { $0 } + signatures.map(\.digest) + releaseSignatures.map(\.digest))
            .map(\.hex).sorted()
    }
}
