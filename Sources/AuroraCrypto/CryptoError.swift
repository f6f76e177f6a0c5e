/// Why a cryptographic operation was refused or failed.
///
/// A signature that does not verify is not an error but an answer (`false`).
package enum CryptoError: Error, Hashable, Sendable {
    /// A key or seed had the wrong length; `what` names it, lengths are bytes.
    case wrongLength(what: String, expected: Int, found: Int)
    /// A public key is not a canonical point of the prime-order group, so anyone could sign for it.
    case weakPublicKey
    /// The passphrase is wrong or the sealed bytes were changed; the two cannot be told apart.
    case wrongPassphraseOrDamaged
    /// Sealed bytes are of an unknown kind, cut short, or ask for more work than allowed; `reason` says which.
    case malformedSecretBox(reason: String)
    /// There was not enough memory for the password function; nothing was computed.
    case outOfMemory(operation: String)
    /// Reading a file to be hashed failed with this `errno`.
    case read(errno: Int32)
}

extension CryptoError: CustomStringConvertible {
    /// What failed, why, and what to do next.
    package var description: String {
        switch self {
        case .wrongLength(let what, let expected, let found):
            "\(what) must be \(expected) bytes, found \(found); give the complete value"
        case .weakPublicKey:
            "the Ed25519 public key is not a point of the prime-order group; generate a new key pair"
        case .wrongPassphraseOrDamaged:
            "the passphrase is wrong or the sealed bytes were changed; check the passphrase, else restore a backup"
        case .malformedSecretBox(let reason):
            "the sealed bytes cannot be read: \(reason); restore the file from a backup"
        case .outOfMemory(let operation):
            "not enough memory for \(operation); free memory and try again"
        case .read(let errno):
            "reading the file to be hashed failed (errno \(errno)); check the disk and try again"
        }
    }
}
