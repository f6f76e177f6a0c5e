package import AuroraModel
import AuroraSandbox
package import AuroraSystem

/// Judges detached OpenPGP signatures by the status lines of `gpgv` over a pinned keyring.
///
/// The exit status alone is never a decision: `gpgv` exits 0 for expired and revoked keys. Accepted is exactly one
/// signature, good and valid, by an allowed primary key, with SHA-256 or stronger, over a binary document, dated inside
/// the window. Every other outcome is a verdict with a stable reason and a sentence that says what to do.
/// `gpgv` reads hostile bytes, so it runs through `aurora-launcher` with a user of its own, Landlock, an allow-list of
/// system calls and limits; it gets artifact, signature and a copy of the keyring as descriptors and may open no other
/// file but its libraries. Threading: a value; calls may run at once. The artifact is read through its own open file, never by name.
package struct OpenPGPVerifier: Sendable {
    /// Binary keyring with the release keys and no others.
    package let keyring: String
    /// Primary fingerprints that may sign, upper-case hexadecimal.
    package let allowedFingerprints: Set<String>
    /// Absolute path of `gpgv`.
    package let gpgv: String
    /// Signatures dated before this moment do not count; nil counts all.
    ///
    /// It is what stops somebody who found an old key that has expired since from back-dating a signature.
    package let signatureFloor: Timestamp?
    private let launcher: String?
    private let clock: WallClock

    /// How far a signature's date may lie ahead of our clock, in seconds.
    private static let clockTolerance: Int64 = 15 * 60
    /// SHA-256, SHA-384 and SHA-512: RFC 9580, section 9.5.
    private static let acceptedHashes: Set<Int> = [8, 9, 10]

    /// The largest keyring that is read, in bytes.
    private static let keyringLimit = 64 << 20

    /// - Parameter launcher: absolute path of `aurora-launcher`; nil takes the one installed with this program.
    package init(
        keyring: String, allowedFingerprints: Set<String>, gpgv: String = "/usr/bin/gpgv", launcher: String? = nil,
        signatureFloor: Timestamp? = nil, clock: WallClock = .system
    ) {
        self.keyring = keyring
        self.allowedFingerprints = Set(allowedFingerprints.map { $0.uppercased() })
        self.gpgv = gpgv
        self.launcher = launcher
        self.signatureFloor = signatureFloor
        self.clock = clock
    }

    /// Judges `signature` over all bytes of the open file `artifactDescriptor`, from its beginning.
    ///
    /// Reads the artifact once (about 700 MB/s). The descriptor's own offset is not used and not moved.
    /// - Throws: `Refusal` with code `gpgv_unavailable`, `sandbox_unavailable` or `release_keyring_unreadable`: a check
    ///   that cannot run is a refusal.
    package func verify(signature: [UInt8], artifactDescriptor: Int32) throws -> SignatureVerdict {
        if let verdict = refusedForm(ArmorRule.form(of: signature)) { return verdict }
        let result = try run(signature: signature, artifactDescriptor: artifactDescriptor)
        guard result.outcome != .timedOut, !result.truncated else {
            return bad(.unreadable, "gpgv did not finish or reported too much; sign the artifact again")
        }
        return judge(GPGStatus(result.output), succeeded: result.isSuccess)
    }

    private func run(signature: [UInt8], artifactDescriptor: Int32) throws -> ProcessResult {
        do {
            // A second open file on the same inode has an offset of its own; the name plays no part.
            let artifact = try Descriptor.open("/proc/self/fd/\(artifactDescriptor)", .readOnly)
            let file = try Descriptor.inMemory(signature)
            let program = try Descriptor.open(gpgv, .readOnly)
            let ring = try ringCopy()
            return try Sandbox(launcherPath: launcher ?? Sandbox.installedLauncher()).run(
                .signature(), program: .descriptor(program.rawValue),
                arguments: [
                    "--homedir", "/nonexistent", "--keyring", "/proc/self/fd/\(Self.ringDescriptor)",
                    "--weak-digest", "SHA1", "--status-fd", "1", "/proc/self/fd/\(Self.signatureDescriptor)", "-",
                ],
                descriptors: [
                    (child: Self.signatureDescriptor, parent: file.rawValue),
                    (child: Self.ringDescriptor, parent: ring.rawValue),
                ], stdin: .descriptor(artifact.rawValue))
        } catch let refusal as Refusal {
            throw refusal
        } catch let refusal as SandboxRefusal where refusal.layer != .program {
            throw Refusal(
                .unavailable, code: "sandbox_unavailable",
                "The signature was not judged: the sandbox layer \(refusal.layer.rawValue) cannot be put in place: "
                    + refusal.detail,
                subject: refusal.layer.rawValue, rule: "a missing sandbox layer means refuse", remedy: refusal.remedy)
        } catch {
            throw Refusal(
                .unavailable, code: "gpgv_unavailable", "The signature could not be checked: \(error).", subject: gpgv,
                rule: "every artifact's signature is judged before it is staged",
                remedy: "install gpgv, then stage again; aurora doctor shows what is missing")
        }
    }

    /// The keyring's bytes in memory: the user `gpgv` runs as cannot enter the hub's folders.
    private func ringCopy() throws -> Descriptor {
        do {
            return try Descriptor.inMemory(DurableFile.read(keyring, limit: Self.keyringLimit))
        } catch {
            throw Refusal(
                .unavailable, code: "release_keyring_unreadable",
                "The keyring of release keys cannot be read: \(error).",
                subject: keyring, rule: "every artifact's signature is judged before it is staged",
                remedy: "restart the hub: it makes the keyring from signing.keyring")
        }
    }

    /// `gpgv`'s numbers of what it gets beside its standard streams.
    private static let signatureDescriptor: Int32 = 3
    private static let ringDescriptor: Int32 = 4

    private func refusedForm(_ form: ArmorRule.Form) -> SignatureVerdict? {
        switch form {
        case .detached: nil
        case .empty: bad(.noData, "the signature file is empty; make it with: gpg --armor --detach-sign FILE")
        case .notDetached:
            bad(.notDetached, "the file is not a detached signature; make it with: gpg --armor --detach-sign FILE")
        case .extraText:
            bad(.notDetached, "there is text outside the one armoured signature; upload the signature file alone")
        case .tooLarge: bad(.unreadable, "a signature file has at most \(ArmorRule.largest) bytes")
        }
    }
}

