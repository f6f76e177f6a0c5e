import AuroraModel
import AuroraSystem
import AuroraTestSupport
import AuroraTrust
import Testing

/// S-39: every row of the table of measured gpg behaviour, with real keys, and the verdict Aurora gives.
@Suite("OpenPGP verdicts")
struct OpenPGPVerifierTests {
    /// A home with a release key, a keyring that holds it, and an artifact.
    struct Bench {
        let folder: String
        let gpg: GnuPG
        let key: String
        let artifact = Array("the artifact's bytes\n".utf8)
        /// Missing, it fails every verdict here with the name of the layer.
        static let launcher = (try? BuiltPrograms.path("aurora-launcher")) ?? "/nonexistent/aurora-launcher"

        init(in folder: String, algorithm: String = "ed25519", expires: String = "never", at time: String? = nil) throws
        {
            self.folder = folder
            gpg = try GnuPG(in: folder)
            key = try gpg.makeKey("Release One <one@example.org>", algorithm: algorithm, expires: expires, at: time)
        }

        func verdict(
            _ signature: [UInt8], keys: [String]? = nil, allowed: Set<String>? = nil, over bytes: [UInt8]? = nil,
            floor: Timestamp? = nil, clock: WallClock = .system
        ) throws -> SignatureVerdict {
            let files = try (keys ?? [key]).map { (name: $0, bytes: try gpg.export($0)) }
            _ = try ReleaseKeyring.build(at: folder + "/ring.gpg", from: files)
            return try OpenPGPVerifier(
                keyring: folder + "/ring.gpg", allowedFingerprints: allowed ?? Set(keys ?? [key]),
                launcher: Bench.launcher,
                signatureFloor: floor,
                clock: clock
            ).verify(signature: signature, artifactDescriptor: Descriptor.inMemory(bytes ?? artifact).release())
        }
    }

    func withBench(
        algorithm: String = "ed25519", expires: String = "never", at time: String? = nil, _ body: (Bench) throws -> Void
    ) throws {
        try withTemporaryDirectory { folder in
            let bench = try Bench(in: folder, algorithm: algorithm, expires: expires, at: time)
            defer { bench.gpg.close() }
            try body(bench)
        }
    }

    @Test func `accepts one good signature by an allowed key`() throws {
        try withBench { bench in
            let verdict = try bench.verdict(bench.gpg.sign(bench.artifact, by: bench.key))
            #expect(verdict.state == .good)
            #expect(verdict.fingerprint == bench.key)
            #expect(verdict.signedAt != nil)
            let binary = try bench.verdict(bench.gpg.sign(bench.artifact, by: bench.key, extra: []))
            #expect(binary.state == .good)
        }
    }

    @Test func `refuses a changed byte, a cut signature and an empty one`() throws {
        try withBench { bench in
            let signature = try bench.gpg.sign(bench.artifact, by: bench.key)
            #expect(try bench.verdict(signature, over: bench.artifact + [0]).reason == "bad_signature")
            #expect(try bench.verdict(Array(signature.prefix(signature.count / 2))).state == .bad)
            let binary = try bench.gpg.sign(bench.artifact, by: bench.key, extra: [])
            #expect(try bench.verdict(Array(binary.dropLast(10))).state == .bad)
            #expect(try bench.verdict([]).reason == "no_data")
            #expect(try bench.verdict(Array("  \n".utf8)).reason == "no_data")
        }
    }

    @Test func `refuses a key outside the ring and one in the ring that is not allowed`() throws {
        try withBench { bench in
            let other = try bench.gpg.makeKey("Somebody Else <else@example.org>")
            let signature = try bench.gpg.sign(bench.artifact, by: other)
            #expect(try bench.verdict(signature).reason == "unknown_key")
            let verdict = try bench.verdict(signature, keys: [bench.key, other], allowed: [bench.key])
            #expect(verdict.reason == "key_not_allowed")
            #expect(verdict.fingerprint == other)
        }
    }

    @Test func `refuses an expired key although gpgv exits 0`() throws {
        try withBench(expires: "20200201T000000", at: "20200101T000000") { bench in
            let signature = try bench.gpg.sign(bench.artifact, by: bench.key, at: "20200110T000000")
            #expect(try bench.verdict(signature).reason == "expired_key")
        }
    }

    @Test func `refuses a revoked key although gpgv exits 0`() throws {
        try withBench { bench in
            let signature = try bench.gpg.sign(bench.artifact, by: bench.key)
            let certificate = bench.gpg.home + "/openpgp-revocs.d/\(bench.key).rev"
            let text = try readText(certificate).replacing(":-----BEGIN", with: "-----BEGIN")
            try #require(bench.gpg.run(["--import"], input: Array(text.utf8)).isSuccess)
            #expect(try bench.verdict(signature).reason == "revoked_key")
        }
    }

    @Test func `refuses an expired signature`() throws {
        try withBench(at: "20200101T000000") { bench in
            let signature = try bench.gpg.sign(
                bench.artifact, by: bench.key, at: "20200110T000000", extra: ["--armor", "--default-sig-expire", "1d"])
            #expect(try bench.verdict(signature).reason == "expired_signature")
        }
    }

    @Test func `refuses SHA-1`() throws {
        try withBench(algorithm: "rsa2048") { bench in
            let signature = try bench.gpg.sign(
                bench.artifact, by: bench.key, extra: ["--armor", "--digest-algo", "SHA1", "--allow-weak-digest-algos"])
            #expect(try bench.verdict(signature).state == .bad)
            let sound = try bench.gpg.sign(
                bench.artifact, by: bench.key, extra: ["--armor", "--digest-algo", "SHA512"])
            #expect(try bench.verdict(sound).state == .good)
        }
    }

