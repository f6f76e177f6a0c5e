import CShims
import Glibc

/// What `fstatat(2)` says about one file.
package struct FileStatus: Hashable, Sendable {
    /// The type of a directory entry, as far as Aurora tells them apart.
    package enum Kind: String, Hashable, Sendable {
        case regular
        case directory
        case symlink
        /// A device, a pipe or a socket: nothing Aurora installs.
        case other
    }

    /// The file system (`st_dev`).
    package let device: UInt64
    /// The inode number, unique inside `device` while the file exists.
    package let inode: UInt64
    /// Permission bits with set-id and sticky bits (`st_mode & 07777`).
    package let mode: UInt32
    /// Bytes of a regular file, length of the text of a symlink.
    package let size: Int64
    /// Bytes of the disk that are set aside for it: fewer than its size for a file with holes, more for one that was given room
    /// in advance.
    package let allocated: Int64
    package let uid: UInt32
    package let gid: UInt32
    /// The number of hard links.
    package let links: UInt64
    package let kind: Kind
    /// Time of the last write to the content, in milliseconds since 1970.
    package let modified: Int64
    /// The times of its last read and write, to the nanosecond.
    package let times: FileTimes

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        mode = status.st_mode & 0o7777
        size = Int64(status.st_size)
        // In units of 512 bytes, whatever the file system (stat(3type)).
        allocated = Int64(status.st_blocks) * 512
        uid = status.st_uid
        gid = status.st_gid
        links = UInt64(status.st_nlink)
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .symlink
            default: .other
            }
        modified = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
        times = FileTimes(status)
    }

    /// The status of `path` itself; a symlink at the end is not followed (`lstat(2)`).
    package static func of(_ path: String) throws(SystemError) -> FileStatus {
        var status = stat()
        try check("lstat", path) { lstat(path, &status) }
        return FileStatus(status)
    }

    /// The status of `path` as ``of(_:)`` gives it, or nil when nothing has that name.
    package static func ifExists(_ path: String) throws(SystemError) -> FileStatus? {
        do throws(SystemError) {
            return try of(path)
        } catch  where error.errno == ENOENT || error.errno == ENOTDIR {
            return nil
        }
    }

    /// The status of `name` inside an open directory, not following a symlink.
    package static func of(_ name: String, in directory: Int32) throws(SystemError) -> FileStatus {
        var status = stat()
        try check("fstatat", name) { fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) }
        return FileStatus(status)
    }
}

extension FileStatus {
    /// When `path` itself was made, in nanoseconds since 1970; 0 where the file system does not tell (`statx(2)`).
    package static func birthTime(of path: String) -> Int64 { aurora_birth_time(AT_FDCWD, path) }

    /// Whether `path` has an extended attribute of this name, of at most 256 bytes, that this process may read
    /// (`getxattr(2)`).
    package static func hasAttribute(_ name: String, at path: String) -> Bool {
        var value = [UInt8](repeating: 0, count: 256)
        return aurora_get_attribute(path, name, &value, value.count) >= 0
    }
}
