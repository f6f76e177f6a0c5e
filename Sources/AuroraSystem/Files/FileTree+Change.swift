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
        try FolderRemoval.remove(fileName, isDirectory: status.kind == .directory, in: parent.rawValue)
    }

    /// Removes one name, given as the kernel's bytes, inside `folder`; otherwise as ``remove(_:)``.
    package static func remove(_ name: FileName, inFolder folder: String) throws(SystemError) {
        let parent = try Descriptor.open(folder, [.readOnly, .directory])
        try FolderRemoval.remove(
            name, isDirectory: FolderRemoval.isFolder(name, in: parent.rawValue), in: parent.rawValue)
    }

    /// Removes one name inside an open folder; otherwise as ``remove(_:)``.
    package static func remove(_ name: FileName, in directory: Int32) throws(SystemError) {
        try FolderRemoval.remove(name, isDirectory: FolderRemoval.isFolder(name, in: directory), in: directory)
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
