import Glibc

extension FileTree {
    /// How many bytes the regular files below `path` have, and `path` itself when it is one; 0 when nothing is there.
    ///
    /// For trees of strangers: names need not be UTF-8, links are not followed, and a folder that may not be read, or lies
    /// deeper than ``depthLimit``, counts nothing.
    package static func byteCount(below path: String) throws(SystemError) -> Int64 {
        let (folder, name) = DurableFile.split(path)
        guard try FileStatus.ifExists(path) != nil else { return 0 }
        let parent = try Descriptor.open(folder, [.readOnly, .directory])
        return try byteCount(of: FileName(bytes: Array(name.utf8)), in: parent.rawValue, depth: 0)
    }

    private static func byteCount(
        of name: FileName, in directory: Int32, depth: Int
    ) throws(SystemError) -> Int64 {
        guard let status = try name.statusIfExists(in: directory) else { return 0 }
        guard status.kind == .directory else { return status.kind == .regular ? status.size : 0 }
        guard depth <= depthLimit else { return 0 }
        do throws(SystemError) {
            let folder = try name.openFolder(in: directory)
            var bytes: Int64 = 0
            for inner in try DirectoryNames.read(folder.rawValue) {
                bytes &+= try byteCount(of: inner, in: folder.rawValue, depth: depth + 1)
            }
            return bytes
        } catch  where error.errno == EACCES {
            return 0
        }
    }
}
