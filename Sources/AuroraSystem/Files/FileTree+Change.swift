import CShims
import Glibc

extension FileTree {
    /// Makes a folder and those above it that are missing, all with `mode`; one that is there is left as it is.
    ///
    /// Not durable by itself.
    package static func makeFolders(_ path: String, mode: UInt32) throws(SystemError) {
        var parent = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            parent += "/" + part
            guard try FileStatus.ifExists(parent) == nil else { continue }
            do throws(SystemError) {
                try check("mkdir", parent) { mkdir(parent, mode) }
                // The umask may have taken bits away.
                try check("chmod", parent) { chmod(parent, mode) }
            } catch  where error.errno == EEXIST {
                continue
            }
        }
    }

    /// Removes `path` and everything below it; symlinks are removed, never followed.
    ///
    /// Nothing there is fine.
    ///
    /// Read-only folders are opened up first; modes of files are never touched, since hard links share them.
    /// Not durable by itself.
    package static func remove(_ path: String) throws(SystemError) {
        let (folder, name) = DurableFile.split(path)
        guard let status = try FileStatus.ifExists(path) else { return }
        let parent = try Descriptor.open(folder, [.readOnly, .directory])
        let fileName = FileName(bytes: Array(name.utf8))
        try remove(fileName, isDirectory: status.kind == .directory, in: parent.rawValue)
    }

    /// Removes one name, given as the kernel's bytes, inside `folder`; otherwise as ``remove(_:)``.
    package static func remove(_ name: FileName, inFolder folder: String) throws(SystemError) {
        let parent = try Descriptor.open(folder, [.readOnly, .directory])
        try remove(name, isDirectory: isFolder(name, in: parent.rawValue), in: parent.rawValue)
    }

    /// Removes one name inside an open folder; otherwise as ``remove(_:)``.
    package static func remove(_ name: FileName, in directory: Int32) throws(SystemError) {
        try remove(name, isDirectory: isFolder(name, in: directory), in: directory)
    }

    private static func remove(
        _ name: FileName, isDirectory: Bool, in directory: Int32
    ) throws(SystemError) {
        if isDirectory {
            let child = try openForRemoval(name, in: directory)
            for inner in try DirectoryNames.read(child.rawValue) {
                do throws(SystemError) {
                    try remove(inner, isDirectory: isFolder(inner, in: child.rawValue), in: child.rawValue)
                } catch {
                    // Somebody else removed it meanwhile (a database closing its side files): that is what was wanted.
                    if error.errno != ENOENT { throw error }
                }
            }
        }
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

    private static func isFolder(_ name: FileName, in directory: Int32) throws(SystemError) -> Bool {
        var status = stat()
        try check("fstatat", name.display) {
            name.withUnsafePointer { fstatat(directory, $0, &status, AT_SYMLINK_NOFOLLOW) }
        }
        return status.st_mode & S_IFMT == S_IFDIR
    }

    /// Makes a tree read-only: folders 0555, files 0444, or 0555 when the owner may execute them; clears set-id bits.
    ///
    /// The root folder gets 0555 too. Not durable by itself.
    package static func setReadOnly(_ root: String) throws(SystemError) {
        let directory = try open(root)
        try visit(directory.rawValue) { (entry, location) throws(SystemError) in
            try makeReadOnly(entry, location)
        }
        try directory.setMode(0o555)
    }

    static func makeReadOnly(_ entry: TreeEntry, _ location: TreeLocation) throws(SystemError) {
        switch entry.kind {
        case .symlink: return
        case .other: throw SystemError(operation: "setReadOnly", path: entry.path, errno: EINVAL)
        case .regular, .directory:
            let wanted: UInt32 = entry.kind == .directory || entry.mode & 0o100 != 0 ? 0o555 : 0o444
            if entry.mode == wanted { return }
            try location.openFile().setMode(wanted)
        }
    }

    /// Makes a whole tree durable: fsync of every file, then of every folder from the inside out, then of the parent.
    ///
    /// One ``DurableFile/syncFileSystem(of:)`` is cheaper for large trees, but waits for other writers.
    package static func syncAll(_ root: String) throws(SystemError) {
        let directory = try open(root)
        var folders: [String] = []
        try visit(directory.rawValue) { (entry, location) throws(SystemError) in
            switch entry.kind {
            case .regular: try location.openFile().synchronize()
            case .directory: folders.append(entry.path)
            case .symlink, .other: break
            }
        }
        for folder in folders.reversed() {
            try directory.open(folder, [.readOnly, .directory, .noFollow]).synchronize()
        }
        try directory.synchronize()
        try DurableFile.syncDirectory(DurableFile.split(root).folder)
    }
}
