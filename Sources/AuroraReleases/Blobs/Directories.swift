import AuroraSystem
import Glibc

/// The two directory calls this module needs beside `DurableFile`.
enum Directories {
    /// Makes one directory (mode 0700) durably; no error when it is there.
    static func make(_ path: String, mode: mode_t = 0o700) throws {
        if mkdir(path, mode) == 0 {
            let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            try DurableFile.syncDirectory(parent.isEmpty ? "/" : parent)
            return
        }
        let code = errno
        guard code == EEXIST else { throw SystemError(operation: "mkdir", path: path, errno: code) }
    }

    /// The names in a directory that are text, sorted.
    static func names(in path: String) throws -> [String] {
        try DirectoryNames.read(in: path).compactMap(\.text)
    }
}
