private import CSodium

/// Bytes sealed with a passphrase: Argon2id for the key, XSalsa20-Poly1305 for the content (`crypto_secretbox`).
///
/// Layout, numbers big-endian: `aurora-box` (10 bytes), version 1 (u8), passes (u8), memory in KiB (u32),
/// salt (16 bytes), nonce (24 bytes), then the box (content + 16). The header needs no code of its own: any change
/// in it leads to another key.
package enum SecretBox {
    private static let magic = Array("aurora-box".utf8)
    private static let version: UInt8 = 1
    private static let passes: UInt8 = 3
    private static let memoryKiB: UInt32 = 64 * 1024
    /// The most work a file may ask for: 10 passes over 1 GiB.
    private static let passesLimit: UInt8 = 10
    private static let memoryLimitKiB: UInt32 = 1024 * 1024
    private static let saltCount = 16
    private static let nonceCount = 24
    private static let tagCount = 16
    private static let headerCount = magic.count + 6 + saltCount + nonceCount

    /// Seals `plain`; two calls never give the same bytes.
    /// - Throws: ``CryptoError/outOfMemory(operation:)``.
    package static func seal(_ plain: [UInt8], passphrase: [UInt8]) throws(CryptoError) -> [UInt8] {
        let salt = Sodium.randomBytes(saltCount)
        let nonce = Sodium.randomBytes(nonceCount)
        var key = try deriveKey(passphrase, salt: salt, passes: passes, memoryKiB: memoryKiB)
        defer { Sodium.wipe(&key) }
        var box = [UInt8](repeating: 0, count: plain.count + tagCount)
        guard crypto_secretbox_easy(&box, plain, UInt64(plain.count), nonce, key) == 0 else {
            throw .outOfMemory(operation: "sealing")
        }
        let memory = (0..<4).map { UInt8(truncatingIfNeeded: memoryKiB >> (24 - 8 * UInt32($0))) }
        return magic + [version, passes] + memory + salt + nonce + box
    }

    /// Opens sealed bytes.
    ///
    /// The caller wipes the result when it is no longer needed.
    /// - Throws: ``CryptoError/wrongPassphraseOrDamaged``, or ``CryptoError/malformedSecretBox(reason:)`` before any
    ///   work is done, or ``CryptoError/outOfMemory(operation:)``.
    package static func open(_ sealed: [UInt8], passphrase: [UInt8]) throws(CryptoError) -> [UInt8] {
        let parts = try parse(sealed)
        var key = try deriveKey(passphrase, salt: parts.salt, passes: parts.passes, memoryKiB: parts.memoryKiB)
        defer { Sodium.wipe(&key) }
        var plain = [UInt8](repeating: 0, count: parts.box.count - tagCount)
        guard crypto_secretbox_open_easy(&plain, parts.box, UInt64(parts.box.count), parts.nonce, key) == 0 else {
            throw .wrongPassphraseOrDamaged
        }
        return plain
    }

    private struct Parts {
        var passes: UInt8
        var memoryKiB: UInt32
        var salt: [UInt8]
        var nonce: [UInt8]
        var box: [UInt8]
    }

    private static func parse(_ sealed: [UInt8]) throws(CryptoError) -> Parts {
        guard sealed.starts(with: magic) else { throw .malformedSecretBox(reason: "it is not a sealed file") }
        guard sealed.count >= headerCount + tagCount else { throw .malformedSecretBox(reason: "it is cut short") }
        var rest = sealed.dropFirst(magic.count)
        let found = rest.removeFirst()
        guard found == version else { throw .malformedSecretBox(reason: "version \(found) is unknown") }
        let passes = rest.removeFirst()
        let memory = rest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard (1...passesLimit).contains(passes), (8...memoryLimitKiB).contains(memory) else {
            throw .malformedSecretBox(reason: "it asks for \(passes) passes over \(memory) KiB")
        }
        rest = rest.dropFirst(4)
        let salt = Array(rest.prefix(saltCount))
        rest = rest.dropFirst(saltCount)
        return Parts(
            passes: passes, memoryKiB: memory, salt: salt, nonce: Array(rest.prefix(nonceCount)),
            box: Array(rest.dropFirst(nonceCount)))
    }

    private static func deriveKey(
        _ passphrase: [UInt8], salt: [UInt8], passes: UInt8, memoryKiB: UInt32
    ) throws(CryptoError) -> [UInt8] {
        Sodium.start()
        var key = [UInt8](repeating: 0, count: 32)
        let result = Sodium.withCharacters(of: passphrase) { secret in
            crypto_pwhash(
                &key, 32, secret, UInt64(passphrase.count), salt, UInt64(passes), Int(memoryKiB) * 1024,
                crypto_pwhash_ALG_ARGON2ID13)
        }
        guard result == 0 else { throw .outOfMemory(operation: "turning a passphrase into a key") }
        return key
    }
}
