import AuroraSandbox
import AuroraSystem
import Glibc
import Synchronization

/// A folder of the host as a volume.
///
/// The kernel keeps every access inside (`openat2`); no comparison of strings takes part. Usage is counted when the volume
/// is opened and kept exact for what goes through it; what others write beside it counts at the next opening.
final class HostVolume: FileVolume {
    let root: Descriptor
    let isWritable: Bool
    let quota: FileUsage
    let owner: SandboxIdentity?
    /// Usage, and the lock that makes looking at a name and changing it one step.
    let books: Mutex<FileUsage>

    /// - Parameter owner: whom new files belong to; nil leaves them to the user of this process.
    init(_ folder: String, isWritable: Bool, quota: FileUsage, owner: SandboxIdentity?) throws(SystemError) {
        root = try Descriptor.open(folder, [.readOnly, .directory])
        self.isWritable = isWritable
        self.quota = quota
        self.owner = owner
        books = Mutex(FileUsage(bytes: 0, files: 0))
        guard isWritable else { return }
        let found = try HostVolume.count(root.rawValue, removingUnfinished: true)
        books.withLock { $0 = found }
    }

    var usage: FileUsage { books.withLock { $0 } }

    // MARK: Looking

    func read(_ path: [String], range: Range<Int64>?, limit: Int) throws(FileFault) -> [UInt8] {
        try FileFault.translating { () throws(SystemError) in
            let file = try root.openBeneath(text(path), [.readOnly, .nonBlocking])
            let status = try file.stat()
            try HostVolume.requireRegular(status)
            let start = max(0, min(range?.lowerBound ?? 0, status.size))
            let end = max(start, min(range?.upperBound ?? status.size, status.size))
            guard end - start <= limit else { throw SystemError(operation: "read", errno: EFBIG) }
            return try file.pread(Int(end - start), at: start)
        } or: {
            $0 == EFBIG ? .tooLarge(limit: limit) : nil
        }
    }

    func copy(_ path: [String], to file: borrowing Descriptor) throws(FileFault) -> Int64 {
        try FileFault.translating { () throws(SystemError) in
            // One opened file from begin to end, however often its name is given to another meanwhile.
            let source = try root.openBeneath(text(path), [.readOnly, .nonBlocking])
            let status = try source.stat()
            try HostVolume.requireRegular(status)
            var offset: Int64 = 0
            while offset < status.size {
                let bytes = try source.pread(Int(min(1 << 20, status.size - offset)), at: offset)
                if bytes.isEmpty { break }
                try file.write(all: bytes)
                offset += Int64(bytes.count)
            }
            return offset
        }
    }

    func facts(_ path: [String]) throws(FileFault) -> FileFacts {
        try FileFault.translating { () throws(SystemError) in
            guard let name = path.last else { return FileFacts(try root.stat()) }
            return FileFacts(try folder(of: path).status(of: name))
        }
    }

    func list(
        _ path: [String], after name: String?, limit: Int
    ) throws(FileFault) -> (entries: [FileEntry], more: Bool) {
        try FileFault.translating { () throws(SystemError) in
            let folder = try root.openBeneath(text(path), [.readOnly, .directory])
            var entries: [FileEntry] = []
            for found in try DirectoryNames.read(folder.rawValue) {
                // A name that is not UTF-8 has no path here; whoever made it sees it in its own sandbox.
                guard let own = found.text, !own.utf8.starts(with: FileVolumeRules.reservedPrefix.utf8) else {
                    continue
                }
                if let name, !name.utf8.lexicographicallyPrecedes(own.utf8) { continue }
                if entries.count == limit { return (entries, true) }
                do throws(SystemError) {
                    entries.append(FileEntry(name: own, facts: FileFacts(try folder.status(of: own))))
                } catch  where error.errno == ENOENT {
                    continue
                }
            }
            return (entries, false)
        }
    }

    func usage(below path: [String]) throws(FileFault) -> FileUsage {
        try FileFault.translating { () throws(SystemError) in
            let folder = try root.openBeneath(text(path), [.readOnly, .directory])
            return try FileUsage.measured(below: folder)
        }
    }

    func watch(_ path: [String]) throws(FileFault) -> FileWatch {
        try FileFault.translating { () throws(SystemError) in
            FileWatch(try FolderWatch(try root.openBeneath(text(path), [.pathOnly, .directory])))
        }
    }

    // MARK: Helpers

    /// The folder that holds the last name of `path`, which is not empty.
    func folder(of path: [String]) throws(SystemError) -> Descriptor {
        try root.openBeneath(text(path.dropLast()), [.pathOnly, .directory])
    }

    func text(_ path: some Collection<String>) -> String { path.isEmpty ? "." : path.joined(separator: "/") }

    /// `EINVAL` stands for "not a file" in here.
    static func requireRegular(_ status: FileStatus) throws(SystemError) {
        switch status.kind {
        case .regular: return
        case .directory: throw SystemError(operation: "open", errno: EISDIR)
        case .symlink, .other: throw SystemError(operation: "open", errno: EINVAL)
        }
    }

    /// What lies below an open folder, unfinished writes apart; a file with several names counts its bytes once.
    /// - Parameter leaving: count only files all of whose names lie below: what goes with the folder.
    static func count(
        _ folder: Int32, leaving: Bool = false, removingUnfinished: Bool = false
    ) throws(SystemError) -> FileUsage {
        var usage = FileUsage(bytes: 0, files: 0)
        var shared: [UInt64: (size: Int64, otherNames: UInt64)] = [:]
        try FolderWalk.visit(folder) {
            (name, status, directory) throws(SystemError) in
            guard !name.bytes.starts(with: FileVolumeRules.reservedPrefix.utf8) else {
                if removingUnfinished { try UnfinishedFile.removeLeftover(name, status, in: directory) }
                return false
            }
            usage.files += 1
            if status.kind == .regular {
                if status.links == 1 { usage.bytes += status.size }
                if status.links > 1 {
                    shared[status.inode, default: (status.size, status.links)].otherNames -= 1
                }
            }
            return true
        }
        for file in shared.values where !leaving || file.otherNames == 0 { usage.bytes += file.size }
        return usage
    }
}

extension FileFacts {
    init(_ status: FileStatus) {
        kind =
            switch status.kind {
            case .regular: .file
            case .directory: .directory
            case .symlink: .link
            case .other: .other
            }
        size = status.kind == .regular ? status.size : 0
        modified = status.modified
    }
}

extension FileFault {
    /// Runs `body` and says its error without the host's path.
    static func translating<T: ~Copyable>(
        _ body: () throws(SystemError) -> T, or special: (Int32) -> FileFault? = { _ in nil }
    ) throws(FileFault) -> T {
        do throws(SystemError) { return try body() } catch { throw special(error.errno) ?? FileFault(error) }
    }

    init(_ error: SystemError) {
        switch error.errno {
        case ENOENT: self = .notFound
        case EEXIST: self = .exists
        case EXDEV, ELOOP: self = .outside
        case EISDIR: self = .isDirectory
        case ENOTDIR: self = .notDirectory
        case ENOTEMPTY: self = .notEmpty
        case EINVAL, ENXIO: self = .notAFile
        case EROFS: self = .readOnly
        case ENAMETOOLONG: self = .tooLong
        case ENOSPC, EDQUOT: self = .noSpace
        case EACCES, EPERM: self = .noRights
        default: self = .system(error.errno, SystemError(operation: error.operation, errno: error.errno).description)
        }
    }
}
