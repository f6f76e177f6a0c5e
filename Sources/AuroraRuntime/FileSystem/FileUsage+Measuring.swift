package import AuroraSystem
import Glibc

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
