import CShims
import Glibc

extension FileTree {
    /// Copies a tree of data as it stands to the new folder `target`: modes, owners, times, and content shared with the
    /// original where the file system can (`FICLONE`); durable when it returns.
    ///
    /// Sockets and pipes are left out: whoever needs one makes it anew. Owners are kept when this program is root.
    /// - Parameter isLeftOut: asked for every relative path; of a folder left out nothing is copied.
    /// - Throws: `EEXIST` when `target` exists, and what ``obstacle(toDuplicating:leavingOut:)`` finds; `target` is then half
    ///   a copy.
    package static func duplicate(
        from source: String, to target: String, leavingOut isLeftOut: (String) -> Bool = { _ in false }
    ) throws(SystemError) {
        let from = try open(source)
        try check("mkdir", target) { mkdir(target, 0o700) }
        let to = try open(target)
        var folders: [(path: String, status: FileStatus)] = []
        try visit(from.rawValue, leavingOut: isLeftOut) { (entry, location) throws(SystemError) in
            let (folder, name) = DurableFile.split(entry.path)
            let destination = try to.open(folder, [.readOnly, .directory, .noFollow])
            switch entry.kind {
            case .directory:
                try check("mkdirat", entry.path) { mkdirat(destination.rawValue, name, 0o700) }
                folders.append((entry.path, try FileStatus.of(location.name, in: location.directory)))
            case .symlink: try duplicateLink(entry, location, destination, name)
            case .regular: try duplicateFile(entry, location, destination, name)
            case .other: return
            }
        }
        // From the inside out: a mode may take away the right to write, and what is written to a folder changes its times.
        for folder in folders.reversed() {
            try adopt(folder.status, try to.open(folder.path, [.readOnly, .directory, .noFollow]))
        }
        try adopt(try from.stat(), to)
        try to.synchronizeFileSystem()
        try DurableFile.syncDirectory(DurableFile.split(target).folder)
    }

    /// Whether files below `folder` can share their content, so that a copy takes no room; tries it.
    package static func sharesContent(in folder: String) -> Bool {
        let names = ["a", "b"].map { ".probe-\($0)-\(getpid())" }
        guard let directory = try? Descriptor.open(folder, [.readOnly, .directory]) else { return false }
        defer { for name in names { unlinkat(directory.rawValue, name, 0) } }
        guard let first = try? directory.open(names[0], [.readWrite, .create, .exclusive], mode: 0o600),
            let second = try? directory.open(names[1], [.readWrite, .create, .exclusive], mode: 0o600),
            (try? first.write(all: [1])) != nil
        else { return false }
        return aurora_share_content(second.rawValue, first.rawValue) == 0
    }

    private static func duplicateFile(
        _ entry: TreeEntry, _ location: TreeLocation, _ destination: borrowing Descriptor, _ name: String
    ) throws(SystemError) {
        let from = try location.openFile()
        let status = try from.stat()
        // A name that was exchanged for something else between the listing and the open.
        guard status.kind == .regular else { throw SystemError(operation: "copy", path: entry.path, errno: EINVAL) }
        let to = try destination.open(name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
        do throws(SystemError) {
            if aurora_share_content(to.rawValue, from.rawValue) != 0 { try copyBytes(from, to) }
        } catch {
            throw SystemError(operation: error.operation, path: entry.path, errno: error.errno)
        }
        try adopt(status, to)
    }

    private static func duplicateLink(
        _ entry: TreeEntry, _ location: TreeLocation, _ destination: borrowing Descriptor, _ name: String
    ) throws(SystemError) {
        try check("symlinkat", entry.path) { symlinkat(entry.linkTarget ?? "", destination.rawValue, name) }
        let status = try FileStatus.of(location.name, in: location.directory)
        if geteuid() == 0 {
            try check("fchownat", entry.path) {
                fchownat(destination.rawValue, name, status.uid, status.gid, AT_SYMLINK_NOFOLLOW)
            }
        }
        try destination.setTimes(status.times, of: name)
    }

    /// Gives a copy the owner, the mode and the times of the original; the last step, since each write to it changes them.
    static func adopt(_ status: FileStatus, _ file: borrowing Descriptor) throws(SystemError) {
        if geteuid() == 0 { try file.setOwner(uid: status.uid, gid: status.gid) }
        try file.setMode(status.mode & 0o1777)
        try file.setTimes(status.times)
    }
}
