import AuroraModel
import AuroraSystem
import AuroraTrust

/// What the signatures beside an artifact say about it.
struct Judgement: Sendable {
    let verdict: SignatureVerdict
    /// The signed facts; nil when the signature covers the bare artifact.
    let releaseFile: ReleaseFile?
    let sidecars: Sidecars
}

/// Decides whether an artifact is signed well enough to be staged.
///
/// A signature may cover the artifact, or a release file that names the artifact's SHA-256. Every signature that is
/// there must hold: a bad one beside a good one is a reason to stop, not a choice. A release file without a signature
/// of its own says nothing and is ignored.
struct SignatureJudge: Sendable {
    let verifier: OpenPGPVerifier?
    let blobs: BlobStore
    /// `--dev` only: an artifact without signatures passes with the verdict unsigned.
    let allowsUnsigned: Bool

    /// Judges the artifact behind `blob` by one set of sidecars.
    ///
    /// - Throws: `Refusal`: `checksum_mismatch`, `unsigned`, `no_release_keys`, `signature_bad`,
    ///   `release_file_mismatch`.
    func judge(_ blob: borrowing Blob, _ sidecars: Sidecars) throws -> Judgement {
        try checkChecksum(blob.digest, sidecars)
        guard sidecars.hasSignature else {
            guard allowsUnsigned else { throw StageRefusals.unsigned(sidecars.name) }
            return Judgement(verdict: .unsigned, releaseFile: nil, sidecars: sidecars)
        }
        guard let verifier else { throw StageRefusals.noKeyring(sidecars.name) }
        var overArtifact: SignatureVerdict?
        for signature in sidecars.signatures {
            let bytes = try read(signature)
            overArtifact = try require(
                verifier.verify(signature: bytes, artifactDescriptor: blob.descriptor.rawValue), signature, .artifact)
        }
        var signedFacts: (verdict: SignatureVerdict, file: ReleaseFile)?
        for signature in sidecars.releaseSignatures {
            signedFacts = try judgeReleaseFile(sidecars, signature, artifact: (blob.digest, blob.size), with: verifier)
        }
        if let (verdict, file) = signedFacts {
            return Judgement(verdict: verdict, releaseFile: file, sidecars: sidecars)
        }
        guard let overArtifact else { throw StageRefusals.unsigned(sidecars.name) }
        return Judgement(verdict: overArtifact, releaseFile: nil, sidecars: sidecars)
    }

    private func judgeReleaseFile(
        _ sidecars: Sidecars, _ signature: ArtifactLabel, artifact: (digest: Digest, size: Int64),
        with verifier: OpenPGPVerifier
    ) throws -> (SignatureVerdict, ReleaseFile)? {
        guard let digest = sidecars.releaseFile else { return nil }
        let name = sidecars.name + Sidecars.releaseSuffix
        guard let file = try blobs.open(digest), file.size <= Int64(Sidecars.maximumBytes) else {
            throw StageRefusals.releaseFile(name, "is missing or larger than \(Sidecars.maximumBytes) bytes")
        }
        let verdict = try require(
            verifier.verify(signature: try read(signature), artifactDescriptor: file.descriptor.rawValue), signature,
            .release)
        // Parsed are the bytes of the same descriptor, if they are still the ones the blob is named after.
        let bytes = try file.readAll()
        guard Digest(hashing: bytes) == digest else { throw BlobDamage.changed(digest) }
        let facts = try ReleaseFile(bytes: bytes)
        guard facts.artifact == artifact.digest, facts.size == artifact.size else {
            throw StageRefusals.releaseFile(
                name, "is about \(facts.artifact.hex) with \(facts.size) bytes, not \(artifact.digest.hex)")
        }
        return (verdict, facts)
    }

    private func require(
        _ verdict: SignatureVerdict, _ signature: ArtifactLabel, _ covers: SignatureVerdict.Coverage
    ) throws -> SignatureVerdict {
        guard verdict.isGood else { throw StageRefusals.signatureBad(signature.name, verdict) }
        return verdict.covering(covers)
    }

    private func checkChecksum(_ artifact: Digest, _ sidecars: Sidecars) throws {
        guard let checksum = sidecars.checksum else { return }
        let stated = ChecksumFile(try read(checksum))?.digest(for: sidecars.name)
        guard stated == artifact else {
            throw StageRefusals.checksum(sidecars.name, artifact: artifact, stated: stated)
        }
    }

    private func read(_ sidecar: ArtifactLabel) throws -> [UInt8] {
        guard let bytes = try blobs.read(sidecar.digest, limit: Sidecars.maximumBytes) else {
            throw Refusals.artifactUnknown(sidecar.name)
        }
        return bytes
    }
}
