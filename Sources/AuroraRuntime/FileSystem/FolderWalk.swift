package import AuroraSystem
import Glibc

/// Visits everything below a folder that somebody else may be changing meanwhile: what is gone again is passed over, and no
/// link is followed.
enum FolderWalk {
    /// - Parameters:
    ///   - most: names that one folder may have at most; a fuller one is `EDQUOT`.
    ///   - body: is given a name, its status and the open folder it is in; says whether to go into a folder.
    /// - Throws: `ENAMETOOLONG` below ``FileTree/depthLimit`` folders.
    static func visit(
        _ folder: Int32, most: Int = .max, _ body: (FileName, FileStatus, Int32) throws(SystemError) -> Bool
    ) throws(SystemError) {
        try visit(try Descriptor.open(".", in: folder, [.readOnly, .directory]), most, depth: 0, body)
    }

    private static func visit(
        _ folder: consuming Descriptor, _ most: Int, depth: Int,
        _ body: (FileName, FileStatus, Int32) throws(SystemError) -> Bool
    ) throws(SystemError) {
        if depth > FileTree.depthLimit { throw SystemError(operation: "walk", errno: ENAMETOOLONG) }
        for name in try DirectoryNames.read(folder.rawValue, most: most) {
            guard let status = try name.statusIfExists(in: folder.rawValue) else { continue }
            guard try body(name, status, folder.rawValue), status.kind == .directory,
                let inner = try open(name, in: folder.rawValue)
            else { continue }
            try visit(inner, most, depth: depth + 1, body)
        }
    }

    /// The folder of that name; nil when it is gone, or is something else by now.
    private static func open(_ name: FileName, in folder: Int32) throws(SystemError) -> Descriptor? {
        do throws(SystemError) {
            return try name.openFolder(in: folder)
        } catch  where [ENOENT, ENOTDIR, ELOOP].contains(error.errno) {
            return nil
        }
    }
}

extension FileUsage {
    /// What lies below folders of the host, everything counted, a file with several names once; a missing folder has nothing.
    ///
    /// Others may write meanwhile; then it is what was there at some moment of the count.
    ///
    /// - Parameter limit: the count stops soon after there is more than this, however much there is.
    /// - Throws: ``SystemError`` for what cannot be looked at, such as folders nested deeper than `FileTree.depthLimit`.
    package static func measured(below folders: [String], upTo limit: FileUsage) throws(SystemError) -> FileUsage {
        var usage = FileUsage(bytes: 0, files: 0)
        var shared: Set<UInt64> = []
        for folder in folders {
            guard try FileStatus.ifExists(folder) != nil else { continue }
            let open = try Descriptor.open(folder, [.readOnly, .directory])
            do throws(SystemError) {
                try FolderWalk.visit(open.rawValue, most: Int(clamping: limit.files)) {
                    (_, status, _) throws(SystemError) in
                    usage.files += 1
                    let isNew = status.links < 2 || status.kind == .directory || shared.insert(status.inode).inserted
                    if status.kind == .regular, isNew { usage.bytes += status.size }
                    guard usage.bytes <= limit.bytes, usage.files <= limit.files else {
                        throw SystemError(operation: "count", errno: EDQUOT)
                    }
                    return true
                }
            } catch  where error.errno == EDQUOT {
                // A folder with too many names was not looked at, but it has them.
                usage.files = max(usage.files, usage.bytes > limit.bytes ? 0 : limit.files + 1)
                return usage
            }
        }
        return usage
    }
}
