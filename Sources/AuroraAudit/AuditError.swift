package import AuroraModel
package import AuroraSystem

/// Why the log could not be written, published or proven.
package enum AuditError: Error, Hashable, Sendable {
    /// The name of the log is not a name that checkpoints may carry.
    case badOrigin(String)
    /// There is no such entry in a log of this size.
    case noSuchEntry(number: Int64, size: Int64)
    /// A hash that must be there is not.
    case missingHash(level: Int, number: Int64)
    /// The stored rows contradict each other; `what` says how.
    case damagedRows(what: String)
    /// Signing would contradict what was signed before; nothing was signed.
    case inconsistent(signedSize: Int64, signedRoot: Digest, size: Int64, root: Digest)
    /// The published log has more than the database, as after the restore of an older backup; nothing was signed.
    case databaseBehind(published: Int64, size: Int64)
    /// A note, key or checkpoint is not of the expected form; `reason` says where.
    case malformed(what: String, reason: String)
    /// A file of the published log could not be read or written.
    case file(SystemError)
    /// The folder of an export is there already.
    case exportExists(path: String)
}

extension AuditError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badOrigin(let origin):
            "\"\(origin)\" cannot name a log: use a URL without scheme, without spaces and plus signs"
        case .noSuchEntry(let number, let size):
            "the audit log has no entry \(number); it has \(size)"
        case .missingHash(let level, let number):
            "the audit log lacks hash \(number) of level \(level); run `aurora audit verify`"
        case .damagedRows(let what):
            "the audit rows are damaged: \(what); run `aurora audit verify`, then restore the last backup"
        case .inconsistent(let signedSize, let signedRoot, let size, let root):
            "the audit log was changed: it signed root \(signedRoot.short) at \(signedSize) entries, which the present "
                + "\(size) entries (root \(root.short)) do not continue; nothing was signed; run `aurora audit verify`"
        case .databaseBehind(let published, let size):
            "the published audit log has \(published) entries, the database \(size): an older backup was restored; "
                + "take the missing entries back from the published log before going on"
        case .malformed(let what, let reason):
            "\(what) is malformed: \(reason)"
        case .file(let error):
            "a file of the audit log failed: \(error)"
        case .exportExists(let path):
            "\(path) is there already; name a folder that does not exist"
        }
    }
}
