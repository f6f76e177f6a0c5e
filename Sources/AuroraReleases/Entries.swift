import AuroraCrypto
import AuroraModel
import AuroraSystem
import Glibc

extension AuditEntry {
    /// An entry for something the hub did.
    static func accepted(
        _ act: AuditAct, by requester: Actor, subject: String, at time: Int64, reason: String = "",
        details: [(String, String)] = []
    ) -> AuditEntry {
        AuditEntry(
            time: Timestamp(milliseconds: time), actor: requester, action: act.rawValue,
            subject: subject, outcome: .accepted, reason: reason, details: details)
    }

    /// An entry for something the hub would not do.
    static func refused(
        _ act: AuditAct, by requester: Actor, subject: String, at time: Int64, code: String, reason: String = "",
        details: [(String, String)] = []
    ) -> AuditEntry {
        AuditEntry(
            time: Timestamp(milliseconds: time), actor: requester, action: act.rawValue,
            subject: subject, outcome: .refused(code: code), reason: reason, details: details)
    }
}

extension Digest {
    /// Ends a running SHA-256.
    init(sha256 hasher: inout SHA256) throws {
        guard let digest = Digest(bytes: hasher.finalize()) else {
            throw SystemError(operation: "SHA-256", errno: EINVAL)
        }
        self = digest
    }
}
