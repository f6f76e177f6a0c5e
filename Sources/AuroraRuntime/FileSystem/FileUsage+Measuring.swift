package import AuroraSystem
import Glibc

extension FileUsage {
    /// What lies below folders of the host, everything counted, a file with several names once; a missing folder has nothing.
    ///
    /// A file counts its size, or the room it has on the disk where that is more. One without a name, which a program still
    /// holds open, is not found.
    ///
    /// Others may write meanwhile; then it is what was there at some moment of the count.
    ///
    /// - Parameter limit: the count stops soon after there is more than this, however much there is.
    /// - Throws: ``SystemError`` for what cannot be looked at, such as folders nested deeper than `FileTree.depthLimit`.
    package static func measured(below folders: [String], upTo limit: FileUsage) throws(SystemError) -> FileUsage {
        var count = FolderCount(limit: limit)
        for folder in folders {
            guard try FileStatus.ifExists(folder) != nil else { continue }
            guard try count.add(try Descriptor.open(folder, [.readOnly, .directory])) else { break }
        }
        return count.usage
    }

    /// The same of one open folder, without a limit.
    static func measured(below folder: borrowing Descriptor) throws(SystemError) -> FileUsage {
        var count = FolderCount(limit: FileUsage(bytes: .max, files: .max))
        _ = try count.add(folder)
        return count.usage
    }
}

/// A count of what folders hold.
private struct FolderCount {
    let limit: FileUsage
    var usage = FileUsage(bytes: 0, files: 0)
    /// Files with several names that were counted.
    private var shared: Set<UInt64> = []

    init(limit: FileUsage) { self.limit = limit }

    /// - Returns: false when there is more than the limit, so that the rest need not be counted.
    mutating func add(_ folder: borrowing Descriptor) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try FolderWalk.visit(folder.rawValue, most: Int(clamping: limit.files)) {
                (_, status, _) throws(SystemError) in
                add(status)
                guard usage.bytes <= limit.bytes, usage.files <= limit.files else {
                    throw SystemError(operation: "count", errno: EDQUOT)
                }
                return true
            }
            return true
        } catch  where error.errno == EDQUOT {
            // A folder with too many names was not looked at, but it has them.
            if usage.bytes <= limit.bytes { usage.files = max(usage.files, limit.files + 1) }
            return false
        }
    }

    private mutating func add(_ status: FileStatus) {
        usage.files += 1
        guard status.kind == .regular, status.links < 2 || shared.insert(status.inode).inserted else { return }
        usage.bytes += max(status.size, status.allocated)
    }
}