extension OpenPGPVerifier {
    /// The decision, from status lines alone; see docs/decisions/0007-judging-openpgp.md.
    func judge(_ status: GPGStatus, succeeded: Bool) -> SignatureVerdict {
        let valid = status.validSignature
        let fingerprint = valid?.primaryFingerprint
        func refuse(_ reason: Reason, _ explanation: String) -> SignatureVerdict {
            bad(reason, explanation, fingerprint: fingerprint, signedAt: valid.map { Timestamp(seconds: $0.signedAt) })
        }
        if status.has("PLAINTEXT") || status.has("PLAINTEXT_LENGTH") {
            return refuse(.notDetached, "the file is a signed message; make it with: gpg --armor --detach-sign FILE")
        }
        if status.has("NODATA") || status.has("UNEXPECTED") || status.has("BADARMOR") {
            return refuse(.noData, "the file holds no readable signature; sign the artifact again")
        }
        if status.count("NEWSIG") > 1 {
            return refuse(.severalSignatures, "there are several signatures; exactly one is accepted")
        }
        if status.has("BADSIG") {
            return refuse(
                .badSignature, "the bytes are not the ones that were signed; upload artifact and signature again")
        }
        if status.has("NO_PUBKEY") {
            let key = status.missingKey ?? "unknown"
            return refuse(
                .unknownKey, "key \(key) is not among the release keys; add it to signing.keyring or use one of them")
        }
        if status.has("REVKEYSIG") || status.has("KEYREVOKED") {
            return refuse(.revokedKey, "the signing key is revoked; sign with a current release key")
        }
        if status.has("EXPKEYSIG") {
            return refuse(
                .expiredKey, "the signing key has expired; extend it and update signing.keyring, or use another")
        }
        if status.has("EXPSIG") || status.has("SIGEXPIRED") && !status.has("GOODSIG") {
            return refuse(.expiredSignature, "the signature itself has expired; sign the artifact again")
        }
        if status.has("ERRSIG") {
            return refuse(
                .weakOrUnreadable, "the signature cannot be checked: unknown algorithm, or a weak one such as SHA-1")
        }
        return judgeGood(status, valid: valid, succeeded: succeeded, refuse: refuse)
    }

