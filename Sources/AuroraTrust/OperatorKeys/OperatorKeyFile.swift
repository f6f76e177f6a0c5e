package import AuroraCrypto
package import AuroraModel
import AuroraSystem

/// An operator's private key on the operator's own disk, sealed with a passphrase.
///
/// JSON, mode 0600: `{"version":"aurora-operator-key-v1","public":"aurora-ed25519:… name","sealed":"BASE64"}`. The 32-byte
/// Ed25519 seed is sealed with Argon2id and XSalsa20-Poly1305 (`SecretBox`). The hub never sees this file.
package struct OperatorKeyFile: Hashable, Sendable {
    package static let version = "aurora-operator-key-v1"
    /// Fewer characters are refused when a key is made.
    package static let shortestPassphrase = 8

    package let publicKey: OperatorPublicKey
    private let sealed: [UInt8]

    /// Makes a new key and seals it.
    /// - Throws: `Refusal` with code `passphrase_too_short`, or the crypto library's error.
    package static func generate(name: String, passphrase: [UInt8]) throws -> OperatorKeyFile {
        guard passphrase.count >= shortestPassphrase else {
            throw Refusal(
                .unprocessable, code: "passphrase_too_short",
                "The passphrase has fewer than \(shortestPassphrase) bytes.",
                rule: "a stolen key file must not be opened by guessing",
                remedy: "choose a longer one, such as five words")
        }
        let key = Ed25519PrivateKey()
        return OperatorKeyFile(
            publicKey: OperatorPublicKey(key: key.publicKey, name: name),
            sealed: try SecretBox.seal(key.seed, passphrase: passphrase))
    }

    /// Opens the seal.
    /// - Throws: `Refusal` with code `wrong_passphrase`, also when the file was damaged or its public key exchanged.
    package func unlock(passphrase: [UInt8]) throws(Refusal) -> Ed25519PrivateKey {
        guard let seed = try? SecretBox.open(sealed, passphrase: passphrase),
            let key = try? Ed25519PrivateKey(seed: seed),
            key.publicKey == publicKey.key
        else {
            throw Refusal(
                .forbidden, code: "wrong_passphrase", "The passphrase does not open this key.",
                subject: publicKey.key.keyID.text, remedy: "try again; a forgotten passphrase means a new key")
        }
        return key
    }

    /// Writes the file durably with mode 0600; an existing file is never replaced.
    package func save(to path: String) throws {
        let json: JSONValue = [
            "version": .string(Self.version), "public": .string(publicKey.description),
            "sealed": .string(Base64.encode(sealed)),
        ]
        // Made under another name and put in place without replacing: never half a key, never somebody else's.
        let draft = path + ".new-" + publicKey.key.keyID.text
        try DurableFile.replace(draft, contents: json.prettyBytes, mode: 0o600)
        do {
            try AtomicRename.noReplace(draft, path)
        } catch {
            try DurableFile.remove(draft)
            guard try FileStatus.ifExists(path) != nil else { throw error }
            throw Refusal(
                .conflict, code: "key_exists", "\(path) exists already.", subject: path,
                rule: "a key is never overwritten", remedy: "give another path with --file")
        }
    }

    /// Reads a file made by ``save(to:)``.
    /// - Throws: `Refusal` with code `key_open_to_others`, `bad_json` or `bad_document`, `SystemError` when it cannot be
    ///   read.
    package static func load(from path: String) throws -> OperatorKeyFile {
        let file = try Descriptor.open(path, .readOnly)
        guard try file.stat().mode & 0o077 == 0 else {
            throw Refusal(
                .forbidden, code: "key_open_to_others", "Others than its owner may read \(path).", subject: path,
                rule: "a key file has mode 0600", remedy: "chmod 600 the file; if others had access, make a new key")
        }
        let bytes = try file.readAll(limit: 64 * 1024)
        do {
            var reader = try JSONReader(JSONParser.parse(bytes))
            guard try reader.string("version") == version else { throw reader.error("version", "must be \(version)") }
            let publicKey = try OperatorPublicKey(reader.string("public"))
            let sealed = try reader.parsed("sealed", expected: "base64") { Base64.decode($0) }
            try reader.finish()
            return OperatorKeyFile(publicKey: publicKey, sealed: sealed)
        } catch let error as JSONError {
            throw Refusal(error, of: path)
        } catch let error as JSONShapeError {
            throw Refusal(error, of: path)
        }
    }
}
