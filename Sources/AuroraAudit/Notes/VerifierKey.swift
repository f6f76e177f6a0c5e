package import AuroraCrypto

/// The public key of a log as text, with the name it signs under: `name+keyid+base64(type, key)`.
///
/// Source: C2SP signed-note. Only type 0x01 (Ed25519) is read.
package struct VerifierKey: Hashable, Sendable, CustomStringConvertible {
    /// The key type of plain Ed25519 signatures.
    package static let ed25519: UInt8 = 1

    /// The name of the signer; for a log, its origin.
    package let name: String
    /// The key.
    package let key: Ed25519PublicKey
    /// The first four bytes of SHA-256 over name, newline, type and key.
    package let keyID: UInt32

    /// Names a key.
    /// - Throws: ``AuditError/badOrigin(_:)``.
    package init(name: String, key: Ed25519PublicKey) throws(AuditError) {
        guard Self.isName(name) else { throw .badOrigin(name) }
        self.name = name
        self.key = key
        let hash = SHA256.hash(Array(name.utf8) + [0x0A, Self.ed25519] + key.bytes)
        keyID = hash.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Reads the text form.
    /// - Throws: ``AuditError/malformed(what:reason:)``, also when the key id does not fit.
    package init(_ text: String) throws(AuditError) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw Self.malformed("it has not three parts joined by +") }
        guard let bytes = Base64.decode(parts[2]) else { throw Self.malformed("the key is not base64") }
        guard bytes.first == Self.ed25519 else {
            throw Self.malformed("the key type \(bytes.first ?? 0) is not 1 (Ed25519)")
        }
        let key: Ed25519PublicKey
        do throws(CryptoError) { key = try Ed25519PublicKey(bytes: Array(bytes.dropFirst())) } catch {
            throw Self.malformed("\(error)")
        }
        try self.init(name: String(parts[0]), key: key)
        guard parts[1] == Self.hex(keyID) else {
            throw Self.malformed("its key id \(parts[1]) does not fit its key (\(Self.hex(keyID)))")
        }
    }

    /// The text form.
    package var description: String {
        "\(name)+\(Self.hex(keyID))+\(Base64.encode([Self.ed25519] + key.bytes))"
    }

    /// Whether a text may name a signer: not empty, no white space, no plus sign, nothing below U+0020.
    static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 255
            && name.unicodeScalars.allSatisfy { $0 != "+" && !$0.properties.isWhitespace && $0.value > 0x20 }
    }

    private static func hex(_ keyID: UInt32) -> String {
        Hex.encode((0..<4).map { UInt8(truncatingIfNeeded: keyID >> (24 - 8 * $0)) })
    }

    private static func malformed(_ reason: String) -> AuditError {
        .malformed(what: "the verifier key", reason: reason)
    }
}
