import CShims
import Glibc

/// The one way Aurora writes state: old content or new content, also after a power cut.
///
/// When a call returns, the change is durable, but for ``replaceForNow(_:contents:mode:)``. When it throws, the old content is still there, or — only if the last
/// directory sync failed — either of the two, and the caller must read again before acting on it.
package enum DurableFile {
    /// Replaces the content of `path`: temporary file in the same folder, write, fsync, rename, fsync of the folder.
    ///
    /// - Parameters:
    ///   - path: the file; its folder must exist.
    ///   - contents: all of its new bytes.
    ///   - mode: permission bits, set whatever the umask is.
    /// - Throws: the failing call; the temporary file is removed and `path` has its old content.
    package static func replace(
        _ path: String, contents: [UInt8], mode: UInt32 = 0o600
    ) throws(SystemError) {
        let directory = try Descriptor.open(split(path).folder, [.readOnly, .directory])
        try replace(path, in: directory, contents, mode) { (file) throws(SystemError) in try file.synchronize() }
        try directory.synchronize()
    }

    /// Replaces the content of `path` for those who read it now: old or new content, but not durable by itself.
    ///
    /// After a power cut it may be empty or gone: for what is written often and made anew at each start. Otherwise as
    /// ``replace(_:contents:mode:)``.
    package static func replaceForNow(
        _ path: String, contents: [UInt8], mode: UInt32 = 0o600
    ) throws(SystemError) {
        let directory = try Descriptor.open(split(path).folder, [.readOnly, .directory])
        try replace(path, in: directory, contents, mode) { (_) throws(SystemError) in }
    }

    private static func replace(
        _ path: String, in directory: borrowing Descriptor, _ contents: [UInt8], _ mode: UInt32,
        finish: (borrowing Descriptor) throws(SystemError) -> Void
    ) throws(SystemError) {
        let (name, number) = (split(path).name, directory.rawValue)
        let temporary = ".\(name).\(randomSuffix()).tmp"
        do throws(SystemError) {
            let file = try directory.open(temporary, [.writeOnly, .create, .exclusive, .noFollow], mode: mode)
            try file.setMode(mode)
            try file.write(all: contents)
            try finish(file)
            try file.close()
            try check("renameat", path) { renameat(number, temporary, number, name) }
        } catch {
            unlinkat(number, temporary, 0)
            throw SystemError(operation: error.operation, path: error.path ?? path, errno: error.errno)
        }
    }

    /// Renames durably: `rename(2)`, then fsync of both folders; both must lie on one file system.
    package static func rename(_ from: String, to: String) throws(SystemError) {
        try check("rename", "\(from) -> \(to)") { Glibc.rename(from, to) }
        try syncParents(of: from, to)
    }

    /// Removes a file or symlink durably; a name that is not there is fine.
    package static func remove(_ path: String) throws(SystemError) {
        do throws(SystemError) {
            try check("unlink", path) { unlink(path) }
        } catch  where error.errno == ENOENT {
            return
        }
        try syncDirectory(split(path).folder)
    }

    /// Makes a folder with exactly this mode and syncs its parent; one that is there already is an error (`EEXIST`).
    ///
    /// - Throws: the failing call; then the folder is not there.
    package static func makeDirectory(_ path: String, mode: UInt32 = 0o755) throws(SystemError) {
        try check("mkdir", path) { mkdir(path, mode) }
        do throws(SystemError) {
            let made = try Descriptor.open(path, [.readOnly, .directory, .noFollow])
            if try made.stat().mode != mode { try made.setMode(mode) }
            try syncDirectory(split(path).folder)
        } catch {
            rmdir(path)
            throw error
        }
    }

    /// Makes a symlink with the given text and syncs its folder; a name that is there already is an error (`EEXIST`).
    package static func symlink(_ text: String, at path: String) throws(SystemError) {
        try check("symlink", path) { Glibc.symlink(text, path) }
        try syncDirectory(split(path).folder)
    }

    /// Makes the names inside a folder durable (fsync of the directory).
    package static func syncDirectory(_ path: String) throws(SystemError) {
        let directory = try Descriptor.open(path, [.readOnly, .directory])
        do throws(SystemError) {
            try directory.synchronize()
        } catch {
            throw SystemError(operation: "fsync", path: path, errno: error.errno)
        }
    }

    /// Makes everything on the file system of `path` durable (`syncfs(2)`).
    package static func syncFileSystem(of path: String) throws(SystemError) {
        try Descriptor.open(path, .readOnly).synchronizeFileSystem()
    }

    /// Reads a whole file; throws `EFBIG` beyond `limit` bytes.
    ///
    /// A symlink as last component is refused (`ELOOP`).
    package static func read(_ path: String, limit: Int = 64 << 20) throws(SystemError) -> [UInt8] {
        let file = try Descriptor.open(path, [.readOnly, .noFollow])
        do throws(SystemError) {
            return try file.readAll(limit: limit)
        } catch {
            throw SystemError(operation: error.operation, path: path, errno: error.errno)
        }
    }

    /// Removes temporary files that a killed ``replace(_:contents:mode:)`` left in `folder`.
    ///
    /// Only for the single owner of the folder, before it starts work.
    package static func removeLeftovers(in folder: String) throws(SystemError) {
        let directory = try Descriptor.open(folder, [.readOnly, .directory])
        for name in try DirectoryNames.read(directory.rawValue) where isTemporary(name) {
            try check("unlinkat") { name.withUnsafePointer { unlinkat(directory.rawValue, $0, 0) } }
        }
    }

    private static func isTemporary(_ name: FileName) -> Bool {
        name.bytes.first == UInt8(ascii: ".") && name.bytes.suffix(4) == Array(".tmp".utf8)[...]
    }

    static func syncParents(of first: String, _ second: String) throws(SystemError) {
        let folders = (split(first).folder, split(second).folder)
        try syncDirectory(folders.1)
        if folders.0 != folders.1 { try syncDirectory(folders.0) }
    }

    /// The folder and the last component of a path; "." when there is no folder.
    static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        let name = String(path[path.utf8.index(after: slash)...])
        return slash == path.utf8.startIndex ? ("/", name) : (String(path[..<slash]), name)
    }

    private static func randomSuffix() -> String {
        SecureRandom.bytes(6).map { String($0, radix: 16) }.joined()
    }
}
