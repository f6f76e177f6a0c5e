import AuroraCrypto
import AuroraSystem
import Glibc

/// The hub's own two keys: one signs checkpoints of the audit log, one countersigns approvals made in a browser.
///
/// Kept as 32-byte seeds, mode 0600, and made durable before first use: losing the audit key would break the log's chain
/// of signatures.
struct HubKeys: Sendable {
    let audit: Ed25519PrivateKey
    let hub: Ed25519PrivateKey

    /// Reads both keys and makes those that are missing.
    static func load(_ folder: StateFolder) throws -> HubKeys {
        HubKeys(audit: try key(folder.auditKey), hub: try key(folder.hubKey))
    }

    private static func key(_ path: String) throws -> Ed25519PrivateKey {
        guard let status = try FileStatus.ifExists(path) else {
            let key = Ed25519PrivateKey()
            try DurableFile.replace(path, contents: key.seed, mode: 0o600)
            return key
        }
        guard status.kind == .regular, status.mode & 0o077 == 0, status.uid == geteuid() else {
            throw HubStartError(
                "the key \(path) can be read by others, or is no plain file of this user",
                remedy: "chown it to the hub's user and chmod it to 600; if others may have read it, replace it")
        }
        return try Ed25519PrivateKey(seed: DurableFile.read(path, limit: 64))
    }
}
