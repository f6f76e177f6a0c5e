import AuroraModel
import AuroraSystem
import AuroraTestSupport
import AuroraTrust
import Testing

/// S-39: the rest of the table, and what surrounds the signature.
@Suite("OpenPGP verdicts, further rows")
struct OpenPGPVerifierRowTests {
    private func withBench(_ body: (OpenPGPVerifierTests.Bench) throws -> Void) throws {
        try withTemporaryDirectory { folder in
            let bench = try OpenPGPVerifierTests.Bench(in: folder)
            defer { bench.gpg.close() }
            try body(bench)
        }
    }

    @Test("a signature cut at any of many places is refused, armoured and binary")
    func truncated() throws {
        try withBench { bench in
            let armoured = try bench.gpg.sign(bench.artifact, by: bench.key)
            let binary = try bench.gpg.sign(bench.artifact, by: bench.key, extra: [])
            for part in stride(from: 1, to: armoured.count - 30, by: 29) {
                #expect(try bench.verdict(Array(armoured.prefix(part))).state == .bad)
            }
            for part in stride(from: 1, to: binary.count, by: 11) {
                #expect(try bench.verdict(Array(binary.prefix(part))).state == .bad)
            }
        }
    }

    @Test("SHA-384 and SHA-512 are accepted, SHA-224 is not")
    func digests() throws {
        try withBench { bench in
            func state(_ digest: String) throws -> SignatureVerdict.State {
                try bench.verdict(
                    bench.gpg.sign(bench.artifact, by: bench.key, extra: ["--armor", "--digest-algo", digest])
                ).state
            }
            let states = try ["SHA384", "SHA512", "SHA224"].map { try state($0) }
            #expect(states == [.good, .good, .bad])
        }
    }

    @Test("a good signature beside an unknown or bad one is refused, in either order")
    func twoSignatures() throws {
        try withBench { bench in
            let second = try bench.gpg.makeKey("Second <second@example.org>")
            let stranger = try bench.gpg.makeKey("Stranger <stranger@example.org>")
            let good = try bench.gpg.sign(bench.artifact, by: bench.key, extra: [])
            let unknown = try bench.gpg.sign(bench.artifact, by: stranger, extra: [])
            let bad = try bench.gpg.sign([9], by: second, extra: [])
            for pair in [good + unknown, unknown + good, good + bad, bad + good, good + good] {
                #expect(try bench.verdict(pair, keys: [bench.key, second]).state == .bad)
            }
        }
    }

    @Test("an armoured keyring, which gpgv cannot read, and an empty one never pass")
    func keyrings() throws {
        try withBench { bench in
            let signature = try bench.gpg.sign(bench.artifact, by: bench.key)
            let armoured = bench.folder + "/armoured.asc"
            try DurableFile.replace(armoured, contents: try bench.gpg.export(bench.key))
            for ring in [armoured, "/dev/null"] {
                let verifier = OpenPGPVerifier(
                    keyring: ring, allowedFingerprints: [bench.key], launcher: OpenPGPVerifierTests.Bench.launcher)
                let data = try Descriptor.inMemory(bench.artifact)
                let verdict = try verifier.verify(signature: signature, artifactDescriptor: data.rawValue)
                #expect(verdict.state == .bad)
            }
        }
    }

    @Test("several armoured keys in one file all enter the ring")
    func severalKeysInOneFile() throws {
        try withBench { bench in
            let second = try bench.gpg.makeKey("Second <second@example.org>")
            let both = try bench.gpg.export(bench.key) + bench.gpg.export(second)
            let path = bench.folder + "/both.gpg"
            let ring = try ReleaseKeyring.build(at: path, from: [("both.asc", both)])
            #expect(ring.fingerprints == [bench.key, second])
            let verifier = OpenPGPVerifier(
                keyring: path, allowedFingerprints: Set(ring.fingerprints),
                launcher: OpenPGPVerifierTests.Bench.launcher)
            for key in [bench.key, second] {
                let data = try Descriptor.inMemory(bench.artifact)
                let signature = try bench.gpg.sign(bench.artifact, by: key)
                #expect(try verifier.verify(signature: signature, artifactDescriptor: data.rawValue).isGood)
            }
            let cut = Array(try bench.gpg.export(bench.key).prefix(150))
            for (name, bytes) in [("cut.asc", cut), ("empty.asc", []), ("bin.gpg", [0x99, 0x01])] {
                #expect(throws: Refusal.self) { try ReleaseKeyring.build(at: path, from: [(name, bytes)]) }
            }
        }
    }

