import AuroraModel
import AuroraSystem
import AuroraTrust

extension SignatureJudge {
    /// Judges a staged release by the keys of now, over the sidecars its verdict was made from.
    ///
    /// The rule is that of staging: every signature must hold, and one must cover what the verdict says. The sidecars are
    /// found by their digests, because labels may name other bytes by now.
    ///
    /// - Throws: `Refusal`: `no_release_keys`, `signature_bad`.
    func judgeAgain(_ release: StagedRelease, _ blob: borrowing Blob) throws {
        guard release.verdict.isGood else { return }
        let name = release.fileName ?? release.artifact.hex
        guard let verifier else { throw StageRefusals.noKeyring(name) }
        let evidence = try Evidence(of: release, in: blobs)
        var isCovered = false
        for signature in evidence.signatures {
            let facts = try evidence.releaseFile.flatMap { try verify(signature, over: $0, with: verifier) }
            if facts?.isGood == true {
                isCovered = true
                continue
            }
            let artifact = try verifier.verify(signature: signature, artifactDescriptor: blob.descriptor.rawValue)
            if artifact.isGood {
                isCovered = isCovered || evidence.releaseFile == nil
                continue
            }
            // A good key's signature over other bytes only: of a release file that never came. It was no reason to stop
            // when this was staged, and covers nothing.
            let refused = [facts, artifact].compactMap { $0 }
                .first { $0.reason != OpenPGPVerifier.Reason.badSignature.rawValue }
            if let refused { throw StageRefusals.signatureBad(name, refused) }
        }
        guard isCovered else { throw StageRefusals.signatureBad(name, .evidenceGone) }
    }

    private func verify(
        _ signature: [UInt8], over digest: Digest, with verifier: OpenPGPVerifier
    ) throws -> SignatureVerdict? {
        guard let file = try blobs.open(digest) else { return nil }
        return try verifier.verify(signature: signature, artifactDescriptor: file.descriptor.rawValue)
    }
}

/// The stored sidecars of a release, told apart by what is in them.
private struct Evidence {
    /// The release file the verdict covers; nil when it covers the bare artifact.
    private(set) var releaseFile: Digest?
    private(set) var signatures: [[UInt8]] = []

    init(of release: StagedRelease, in blobs: BlobStore) throws {
        for digest in release.evidence.compactMap({ Digest(hex: $0) }) {
            guard let bytes = try blobs.read(digest, limit: Sidecars.maximumBytes) else { continue }
            if let file = try? ReleaseFile(bytes: bytes) {
                if release.verdict.covers == .release, file.artifact == release.artifact { releaseFile = digest }
            } else if ChecksumFile(bytes) == nil {
                signatures.append(bytes)
            }
        }
        // Without its release file, a release that rests on one is covered by nothing.
        if release.verdict.covers == .release, releaseFile == nil { signatures = [] }
    }
}

extension SignatureVerdict {
    /// Nothing that is still stored covers what the verdict of staging says.
    fileprivate static let evidenceGone = SignatureVerdict(
        state: .bad, reason: OpenPGPVerifier.Reason.noData.rawValue,
        explanation: "No stored signature covers the release any more.")
}
