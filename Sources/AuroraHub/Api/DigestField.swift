import AuroraCrypto
import AuroraHTTP
import AuroraModel

/// Reads the digest a client declares for a body (RFC 9530 `Repr-Digest`, `Content-Digest`).
enum DigestField {
    /// The declared SHA-256; nil when none was declared.
    ///
    /// - Throws: 400 for a field that names sha-256 but does not hold one, and for two that differ.
    static func sha256(_ head: RequestHead) throws(Problem) -> Digest? {
        var found: Digest?
        for name in ["Repr-Digest", "Content-Digest"] {
            for value in head.headers.values(name) {
                guard let digest = try sha256(in: value, name) else { continue }
                guard found == nil || found == digest else {
                    throw .badRequest("two different digests were declared", subject: name)
                }
                found = digest
            }
        }
        return found
    }

    private static func sha256(in value: String, _ name: String) throws(Problem) -> Digest? {
        for member in value.split(separator: ",") {
            let text = String(member).trimmed
            guard text.lowercased().hasPrefix("sha-256=") else { continue }
            let coded = text.dropFirst("sha-256=".count)
            guard coded.hasPrefix(":"), coded.hasSuffix(":"), coded.count > 2,
                let bytes = Base64.decode(coded.dropFirst().dropLast()), let digest = Digest(bytes: bytes)
            else {
                throw .badRequest(
                    "the field \(name) does not hold a SHA-256", subject: name,
                    remedy: "write sha-256=:<base64 of the 32 bytes>:")
            }
            return digest
        }
        return nil
    }

    /// The field's value for a digest.
    static func text(_ digest: Digest) -> String { "sha-256=:\(Base64.encode(digest.bytes)):" }
}
