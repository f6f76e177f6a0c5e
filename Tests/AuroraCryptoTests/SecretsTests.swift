import AuroraCrypto
import Testing

struct SecretBoxTests {
    static let passphrase = Array("correct horse".utf8)

    @Test("What was sealed opens with the passphrase, and no two seals are equal", arguments: [0, 1, 32, 5_000])
    func roundTrip(_ count: Int) throws {
        let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let sealed = try SecretBox.seal(plain, passphrase: Self.passphrase)
        #expect(try SecretBox.open(sealed, passphrase: Self.passphrase) == plain)
        #expect(try SecretBox.seal(plain, passphrase: Self.passphrase) != sealed)
    }

    @Test("A wrong, empty or longer passphrase is refused")
    func wrongPassphrase() throws {
        let sealed = try SecretBox.seal([1, 2, 3], passphrase: Self.passphrase)
        for wrong in [[], Array("correct horse ".utf8), Self.passphrase + [0]] {
            #expect(throws: CryptoError.wrongPassphraseOrDamaged) { try SecretBox.open(sealed, passphrase: wrong) }
        }
    }

    @Test("A change in salt, nonce, code or content is found")
    func damage() throws {
        let sealed = try SecretBox.seal([1, 2, 3], passphrase: Self.passphrase)
        for index in [16, 31, 32, 55, 56, 71, 72, sealed.count - 1] {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: CryptoError.wrongPassphraseOrDamaged) {
                try SecretBox.open(changed, passphrase: Self.passphrase)
            }
        }
    }

    @Test("Foreign bytes, unknown versions, cut files and files that ask for too much work are refused at once")
    func malformed() throws {
        let sealed = try SecretBox.seal([1], passphrase: Self.passphrase)
        var version = sealed
        version[10] = 2
        var passes = sealed
        passes[11] = 200
        var memory = sealed
        memory[12] = 255
        for bad in [[], Array("hello".utf8), Array(sealed.prefix(40)), version, passes, memory] {
            #expect {
                try SecretBox.open(bad, passphrase: Self.passphrase)
            } throws: { error in
                if case CryptoError.malformedSecretBox = error { true } else { false }
            }
        }
    }
}

struct PasswordHashTests {
    @Test("The stored form names Argon2id with 19 MiB, 2 passes and 1 lane, and only the password fits")
    func roundTrip() throws {
        let password = Array("pässword\u{0}tail".utf8)
        let stored = try PasswordHash.make(password)
        #expect(stored.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(PasswordHash.verify(password, against: stored))
        #expect(!PasswordHash.verify(Array("pässword".utf8), against: stored))
        #expect(!PasswordHash.verify([], against: stored))
        #expect(try PasswordHash.make(password) != stored)
    }

    @Test("An empty password can be stored, and a stored form of another kind fits nothing")
    func edges() throws {
        let stored = try PasswordHash.make([])
        #expect(PasswordHash.verify([], against: stored))
        #expect(!PasswordHash.verify([0], against: stored))
        for foreign in ["", "plain", "$2b$12$abcdefghijklmnopqrstuv", String(repeating: "x", count: 4_000)] {
            #expect(!PasswordHash.verify(Array("plain".utf8), against: foreign))
        }
    }
}

struct ConstantTimeTests {
    @Test("Equal bytes are equal; a different byte or length is not")
    func equality() {
        #expect(ConstantTime.equal([], []))
        #expect(ConstantTime.equal([1, 2, 3], [1, 2, 3]))
        #expect(!ConstantTime.equal([1, 2, 3], [1, 2, 4]))
        #expect(!ConstantTime.equal([1, 2, 3], [1, 2]))
    }
}
