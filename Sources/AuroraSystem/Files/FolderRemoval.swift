import CShims
import Glibc

/// Removes a name with everything in it, however deep that is nested: for trees that strangers have made.
///
/// Each level of a walk keeps a descriptor open and room on the stack, and who makes folders is not bound by either. So a folder
/// that lies too deep is moved up to the outermost one first, and removed from there.
struct FolderRemoval {
    /// The outermost folder.
    private let top: Int32
    private var moved = 0

    /// Levels that are walked into at once.
    private static let depthLimit = 200

    static func remove(_ name: FileName, isDirectory: Bool, in directory: Int32) throws(SystemError) {
        if isDirectory {
            let folder = try openForRemoval(name, in: directory)
            var removal = FolderRemoval(top: folder.rawValue)
            // Again as long as something was moved up.
            while case let names = try DirectoryNames.read(folder.rawValue), !names.isEmpty {
                let before = removal.moved
                for inner in names { try removal.remove(inner, in: folder.rawValue, depth: 1) }
                if removal.moved == before { break }
            }
        }
        try unlink(name, isDirectory: isDirectory, in: directory)
    }

    private init(top: Int32) { self.top = top }

    private mutating func remove(_ name: FileName, in directory: Int32, depth: Int) throws(SystemError) {
        do throws(SystemError) {
            let isDirectory = try Self.isFolder(name, in: directory)
            if isDirectory {
                let folder = try Self.openForRemoval(name, in: directory)
                guard depth < Self.depthLimit else { return try moveUp(name, from: directory) }
                for inner in try DirectoryNames.read(folder.rawValue) {
                    try remove(inner, in: folder.rawValue, depth: depth + 1)
                }
            }
            try Self.unlink(name, isDirectory: isDirectory, in: directory)
        } catch  where error.errno == ENOENT {
            // Somebody else removed it meanwhile (a database closing its side files): that is what was wanted.
        }
    }

    private mutating func moveUp(_ name: FileName, from directory: Int32) throws(SystemError) {
        while true {
            moved += 1
            let place = FileName(bytes: Array(".aurora-deep-\(moved)".utf8))
            let code = name.withUnsafePointer { from in
                place.withUnsafePointer { to in renameat(directory, from, top, to) }
            }
            if code == 0 { return }
            // A name that is taken by something else is tried with another number.
            guard [EEXIST, ENOTEMPTY, ENOTDIR].contains(errno) else { throw .last("renameat", name.display) }
        }
    }

    private static func unlink(_ name: FileName, isDirectory: Bool, in directory: Int32) throws(SystemError) {
        try check("unlinkat", name.display) {
            name.withUnsafePointer { unlinkat(directory, $0, isDirectory ? AT_REMOVEDIR : 0) }
        }
    }

    private static func openForRemoval(_ name: FileName, in directory: Int32) throws(SystemError) -> Descriptor {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        var number = name.withUnsafePointer { aurora_openat(directory, $0, flags, 0) }
        if number < 0, errno == EACCES {
            // A folder without read right for its owner: fchmodat follows no link here because it is a folder.
            _ = name.withUnsafePointer { fchmodat(directory, $0, 0o700, 0) }
            number = name.withUnsafePointer { aurora_openat(directory, $0, flags, 0) }
        }
        if number < 0 { throw .last("openat", name.display) }
        let child = Descriptor(adopting: number)
        if try child.stat().mode & 0o700 != 0o700 { try child.setMode(0o700) }
        return child
    }

    static func isFolder(_ name: FileName, in directory: Int32) throws(SystemError) -> Bool {
        var status = stat()
        try check("fstatat", name.display) {
            name.withUnsafePointer { fstatat(directory, $0, &status, AT_SYMLINK_NOFOLLOW) }
        }
        return status.st_mode & S_IFMT == S_IFDIR
    }
}
