import Glibc

extension FileTree {
    /// How many bytes the regular files below `path` have, and `path` itself when it is one; 0 when nothing is there.
    ///
    /// For trees of strangers: names need not be UTF-8, links are not followed, and a folder that may not be read, or lies
    /// deeper than ``depthLimit``, counts nothing.
    package static func byteCount(below path: String) throws(SystemError) -> Int64 {
        guard let status = try FileStatus.ifExists(path) else { return 0 }
        guard status.kind == .directory else { return status.kind == .regular ? status.size : 0 }
        var bytes: Int64 = 0
        do throws(SystemError) {
            let folder = try Descriptor.open(path, [.readOnly, .directory, .noFollow])
            try FolderWalk.visit(folder.rawValue, passingOver: FolderWalk.vanished.union([EACCES, ENAMETOOLONG])) {
                (_, status, _) throws(SystemError) in
                if status.kind == .regular { bytes &+= status.size }
                return true
            }
        } catch  where error.errno == EACCES {
            return bytes
        }
        return bytes
    }
}
