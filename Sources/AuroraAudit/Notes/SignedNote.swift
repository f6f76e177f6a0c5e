package import AuroraCrypto

/// A text with one or more signatures under it (C2SP signed-note).
///
/// The text ends with a newline; an empty line parts it from lines `— name base64(key id, signature)`.
package struct SignedNote: Hashable, Sendable {
    /// One signature line.
    package struct Signature: Hashable, Sendable {
        /// The signer's name.
        package let name: String
        /// Which key of that name.
        package let keyID: UInt32
        /// The signature, without the key id.
        package let bytes: [UInt8]
    }

    private static let sizeLimit = 1 << 20
    private static let signatureLimit = 100
    private static let dash = "\u{2014} "

    /// The signed text with its final newline.
    package let text: String
    /// The signatures in their order.
    package let signatures: [Signature]

    /// Signs `text`, which must end with a newline, with the key of `verifier`.
    package init(text: String, signedBy key: Ed25519PrivateKey, as verifier: VerifierKey) {
        self.text = text
        signatures = [
            Signature(name: verifier.name, keyID: verifier.keyID, bytes: key.sign(Array(text.utf8)))
        ]
    }

    /// Reads a note; checks its form only, not its signatures.
    /// - Throws: ``AuditError/malformed(what:reason:)``.
    package init(bytes: [UInt8]) throws(AuditError) {
        guard bytes.count <= Self.sizeLimit else { throw Self.malformed("it is longer than 1 MiB") }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw Self.malformed("it is not UTF-8") }
        guard !bytes.contains(where: { $0 < 0x20 && $0 != 0x0A }) else {
            throw Self.malformed("it has control characters")
        }
        guard bytes.last == 0x0A, let split = Self.lastEmptyLine(in: bytes) else {
            throw Self.malformed("it has no empty line before its signatures, or no final newline")
        }
        text = String(decoding: bytes[..<split], as: UTF8.self)
        let lines = String(decoding: bytes[(split + 1)...], as: UTF8.self).utf8.split(separator: 0x0A)
        guard !lines.isEmpty, lines.count <= Self.signatureLimit else {
            throw Self.malformed("it has \(lines.count) signatures")
        }
        var signatures: [Signature] = []
        for line in lines { signatures.append(try Self.signature(String(Substring(line)))) }
        self.signatures = signatures
    }

    /// The note as it is stored and sent.
    package var bytes: [UInt8] {
        let lines = signatures.map { signature in
            let keyID = (0..<4).map { UInt8(truncatingIfNeeded: signature.keyID >> (24 - 8 * $0)) }
            return "\(Self.dash)\(signature.name) \(Base64.encode(keyID + signature.bytes))\n"
        }
        return Array((text + "\n" + lines.joined()).utf8)
    }

    /// What the signatures say under one known key.
    package enum Standing: Hashable, Sendable {
        /// Signed by the key.
        case signed
        /// Carries a signature that claims to be of the key and is not.
        case wrong
        /// Carries no signature of the key; signatures of other keys mean nothing here.
        case unknownSigner
    }

    /// Judges the note by one known key; one wrong signature of that key spoils the note.
    package func standing(under verifier: VerifierKey) -> Standing {
        let own = signatures.filter { $0.name == verifier.name && $0.keyID == verifier.keyID }
        guard !own.isEmpty else { return .unknownSigner }
        let message = Array(text.utf8)
        return own.allSatisfy { verifier.key.isValid(signature: $0.bytes, for: message) } ? .signed : .wrong
    }

    /// The offset of the newline that forms the last empty line.
    private static func lastEmptyLine(in bytes: [UInt8]) -> Int? {
        guard bytes.count >= 3 else { return nil }
        return (1..<bytes.count - 1).last { bytes[$0] == 0x0A && bytes[$0 - 1] == 0x0A }
    }

    private static func signature(_ line: String) throws(AuditError) -> Signature {
        guard line.unicodeScalars.starts(with: dash.unicodeScalars) else {
            throw malformed("a signature line does not begin with a dash")
        }
        let rest = String(line.unicodeScalars.dropFirst(2))
        let parts = rest.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, VerifierKey.isName(String(parts[0])) else {
            throw malformed("a signature line is not \"— name signature\"")
        }
        guard let bytes = Base64.decode(parts[1]), bytes.count > 4 else {
            throw malformed("the signature of \(parts[0]) is not base64")
        }
        let keyID = bytes.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return Signature(name: String(parts[0]), keyID: keyID, bytes: Array(bytes.dropFirst(4)))
    }

    private static func malformed(_ reason: String) -> AuditError {
        .malformed(what: "the signed note", reason: reason)
    }
}
