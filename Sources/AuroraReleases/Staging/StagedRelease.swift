package import AuroraModel

/// A verified and unpacked artifact: what can be promoted.
///
/// It is never active by being staged.
package struct StagedRelease: Hashable, Sendable {
    package let artifact: Digest
    /// The digest of the tree it unpacks to (docs/formats/tree.md).
    package let tree: Digest
    /// Facts of a signed release file; nil and empty when the signature covers the bare artifact.
    package let name: ReleaseName?
    package let version: SemanticVersion?
    package let hardwareIDs: [String]
    package let verdict: SignatureVerdict
    /// Files, directories and symlinks in the tree.
    package let entries: Int64
    /// Bytes of its files.
    package let bytes: Int64
    /// The label it was staged under; nil for an artifact without one.
    package let fileName: String?
    package let stagedBy: String
    package let staged: Timestamp
    /// The digests of the sidecars the verdict rests on, sorted.
    let evidence: [String]

    /// Whether downgrades can be detected: only signed facts name a version.
    package var hasSignedFacts: Bool { verdict.covers == .release && version != nil }
}

/// An artifact as a client names it.
package enum ArtifactName: Hashable, Sendable {
    case digest(Digest)
    /// A file name: the asking account's last upload of that name, else the only account's.
    case label(String)

    /// 64 hexadecimal digits are a digest, everything else is a label.
    package init(_ text: String) {
        self = Digest(hex: text).map(ArtifactName.digest) ?? .label(text)
    }
}

/// Where a stage is; handed to whoever shows progress.
package enum StageProgress: String, Sendable, CaseIterable {
    case hashing, verifying, unpacking, sealing, publishing
}
