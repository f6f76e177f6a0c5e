private import CSodium

/// An Ed25519 public key (RFC 8032) that is known to be a sound point.
///
/// Stricter than RFC 8032, so that one message cannot have a "signature" that fits many keys or messages: the key must
/// be a canonical point of the prime-order group, S must be below the group order, and R must not be of small order.
package struct Ed25519PublicKey: Hashable, Sendable {
    /// The 32 bytes of the key.
    package let bytes: [UInt8]

    /// Takes a key's 32 bytes.
    /// - Throws: ``CryptoError/wrongLength(what:expected:found:)`` or ``CryptoError/weakPublicKey``.
    package init(bytes: [UInt8]) throws(CryptoError) {
        guard bytes.count == 32 else {
            throw .wrongLength(what: "an Ed25519 public key", expected: 32, found: bytes.count)
        }
        Sodium.start()
        guard crypto_core_ed25519_is_valid_point(bytes) == 1 else { throw .weakPublicKey }
        self.bytes = bytes
    }

    /// Takes bytes that libsodium itself has just derived from a seed.
    init(trusted bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Tells whether `signature` is this key's signature over the whole of `message`.
    package func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
        Sodium.start()
        return signature.count == 64
            && crypto_sign_verify_detached(signature, message, UInt64(message.count), bytes) == 0
    }
}
