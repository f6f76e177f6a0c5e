/// Why a file operation of a pack was refused or failed; it names the pack's own path, never the host's.
package struct FileSystemError: Error, Hashable, Sendable {
    /// What went wrong.
    package let fault: FileFault
    /// The virtual path.
    package let path: String

    init(_ fault: FileFault, _ path: String) {
        self.fault = fault
        self.path = path
    }
}

/// What can go wrong with a file of a pack.
package enum FileFault: Error, Hashable, Sendable {
    case badPath(String)
    case tooLong
    case notFound
    case exists
    /// The path, or a link in it, leads out of the folder it belongs to.
    case outside
    case isDirectory
    case notDirectory
    case notEmpty
    /// A device, a pipe or a socket.
    case notAFile
    case readOnly
    /// The root and mount points cannot be removed, renamed or replaced.
    case isMountPoint
    /// Source and target lie in different mounts.
    case crossesMounts(to: String)
    /// Writing would exceed this many bytes.
    case byteQuota(Int64)
    /// Writing would exceed this many files and folders.
    case fileQuota(Int64)
    /// The file is larger than the caller wanted to read, in bytes.
    case tooLarge(limit: Int)
    /// A folder in memory cannot be watched.
    case notWatchable
    case noSpace
    case noRights
    /// Another error of the system, as `errno` and its text.
    case system(Int32, String)
}

extension FileSystemError: CustomStringConvertible {
    /// What failed, on which path, why, and what to do next where that is known.
    package var description: String { "\(path): \(fault.text)" }
}

extension FileFault {
    var text: String {
        switch self {
        case .badPath(let why): "not a path here: \(why)"
        case .tooLong: "a name has at most 255 bytes, a path 4,095"
        case .notFound: "nothing has this name"
        case .exists: "the name is taken"
        case .outside: "the path leads out of its folder, by a link; use a path that stays inside"
        case .isDirectory: "it is a folder"
        case .notDirectory: "something on the way is not a folder"
        case .notEmpty: "the folder is not empty; remove it as a tree"
        case .notAFile: "it is a device, a pipe or a socket"
        case .readOnly: "it lies in a read-only mount"
        case .isMountPoint: "the root and mount points stay where they are"
        case .crossesMounts(let target): "it cannot be renamed to \(target), which lies in another mount; copy it"
        case .byteQuota(let limit): "the quota of \(limit) bytes would be exceeded; remove something first"
        case .fileQuota(let limit): "the quota of \(limit) files and folders would be exceeded; remove something first"
        case .tooLarge(let limit): "it is larger than \(limit) bytes; read it in ranges"
        case .notWatchable: "a folder in memory cannot be watched"
        case .noSpace: "the disk is full; free space, then try again"
        case .noRights: "the rights of owner and mode do not allow it"
        case .system(_, let text): text
        }
    }
}
