import CShims
import Glibc

/// Room on a file system and its identity.
package enum DiskSpace {
    /// Bytes and inodes an ordinary user may still use on the file system of `path` (`statvfs(3)`).
    ///
    /// File systems without a fixed number of inodes report `UInt64.max`.
    package static func available(at path: String) throws(SystemError) -> (bytes: UInt64, inodes: UInt64) {
        var facts = statvfs()
        try check("statvfs", path) { aurora_statvfs(path, &facts) }
        let inodes = facts.f_files == 0 ? UInt64.max : UInt64(facts.f_favail)
        return (UInt64(facts.f_bavail) * UInt64(facts.f_frsize), inodes)
    }

    /// The device number of the file system that holds `path`; a symlink at the end is followed.
    package static func deviceID(of path: String) throws(SystemError) -> UInt64 {
        var status = stat()
        try check("stat", path) { stat(path, &status) }
        return UInt64(status.st_dev)
    }
}
