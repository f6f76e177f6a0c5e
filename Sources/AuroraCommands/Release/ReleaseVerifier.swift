import AuroraModel
import AuroraSystem
import AuroraTrust

/// `aurora release verify`: the hub's judgement of a signature, here and offline.
struct ReleaseVerifier {
    let invocation: Invocation

    /// Judges the release file's signature where there is one, else the artifact's own.
    func verify() throws -> ExitCode {
        let artifact = invocation.argument("file")
        let verdict = try withKeyring { verifier in
            let release = artifact + ".release.json"
            guard LocalFile.exists(release + ".asc") else { return try judgeArtifact(artifact, verifier) }
            return try judgeRelease(release, of: artifact, verifier)
        }
        guard verdict.isGood else {
            throw CommandError(
                "\(artifact): \(verdict.state.rawValue)", cause: verdict.explanation,
                code: verdict.reason.isEmpty ? "signature_bad" : verdict.reason, exit: .verificationFailed)
        }
        invocation.console.show("Verdict", verdict.json) {
            "\(artifact): good, covers the \(verdict.covers.rawValue), key \(verdict.fingerprint ?? "unknown")"
        }
        return .success
    }

    private func judgeArtifact(_ artifact: String, _ verifier: OpenPGPVerifier) throws -> SignatureVerdict {
        guard LocalFile.exists(artifact + ".asc") else { return .unsigned }
        return try judge(artifact, verifier)
    }

    /// Judges the signature beside a file over that file.
    private func judge(_ path: String, _ verifier: OpenPGPVerifier) throws -> SignatureVerdict {
        let signature = try LocalFile.read(path + ".asc", what: "signature", limit: 1 << 20)
        let file: Descriptor
        do {
            file = try Descriptor.open(path, .readOnly)
        } catch {
            throw LocalFile.failure("cannot read \(path)", error)
        }
        return try verifier.verify(signature: signature, artifactDescriptor: file.rawValue)
    }

    private func judgeRelease(
        _ release: String, of artifact: String, _ verifier: OpenPGPVerifier
    ) throws -> SignatureVerdict {
        let bytes = try LocalFile.read(release, what: "release file", limit: 65536)
        let facts = try ReleaseFile(bytes: bytes)
        guard try ArtifactFile.measure(artifact).digest == facts.artifact else {
            throw CommandError(
                "\(release) speaks about other bytes than \(artifact)", remedy: "build the release again",
                code: "release_file_mismatch", exit: .verificationFailed)
        }
        return try judge(release, verifier).covering(.release)
    }

    /// A keyring made for this one judgement from the files of the line.
    private func withKeyring(_ judge: (OpenPGPVerifier) throws -> SignatureVerdict) throws -> SignatureVerdict {
        let files = invocation.line.values("keyring")
        guard !files.isEmpty else {
            throw CommandError.usage("whose signatures count?", remedy: "add --keyring FILE with the trusted keys")
        }
        let wanted = invocation.line.values("fingerprint")
        return try TemporaryFolder.with { folder in
            let path = folder + "/keyring.gpg"
            let keyring = try ReleaseKeyring.build(
                at: path, from: try files.map { ($0, try LocalFile.read($0, what: "keyring", limit: 4 << 20)) })
            return try judge(
                OpenPGPVerifier(
                    keyring: path, allowedFingerprints: Set(wanted.isEmpty ? keyring.fingerprints : wanted)))
        }
    }
}