    @Test("a gpgv that exits 0 without saying anything is not believed")
    func silentVerifier() throws {
        try withBench { bench in
            let signature = try bench.gpg.sign(bench.artifact, by: bench.key)
            #expect(try bench.verdict(signature).state == .good)
            for program in ["/bin/true", "/bin/false", "/bin/echo"] {
                let verifier = OpenPGPVerifier(
                    keyring: bench.folder + "/ring.gpg", allowedFingerprints: [bench.key], gpgv: program,
                    launcher: OpenPGPVerifierTests.Bench.launcher)
                let data = try Descriptor.inMemory(bench.artifact)
                let verdict = try verifier.verify(signature: signature, artifactDescriptor: data.rawValue)
                #expect(verdict.reason == "unreadable")
            }
        }
    }

    @Test("status words in the keyring's path and in a good signature's notation change nothing")
    func statusWordsInPaths() throws {
        try withBench { bench in
            let folder = bench.folder + "/[GNUPG] BADSIG x"
            try write("", to: folder + "/x")
            let ring = folder + "/ring.gpg"
            _ = try ReleaseKeyring.build(at: ring, from: [("one.asc", try bench.gpg.export(bench.key))])
            let note = ["--armor", "--set-notation", "note@example.org=[GNUPG:] REVKEYSIG x"]
            let signature = try bench.gpg.sign(bench.artifact, by: bench.key, extra: note)
            let verifier = OpenPGPVerifier(
                keyring: ring, allowedFingerprints: [bench.key], launcher: OpenPGPVerifierTests.Bench.launcher)
            let data = try Descriptor.inMemory(bench.artifact)
            #expect(try verifier.verify(signature: signature, artifactDescriptor: data.rawValue).isGood)
            let other = try Descriptor.inMemory(bench.artifact + [1])
            let verdict = try verifier.verify(signature: signature, artifactDescriptor: other.rawValue)
            #expect(verdict.reason == "bad_signature")
        }
    }

    @Test("the open file is judged, not its name, and its offset is left alone (I-12)")
    func descriptorNotName() throws {
        try withBench { bench in
            let signature = try bench.gpg.sign(bench.artifact, by: bench.key)
            let path = bench.folder + "/artifact"
            let ring = bench.folder + "/ring.gpg"
            _ = try ReleaseKeyring.build(at: ring, from: [("one.asc", try bench.gpg.export(bench.key))])
            try DurableFile.replace(path, contents: bench.artifact)
            let file = try Descriptor.open(path, .readOnly)
            try file.seek(to: 7)
            try DurableFile.replace(path, contents: Array("something else".utf8))
            let verifier = OpenPGPVerifier(
                keyring: ring, allowedFingerprints: [bench.key], launcher: OpenPGPVerifierTests.Bench.launcher)
            let number = file.rawValue
            #expect(try verifier.verify(signature: signature, artifactDescriptor: number).isGood)
            let rest = try file.readAll()
            #expect(rest == Array(bench.artifact.dropFirst(7)))
        }
    }

    @Test("a key file that others may read is not opened, and two savers cannot overwrite each other")
    func keyFiles() throws {
        try withTemporaryDirectory { folder in
            let path = folder + "/alice.key"
            let first = try OperatorKeyFile.generate(name: "alice", passphrase: Array("five words are enough".utf8))
            let second = try OperatorKeyFile.generate(name: "eve", passphrase: Array("five words are enough".utf8))
            try first.save(to: path)
            let taken = #expect(throws: Refusal.self) { try second.save(to: path) }
            #expect(taken?.code == "key_exists")
            #expect(try OperatorKeyFile.load(from: path).publicKey == first.publicKey)
            #expect(try FileTree.walk(folder).map(\.path) == ["alice.key"])
            try Descriptor.open(path, .readWrite).setMode(0o640)
            let open = #expect(throws: Refusal.self) { try OperatorKeyFile.load(from: path) }
            #expect(open?.code == "key_open_to_others")
        }
    }
}