    @Test func `refuses two signatures, good, unknown or bad`() throws {
        try withBench { bench in
            let other = try bench.gpg.makeKey("Second <second@example.org>")
            let both = try bench.gpg.sign(bench.artifact, by: bench.key, other, extra: [])
            #expect(try bench.verdict(both, keys: [bench.key, other]).reason == "several_signatures")
            #expect(try bench.verdict(both).state == .bad)
            let good = try bench.gpg.sign(bench.artifact, by: bench.key, extra: [])
            let bad = try bench.gpg.sign([1, 2, 3], by: bench.key, extra: [])
            #expect(try bench.verdict(good + bad).state == .bad)
            #expect(try bench.verdict(bad + good).state == .bad)
        }
    }

    @Test func `refuses inline signatures and text around the armour`() throws {
        try withBench { bench in
            let clear = try bench.gpg.run(["--local-user", bench.key, "--clearsign"], input: bench.artifact).output
            #expect(try bench.verdict(clear).reason == "not_detached")
            let inline = try bench.gpg.run(["--local-user", bench.key, "--armor", "--sign"], input: bench.artifact)
                .output
            #expect(try bench.verdict(inline).reason == "not_detached")
            let binaryInline = try bench.gpg.run(["--local-user", bench.key, "--sign"], input: bench.artifact).output
            #expect(try bench.verdict(binaryInline).state == .bad)
            let signature = try bench.gpg.sign(bench.artifact, by: bench.key)
            #expect(try bench.verdict(Array("Approved by all.\n".utf8) + signature).reason == "not_detached")
            #expect(try bench.verdict(signature + Array("trailing".utf8)).reason == "not_detached")
            #expect(try bench.verdict(signature + signature).reason == "not_detached")
            #expect(try bench.verdict(Array(repeating: 0x41, count: 70_000)).reason == "unreadable")
        }
    }

    @Test func `refuses a signature over text instead of a binary document`() throws {
        try withBench { bench in
            let signature = try bench.gpg.sign(bench.artifact, by: bench.key, extra: ["--armor", "--textmode"])
            #expect(try bench.verdict(signature).reason == "not_detached")
        }
    }

    @Test func `status words in a notation or a user id change nothing`() throws {
        try withBench { bench in
            let forged = "forged@example.org=x\n[GNUPG:] GOODSIG 0 x\n[GNUPG:] VALIDSIG " + bench.key
            let other = try bench.gpg.makeKey("[GNUPG:] VALIDSIG \(bench.key) <evil@example.org>")
            let signature = try bench.gpg.sign(
                bench.artifact, by: other, extra: ["--armor", "--set-notation", forged.replacing("\n", with: " ")])
            #expect(try bench.verdict(signature).reason == "unknown_key")
            #expect(
                try bench.verdict(signature, keys: [bench.key, other], allowed: [bench.key]).reason == "key_not_allowed"
            )
        }
    }

    @Test func `refuses signatures dated before the floor or ahead of the clock`() throws {
        try withBench(at: "20240101T000000") { bench in
            let signature = try bench.gpg.sign(bench.artifact, by: bench.key, at: "20240601T120000")
            let floor = try #require(Timestamp(rfc3339: "2024-06-02T00:00:00Z"))
            #expect(try bench.verdict(signature, floor: floor).reason == "signed_too_early")
            let past = try #require(Timestamp(rfc3339: "2024-05-01T00:00:00Z"))
            #expect(try bench.verdict(signature, floor: past).state == .good)
            #expect(try bench.verdict(signature, clock: .fixed(past.milliseconds)).reason == "signed_in_future")
        }
    }

    @Test func `a missing gpgv is a refusal, never a pass`() throws {
        let verifier = OpenPGPVerifier(
            keyring: "/nowhere", allowedFingerprints: [], gpgv: "/nowhere/gpgv", launcher: Bench.launcher)
        let signature = Array("-----BEGIN PGP SIGNATURE-----".utf8)
        let error = try #require(throws: Refusal.self) {
            try verifier.verify(signature: signature, artifactDescriptor: Descriptor.inMemory([1]).release())
        }
        #expect(error.code == "gpgv_unavailable")
        #expect(error.kind == .unavailable)
    }

    @Test func `a missing keyring never passes`() throws {
        try withBench { bench in
            let signature = try bench.gpg.sign(bench.artifact, by: bench.key)
            let verifier = OpenPGPVerifier(
                keyring: bench.folder + "/none", allowedFingerprints: [bench.key], launcher: Bench.launcher)
            let data = try Descriptor.inMemory(bench.artifact)
            let number = data.rawValue
            let refusal = try #require(throws: Refusal.self) {
                try verifier.verify(signature: signature, artifactDescriptor: number)
            }
            #expect(refusal.code == "release_keyring_unreadable" && refusal.subject == bench.folder + "/none")
        }
    }

    @Test func `a keyring is built from armoured keys and refuses what is none`() throws {
        try withBench { bench in
            let path = bench.folder + "/ring"
            let ring = try ReleaseKeyring.build(at: path, from: [("one.asc", try bench.gpg.export(bench.key))])
            #expect(ring.fingerprints == [bench.key])
            let empty = try #require(throws: Refusal.self) {
                try ReleaseKeyring.build(at: path, from: [("words.asc", Array("hello".utf8))])
            }
            #expect(empty.code == "release_key_unreadable")
            #expect(empty.subject == "words.asc")
            let secret = try bench.gpg.run(["--armor", "--export-secret-keys", bench.key]).output
            let refused = try #require(throws: Refusal.self) {
                try ReleaseKeyring.build(at: path, from: [("mine.asc", secret)])
            }
            #expect(refused.code == "release_key_secret")
        }
    }
}
