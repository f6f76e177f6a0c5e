import AuroraCrypto
import AuroraSystem

/// 256 random bits that are shown once and kept only as a hash.
///
/// A hash without salt or stretching is enough here: what has 256 bits cannot be guessed (ASVS 5.0, V6.5).
struct Secret: Sendable {
    /// What the client keeps.
    let text: String

    /// What the database keeps.
    var hash: [UInt8] { Self.hash(text) }

    /// A fresh secret from the kernel's generator, with a prefix that scanners of leaked secrets can find.
    static func make(prefix: String = "") -> Secret {
        Secret(text: prefix + Base64.encodeURL(SecureRandom.bytes(32)))
    }

    static func hash(_ text: String) -> [UInt8] {
        SHA256.hash(Array(text.utf8))
    }

    /// A short public name for the hashed secret, safe to write into logs.
    static func handle(of hash: [UInt8]) -> String {
        String(Hex.encode(hash).prefix(12))
    }

    /// The anti-forgery value of a session: known to whoever holds the session's secret, and stored nowhere.
    static func csrf(ofSession text: String) -> String {
        Base64.encodeURL(HMACSHA256.code(for: Array("aurora-csrf-v1".utf8), key: Array(text.utf8)))
    }
}