    /// The last part: nothing speaks against the signature, so now everything must speak for it.
    private func judgeGood(
        _ status: GPGStatus, valid: GPGStatus.ValidSignature?, succeeded: Bool,
        refuse: (Reason, String) -> SignatureVerdict
    ) -> SignatureVerdict {
        guard status.isReadable, status.count("NEWSIG") == 1, !status.has("FAILURE"), !status.has("ERROR") else {
            return refuse(.unreadable, "gpgv reported something that is not understood here; nothing is accepted")
        }
        guard status.count("GOODSIG") == 1, status.goodThenValid, let valid else {
            return refuse(.unreadable, "gpgv did not report exactly one good signature; sign the artifact again")
        }
        guard Self.acceptedHashes.contains(valid.hashAlgorithm) else {
            return refuse(.weakOrUnreadable, "the signature uses a weak digest; sign with SHA-256 or stronger")
        }
        guard valid.signatureClass == "00" else {
            return refuse(
                .notDetached, "the signature is not over a binary document; use gpg --armor --detach-sign FILE")
        }
        guard allowedFingerprints.contains(valid.primaryFingerprint) else {
            return refuse(
                .keyNotAllowed,
                "key \(valid.primaryFingerprint) is in the keyring and not allowed to sign; add it to signing.fingerprints"
            )
        }
        let signedAt = Timestamp(seconds: valid.signedAt)
        if let floor = signatureFloor, signedAt < floor {
            return refuse(.tooOld, "signed \(signedAt), before signing.not_before (\(floor)); sign it again")
        }
        if signedAt.seconds > clock.now() / 1000 + Self.clockTolerance {
            return refuse(
                .inFuture, "signed \(signedAt), which lies ahead; check the clocks of the signer and of this hub")
        }
        guard succeeded else {
            return refuse(
                .unreadable, "gpgv reported a good signature and failed all the same; sign the artifact again")
        }
        return SignatureVerdict(
            state: .good, covers: .artifact, fingerprint: valid.primaryFingerprint, signedAt: signedAt,
            explanation: "Signed by \(valid.primaryFingerprint) on \(signedAt).")
    }

    /// Why a signature does not count; the raw value is the verdict's stable `reason`.
    package enum Reason: String, Sendable, CaseIterable {
        case noData = "no_data"
        case notDetached = "not_detached"
        case severalSignatures = "several_signatures"
        case badSignature = "bad_signature"
        case unknownKey = "unknown_key"
        case revokedKey = "revoked_key"
        case expiredKey = "expired_key"
        case expiredSignature = "expired_signature"
        case weakOrUnreadable = "weak_digest"
        case keyNotAllowed = "key_not_allowed"
        case tooOld = "signed_too_early"
        case inFuture = "signed_in_future"
        case unreadable = "unreadable"
    }

    private func bad(
        _ reason: Reason, _ explanation: String, fingerprint: String? = nil, signedAt: Timestamp? = nil
    ) -> SignatureVerdict {
        SignatureVerdict(
            state: .bad, reason: reason.rawValue, fingerprint: fingerprint, signedAt: signedAt,
            explanation: explanation.prefix(1).uppercased() + explanation.dropFirst() + ".")
    }
}
