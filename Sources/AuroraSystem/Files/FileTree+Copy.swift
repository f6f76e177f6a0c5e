import CShims
import Glibc

extension FileTree {
    /// Copies a tree of files, folders and symlinks to the new folder `target`; modes are kept, owners are not.
    ///
    /// For throw-away copies such as the trial: not durable. Folders stay writable for their owner while copying.
    /// - Throws: `EEXIST` when `target` exists, `EINVAL` for devices, pipes and sockets.
    package static func copy(from source: String, to target: String) throws(SystemError) {
        try reproduce(source, target) { (entry, location, destination, name) throws(SystemError) in
            let from = try location.openFile()
            let to = try destination.open(name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
            try copyBytes(from, to)
            try to.setMode(entry.mode & 0o777)
        }
    }

    /// Makes a second tree whose files are hard links to the first: cost per name, no bytes.
    ///
    /// Only for trees that nobody changes in place. Folders are new with the same modes, except that the root folder
    /// is 0755: a folder that will move to another parent must be writable for its owner (rename(2)). Not durable.
    package static func hardLinkClone(from source: String, to target: String) throws(SystemError) {
        try reproduce(source, target) { (entry, location, destination, name) throws(SystemError) in
            try check("linkat", entry.path) {
                linkat(location.directory, location.name, destination.rawValue, name, 0)
            }
        }
        try open(target).setMode(0o755)
    }

    private typealias FileMaker = (TreeEntry, TreeLocation, borrowing Descriptor, String) throws(SystemError) -> Void

    /// Walks `source` and repeats its folders and symlinks in `target`; `file` makes the regular files.
    private static func reproduce(
        _ source: String, _ target: String, file: FileMaker
    ) throws(SystemError) {
        let from = try open(source)
        try check("mkdir", target) { mkdir(target, 0o700) }
        let to = try open(target)
        var folders: [(path: String, mode: UInt32)] = []
        try visit(from.rawValue) { (entry, location) throws(SystemError) in
            let (folder, name) = DurableFile.split(entry.path)
            let destination = try to.open(folder, [.readOnly, .directory, .noFollow])
            switch entry.kind {
            case .directory:
                try check("mkdirat", entry.path) { mkdirat(destination.rawValue, name, 0o700) }
                folders.append((entry.path, entry.mode))
            case .symlink:
                try check("symlinkat", entry.path) {
                    symlinkat(entry.linkTarget ?? "", destination.rawValue, name)
                }
            case .regular: try file(entry, location, destination, name)
            case .other: throw SystemError(operation: "copy", path: entry.path, errno: EINVAL)
            }
        }
        for folder in folders.reversed() {
            try to.open(folder.path, [.readOnly, .directory, .noFollow]).setMode(folder.mode)
        }
        try to.setMode(try from.stat().mode)
    }

    /// Copies what follows from the offset of one descriptor to the offset of another, in the kernel where it can.
    ///
    /// - Parameter most: how many bytes at most; all there are when it is left out.
    package static func copyBytes(
        _ from: borrowing Descriptor, _ to: borrowing Descriptor, most: Int64 = .max
    ) throws(SystemError) {
        var left = most
        while left > 0 {
            let (source, target) = (from.rawValue, to.rawValue)
            let count = aurora_copy_file_range(source, target, Int(min(left, 1 << 30)))
            if count == 0 { return }
            if count > 0 { left -= Int64(count) }
            if count > 0 || errno == EINTR { continue }
            guard errno == EXDEV || errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL else {
                throw .last("copy_file_range")
            }
            return try copyByReading(from, to, most: left)
        }
    }

    private static func copyByReading(
        _ from: borrowing Descriptor, _ to: borrowing Descriptor, most: Int64
    ) throws(SystemError) {
        var chunk = [UInt8](repeating: 0, count: 128 << 10)
        var left = most
        while left > 0 {
            let (source, wanted) = (from.rawValue, Int(min(left, Int64(chunk.count))))
            let count = try check("read") { chunk.withUnsafeMutableBytes { read(source, $0.baseAddress, wanted) } }
            if count == 0 { return }
            left -= Int64(count)
            try to.write(all: chunk[..<count])
        }
    }
}
