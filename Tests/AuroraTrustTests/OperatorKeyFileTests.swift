import AuroraCrypto
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import AuroraTrust
import Testing

@Suite("Operators' keys")
struct OperatorKeyFileTests {
    let passphrase = Array("correct horse battery".utf8)

    @Test func `a saved key opens with its passphrase and signs`() throws {
        try withTemporaryDirectory { folder in
            let made = try OperatorKeyFile.generate(name: "ann", passphrase: passphrase)
            try made.save(to: folder + "/ann.key")
            let loaded = try OperatorKeyFile.load(from: folder + "/ann.key")
            #expect(loaded == made)
            let key = try loaded.unlock(passphrase: passphrase)
            #expect(loaded.publicKey.key.isValid(signature: key.sign([1]), for: [1]))
            #expect(try FileStatus.ifExists(folder + "/ann.key")?.mode == 0o600)
        }
    }

    @Test func `the wrong passphrase opens nothing`() throws {
        let made = try OperatorKeyFile.generate(name: "ann", passphrase: passphrase)
        let error = try #require(throws: Refusal.self) { try made.unlock(passphrase: Array("incorrect horse".utf8)) }
        #expect(error.code == "wrong_passphrase")
    }

    @Test func `an exchanged public key is noticed`() throws {
        try withTemporaryDirectory { folder in
            let made = try OperatorKeyFile.generate(name: "ann", passphrase: passphrase)
            try made.save(to: folder + "/ann.key")
            let other = OperatorPublicKey(key: Ed25519PrivateKey().publicKey, name: "ann")
            let text = try readText(folder + "/ann.key").replacing(made.publicKey.description, with: other.description)
            try write(text, to: folder + "/swapped.key", mode: 0o600)
            let swapped = try OperatorKeyFile.load(from: folder + "/swapped.key")
            let error = try #require(throws: Refusal.self) { try swapped.unlock(passphrase: passphrase) }
            #expect(error.code == "wrong_passphrase")
        }
    }

    @Test func `the file holds no secret in the clear and is never overwritten`() throws {
        try withTemporaryDirectory { folder in
            let made = try OperatorKeyFile.generate(name: "ann", passphrase: passphrase)
            try made.save(to: folder + "/ann.key")
            let text = try readText(folder + "/ann.key")
            let seed = try made.unlock(passphrase: passphrase).seed
            #expect(!text.contains(Base64.encode(seed)) && !text.contains(Hex.encode(seed)))
            let error = try #require(throws: Refusal.self) { try made.save(to: folder + "/ann.key") }
            #expect(error.code == "key_exists")
        }
    }

    @Test func `a short passphrase is refused`() throws {
        let error = try #require(throws: Refusal.self) { try OperatorKeyFile.generate(name: "a", passphrase: [1, 2]) }
        #expect(error.code == "passphrase_too_short")
    }

    @Test func `a public key is one line and survives reading`() throws {
        let key = OperatorPublicKey(key: Ed25519PrivateKey().publicKey, name: "ann of ops")
        #expect(try OperatorPublicKey(key.description) == key)
        #expect(try OperatorPublicKey(key.description + "\n").name == "ann of ops")
        #expect(key.key.keyID.text.count == 16)
    }

    @Test(arguments: ["", "ssh-ed25519 AAAA", "aurora-ed25519:", "aurora-ed25519:AAAA x", "aurora-ed25519:!!!!"])
    func `refuses what is no public key`(_ text: String) throws {
        let error = try #require(throws: Refusal.self) { try OperatorPublicKey(text) }
        #expect(error.code == "bad_public_key")
    }
}
