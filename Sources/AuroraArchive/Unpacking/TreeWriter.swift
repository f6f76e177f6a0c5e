import Glibc

/// Makes the entries below one directory descriptor, never through a link and never by absolute path.
///
/// Every step is one component from a directory opened with O_NOFOLLOW; files are made with O_EXCL. Directories on the
/// way to the current entry stay open, at most ``ArchiveLimits/depth`` of them. Nothing is synced: the parent does.
final class TreeWriter {
    private let root: Int32
    private var open: [(name: String, descriptor: Int32)] = []

    /// Writes below `root`, which stays the caller's and must be an empty directory.
    init(root: Int32) throws(ArchiveRefusal) {
        self.root = root
        try requireEmpty()
    }

    deinit { for level in open { close(level.descriptor) } }

    /// Makes one entry that is not a file.
    func make(_ entry: AdmittedEntry) throws(ArchiveRefusal) {
        guard let name = entry.path.last else { return }
        let parent = try directory(entry.path.dropLast(), entry)
        switch entry.content {
        case .directory:
            try makeDirectory(name, in: parent, entry)
        case .symlink(let target):
            guard symlinkat(target, parent, name) == 0 else { throw failure("making a link", entry) }
        case .hardLink(let target):
            try makeHardLink(name, in: parent, target, entry)
        case .file: return
        }
    }

    /// Makes a file, lets `fill` write it, and gives it its final mode: 0755 when executable, else 0644.
    func makeFile(
        _ entry: AdmittedEntry, executable: Bool,
        _ fill: (_ write: (UnsafeRawBufferPointer) throws(ArchiveRefusal) -> Void) throws(ArchiveRefusal) -> Void
    ) throws(ArchiveRefusal) {
        guard let name = entry.path.last else { return }
        let parent = try directory(entry.path.dropLast(), entry)
        let file = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("making a file", entry) }
        defer { close(file) }
        try fill { (bytes) throws(ArchiveRefusal) in try write(bytes, to: file, entry) }
        guard fchmod(file, executable ? 0o755 : 0o644) == 0 else { throw failure("setting the mode", entry) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, to file: Int32, _ entry: AdmittedEntry) throws(ArchiveRefusal) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            let count = Glibc.write(file, piece.baseAddress, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("writing", entry) }
            rest = rest.dropFirst(count)
        }
    }

    private func makeDirectory(_ name: String, in parent: Int32, _ entry: AdmittedEntry) throws(ArchiveRefusal) {
        // The policy let this entry pass, so an existing directory is one that an earlier name implied.
        guard mkdirat(parent, name, 0o755) == 0 || errno == EEXIST else { throw failure("making a directory", entry) }
        // mkdirat's mode passes through the umask; the tree's modes are always the same.
        guard fchmodat(parent, name, 0o755, 0) == 0 else { throw failure("setting the mode", entry) }
    }

    private func makeHardLink(
        _ name: String, in parent: Int32, _ target: [String], _ entry: AdmittedEntry
    ) throws(ArchiveRefusal) {
        guard let targetName = target.last else { throw ArchiveRefusal(.hardLinkTarget, entry: entry.label, "no name") }
        var level = root
        defer { if level != root { close(level) } }
        for component in target.dropLast() {
            let next = try descend(into: component, from: level, entry)
            if level != root { close(level) }
            level = next
        }
        guard linkat(level, targetName, parent, name, 0) == 0 else { throw failure("making a hard link", entry) }
    }

    /// The descriptor of the directory at `path`, making the levels that are missing.
    private func directory(_ path: ArraySlice<String>, _ entry: AdmittedEntry) throws(ArchiveRefusal) -> Int32 {
        let common = zip(open, path).prefix { $0.name.utf8.elementsEqual($1.utf8) }.count
        while open.count > common { close(open.removeLast().descriptor) }
        for name in path.dropFirst(common) {
            let parent = open.last?.descriptor ?? root
            guard mkdirat(parent, name, 0o755) == 0 || errno == EEXIST else {
                throw failure("making a directory", entry)
            }
            let next = try descend(into: name, from: parent, entry)
            open.append((name, next))
        }
        return open.last?.descriptor ?? root
    }

    private func descend(into name: String, from parent: Int32, _ entry: AdmittedEntry) throws(ArchiveRefusal) -> Int32
    {
        let next = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard next >= 0 else { throw failure("opening a directory", entry) }
        return next
    }

    private func requireEmpty() throws(ArchiveRefusal) {
        let copy = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard copy >= 0, let listing = fdopendir(copy) else {
            throw ArchiveRefusal(.destination, "the staging descriptor is not a directory that can be listed")
        }
        defer { closedir(listing) }
        while let item = readdir(listing) {
            let name = withUnsafeBytes(of: item.pointee.d_name) { bytes in Array(bytes.prefix { $0 != 0 }) }
            guard name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8) else {
                throw ArchiveRefusal(.destination, "the staging directory is not empty")
            }
        }
    }

    private func failure(_ doing: String, _ entry: AdmittedEntry) -> ArchiveRefusal {
        let code = errno
        let isFull = code == ENOSPC || code == EDQUOT || code == EFBIG
        let text = "\(doing): \(String(cString: strerror(code)))"
        return ArchiveRefusal(isFull ? .diskFull : .cannotWrite, entry: entry.label, text)
    }
}
