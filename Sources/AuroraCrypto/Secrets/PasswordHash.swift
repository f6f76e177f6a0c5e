private import CSodium

/// Storage form of passwords: Argon2id with 19 MiB, 2 passes, 1 lane (the OWASP minimum), by libsodium.
///
/// One call costs some 20 ms and 19 MiB, so callers limit how many run at once.
package enum PasswordHash {
    private static let passes: UInt64 = 2
    private static let memoryBytes = 19 * 1024 * 1024

    /// Returns the PHC string `$argon2id$v=19$m=19456,t=2,p=1$…` of a password with a fresh salt.
    /// - Throws: ``CryptoError/outOfMemory(operation:)``.
    package static func make(_ password: [UInt8]) throws(CryptoError) -> String {
        Sodium.start()
        var text = [CChar](repeating: 0, count: 128)
        let result = Sodium.withCharacters(of: password) { secret in
            crypto_pwhash_str_alg(
                &text, secret, UInt64(password.count), passes, memoryBytes, crypto_pwhash_ALG_ARGON2ID13)
        }
        guard result == 0 else { throw .outOfMemory(operation: "hashing a password") }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Tells whether `password` is the one `stored` was made of; `false` also for a string of another kind.
    package static func verify(_ password: [UInt8], against stored: String) -> Bool {
        Sodium.start()
        guard stored.utf8.count < 128, !stored.utf8.contains(0) else { return false }
        return Sodium.withCharacters(of: password) { secret in
            crypto_pwhash_str_verify(stored, secret, UInt64(password.count)) == 0
        }
    }
}
