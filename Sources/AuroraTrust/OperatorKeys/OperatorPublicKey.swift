package import AuroraCrypto
package import AuroraModel

extension Ed25519PublicKey {
    /// The first 16 hexadecimal digits of the SHA-256 of the 32 key bytes.
    package var keyID: KeyID {
        let digits = Hex.encode(SHA256.hash(bytes).prefix(8))
        guard let id = KeyID(digits) else { preconditionFailure("16 hexadecimal digits are a key id") }
        return id
    }
}

/// An operator's public key as text, one line: `aurora-ed25519:BASE64URL name`.
package struct OperatorPublicKey: Hashable, Sendable, CustomStringConvertible {
    package static let prefix = "aurora-ed25519:"

    package let key: Ed25519PublicKey
    /// Whose it says it is: a label for people; the hub goes by the account it was proposed for.
    package let name: String

    package init(key: Ed25519PublicKey, name: String) {
        self.key = key
        self.name = name
    }

    /// Reads the line; the name may be missing.
    /// - Throws: `Refusal` with code `bad_public_key`.
    package init(_ text: String) throws(Refusal) {
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        guard let first = words.first, first.hasPrefix(Self.prefix),
            let bytes = Base64.decodeURL(first.dropFirst(Self.prefix.count)),
            let key = try? Ed25519PublicKey(bytes: bytes)
        else {
            throw Refusal(
                .unprocessable, code: "bad_public_key", "This is no operator's public key.",
                rule: "one line: \(Self.prefix)BASE64URL name", remedy: "print yours with: aurora key export-public")
        }
        self.key = key
        name = words.count > 1 ? words[1] : ""
    }

    package var description: String {
        Self.prefix + Base64.encodeURL(key.bytes) + (name.isEmpty ? "" : " " + name)
    }
}
