import CShims
import Glibc

/// The two kinds of `renameat2(2)` that plain `rename(2)` does not have.
///
/// Durable when they return.
package enum AtomicRename {
    /// Exchanges two names of one file system in one step (`RENAME_EXCHANGE`), then syncs both folders.
    ///
    /// - Throws: `EINVAL` where the file system cannot; nothing has changed then.
    package static func exchange(_ first: String, _ second: String) throws(SystemError) {
        try rename(first, second, AURORA_RENAME_EXCHANGE)
    }

    /// Renames only if `to` does not exist (`RENAME_NOREPLACE`), then syncs both folders.
    ///
    /// - Throws: `EEXIST` when `to` exists; nothing has changed then.
    package static func noReplace(_ from: String, _ to: String) throws(SystemError) {
        try rename(from, to, AURORA_RENAME_NOREPLACE)
    }

    /// Whether the file system of `directory` can exchange two names; tries it with two empty directories.
    package static func supportsExchange(in directory: String) -> Bool {
        let suffix = SecureRandom.bytes(6).map { String($0, radix: 16) }.joined()
        let names = (".probe-a-\(suffix)", ".probe-b-\(suffix)")
        guard let folder = try? Descriptor.open(directory, [.readOnly, .directory]) else { return false }
        defer {
            unlinkat(folder.rawValue, names.0, AT_REMOVEDIR)
            unlinkat(folder.rawValue, names.1, AT_REMOVEDIR)
        }
        guard mkdirat(folder.rawValue, names.0, 0o700) == 0, mkdirat(folder.rawValue, names.1, 0o700) == 0 else {
            return false
        }
        return aurora_renameat2(folder.rawValue, names.0, folder.rawValue, names.1, AURORA_RENAME_EXCHANGE) == 0
    }

    private static func rename(_ from: String, _ to: String, _ flags: UInt32) throws(SystemError) {
        try check("renameat2", "\(from) -> \(to)") { aurora_renameat2(AT_FDCWD, from, AT_FDCWD, to, flags) }
        try DurableFile.syncParents(of: from, to)
    }
}
