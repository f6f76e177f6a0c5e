import CShims
import Glibc

/// Reads files as if a folder were the root of the machine: links that lead out of it stay inside (openat2(2)).
///
/// For descriptions of a machine such as `/proc` and `/sys`, live or recorded, which may hold anything: reads are bounded,
/// nothing that is not a regular file is read, and what cannot be read is simply not there. Any thread may use it.
package struct RootedFiles: Sendable {
    /// The folder; `/` is the machine itself.
    package let root: String

    /// Uses a folder; one that is missing has no files.
    package init(root: String) { self.root = root }

    /// The first `limit` bytes of a file, or nil when there is none that can be read.
    ///
    /// - Parameter path: absolute, below the root.
    package func bytes(_ path: String, limit: Int = 64 << 10) -> [UInt8]? {
        guard let file = open(path, O_RDONLY | O_NONBLOCK), let status = try? file.stat(), status.kind == .regular
        else {
            return nil
        }
        var bytes: [UInt8] = []
        // Files of /proc give a little at each read, and say nothing about their size.
        while bytes.count < limit {
            var chunk = [UInt8](repeating: 0, count: min(16 << 10, limit - bytes.count))
            guard let count = try? chunk.withUnsafeMutableBytes({ try file.read(into: $0) }), count > 0 else { break }
            bytes.append(contentsOf: chunk.prefix(count))
        }
        return bytes
    }

    /// The text of a file without the blanks, line ends and zero bytes at its ends; broken UTF-8 is replaced.
    package func text(_ path: String, limit: Int = 64 << 10) -> String? {
        guard let bytes = bytes(path, limit: limit) else { return nil }
        let isBlank = { (byte: UInt8) in byte <= 0x20 }
        guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }

    /// The names in a folder, sorted, at most a thousand; none when there is no such folder.
    package func names(_ path: String) -> [String] {
        guard let folder = open(path, O_RDONLY | O_DIRECTORY), let names = try? DirectoryNames.read(folder.rawValue)
        else { return [] }
        return names.prefix(1000).compactMap(\.text)
    }

    /// Type and mode of what a path leads to, links followed inside the root; nil when it leads nowhere.
    package func status(_ path: String) -> FileStatus? {
        guard let file = open(path, OpenFlags.pathOnly.rawValue) else { return nil }
        return try? file.stat()
    }

    private func open(_ path: String, _ flags: Int32) -> Descriptor? {
        guard let folder = try? Descriptor.open(root, [.pathOnly, .directory]) else { return nil }
        let number = aurora_open_in_root(folder.rawValue, path, flags)
        return number < 0 ? nil : Descriptor(adopting: number)
    }
}
