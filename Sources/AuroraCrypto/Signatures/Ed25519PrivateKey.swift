private import CSodium

/// An Ed25519 private key (RFC 8032), held by libsodium's 64-byte form and wiped when the last copy goes.
///
/// Signing never fails and may be done by several threads at once.
package struct Ed25519PrivateKey: Sendable {
    /// The public half, by which others verify.
    package let publicKey: Ed25519PublicKey
    private let secret: SecretKey

    /// Makes a new key from the kernel's random source.
    package init() {
        var seed = Sodium.randomBytes(32)
        defer { Sodium.wipe(&seed) }
        (secret, publicKey) = Self.expand(seed)
    }

    /// Makes the key of a 32-byte seed; the same seed gives the same key.
    /// - Throws: ``CryptoError/wrongLength(what:expected:found:)``.
    package init(seed: [UInt8]) throws(CryptoError) {
        guard seed.count == 32 else {
            throw .wrongLength(what: "an Ed25519 seed", expected: 32, found: seed.count)
        }
        (secret, publicKey) = Self.expand(seed)
    }

    /// The 32 bytes the key is made of, to be stored.
    ///
    /// Whoever has them can sign.
    package var seed: [UInt8] {
        Array(UnsafeBufferPointer(start: secret.address, count: 32))
    }

    /// Returns the 64-byte signature over the whole of `message`; the same message gives the same signature.
    package func sign(_ message: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 64) { output, count in
            if let address = output.baseAddress {
                // Always returns 0 (libsodium documents no failure).
                _ = crypto_sign_detached(address, nil, message, UInt64(message.count), secret.address)
            }
            count = 64
        }
    }

    private static func expand(_ seed: [UInt8]) -> (SecretKey, Ed25519PublicKey) {
        Sodium.start()
        var publicBytes = [UInt8](repeating: 0, count: 32)
        var secretBytes = [UInt8](repeating: 0, count: 64)
        _ = crypto_sign_seed_keypair(&publicBytes, &secretBytes, seed)
        let secret = SecretKey(secretBytes)
        Sodium.wipe(&secretBytes)
        return (secret, Ed25519PublicKey(trusted: publicBytes))
    }
}

/// The 64 bytes of a key (seed, public key) that are overwritten at the end of their life.
///
/// Unchecked: the bytes are written once before the object is shared and once when nobody holds it.
private final class SecretKey: @unchecked Sendable {
    private static let count = 64
    private let storage: UnsafeMutablePointer<UInt8>

    init(_ bytes: [UInt8]) {
        precondition(bytes.count == Self.count)
        storage = .allocate(capacity: Self.count)
        storage.initialize(from: bytes, count: Self.count)
    }

    var address: UnsafePointer<UInt8> { UnsafePointer(storage) }

    deinit {
        sodium_memzero(storage, Self.count)
        storage.deallocate()
    }
}
