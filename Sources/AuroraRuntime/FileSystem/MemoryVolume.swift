import AuroraSystem
import Synchronization

/// A tree of files in memory, gone with its owner.
///
/// The sum of all sizes stays below the given size; what a name costs is bounded by the number of files.
final class MemoryVolume: FileVolume {
    /// A file or a folder.
    private struct Node {
        /// Names in a folder by their bytes; nil for a file.
        var names: [[UInt8]: Node]?
        var bytes: [UInt8] = []
        var modified = WallClock.system.now()

        var facts: FileFacts {
            FileFacts(kind: names == nil ? .file : .directory, size: Int64(bytes.count), modified: modified)
        }

        /// What goes with this node.
        var usage: FileUsage {
            (names ?? [:]).values.reduce(into: FileUsage(bytes: Int64(bytes.count), files: 1)) { sum, node in
                sum.bytes += node.usage.bytes
                sum.files += node.usage.files
            }
        }

        func find(_ path: ArraySlice<String>) throws(FileFault) -> Node {
            guard let name = path.first else { return self }
            guard let names else { throw .notDirectory }
            guard let node = names[Array(name.utf8)] else { throw .notFound }
            return try node.find(path.dropFirst())
        }

        /// Calls `body` with the folder that holds the last name.
        mutating func change<T>(
            _ path: ArraySlice<String>, _ body: (inout [[UInt8]: Node], [UInt8]) throws(FileFault) -> T
        ) throws(FileFault) -> T {
            guard let first = path.first, var own = names else { throw .notDirectory }
            // Taken out while it changes, so that nothing is copied.
            names = [:]
            defer { names = own }
            let name = Array(first.utf8)
            if path.count == 1 { return try body(&own, name) }
            guard var child = own.removeValue(forKey: name) else { throw .notFound }
            defer { own[name] = child }
            return try child.change(path.dropFirst(), body)
        }
    }

    private struct State {
        var root = Node(names: [:])
        var usage = FileUsage(bytes: 0, files: 0)
    }

    /// Deepest nesting of folders.
    private static let depthLimit = 256

    private let quota: FileUsage
    private let state = Mutex(State())

    init(quota: FileUsage) { self.quota = quota }

    var usage: FileUsage { state.withLock { $0.usage } }

    func read(_ path: [String], range: Range<Int64>?, limit: Int) throws(FileFault) -> [UInt8] {
        let node = try find(path)
        guard node.names == nil else { throw .isDirectory }
        let size = Int64(node.bytes.count)
        let start = max(0, min(range?.lowerBound ?? 0, size))
        let end = max(start, min(range?.upperBound ?? size, size))
        guard end - start <= limit else { throw .tooLarge(limit: limit) }
        return Array(node.bytes[Int(start)..<Int(end)])
    }

    func copy(_ path: [String], to file: borrowing Descriptor) throws(FileFault) -> Int64 {
        let bytes = try read(path, range: nil, limit: .max)
        try FileFault.translating { () throws(SystemError) in try file.write(all: bytes) }
        return Int64(bytes.count)
    }

    func usage(below path: [String]) throws(FileFault) -> FileUsage {
        let node = try find(path)
        guard node.names != nil else { throw .notDirectory }
        // The folder itself is no part of what it holds.
        return FileUsage(bytes: node.usage.bytes, files: node.usage.files - 1)
    }

    func facts(_ path: [String]) throws(FileFault) -> FileFacts { try find(path).facts }

    func list(
        _ path: [String], after name: String?, limit: Int
    ) throws(FileFault) -> (entries: [FileEntry], more: Bool) {
        guard let names = try find(path).names else { throw .notDirectory }
        let last = name.map { Array($0.utf8) }
        let wanted = names.filter { last?.lexicographicallyPrecedes($0.key) ?? true }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
        let entries = wanted.prefix(limit).map {
            FileEntry(name: String(decoding: $0.key, as: UTF8.self), facts: $0.value.facts)
        }
        return (entries, wanted.count > limit)
    }

    func write(_ path: [String], _ bytes: [UInt8], _ mode: WriteMode, isDurable: Bool) throws(FileFault) {
        try change(path) { (names, name, usage) throws(FileFault) in
            let old = names[name]
            if old != nil, mode == .createNew { throw .exists }
            if old?.names != nil { throw .isDirectory }
            try usage.charge(Int64(bytes.count - (old?.bytes.count ?? 0)), old == nil ? 1 : 0, within: self.quota)
            names[name] = Node(names: nil, bytes: bytes)
        }
    }

    func append(_ path: [String], _ bytes: [UInt8], isDurable: Bool) throws(FileFault) {
        try change(path) { (names, name, usage) throws(FileFault) in
            if names[name]?.names != nil { throw .isDirectory }
            try usage.charge(Int64(bytes.count), names[name] == nil ? 1 : 0, within: self.quota)
            names[name, default: Node(names: nil)].bytes += bytes
            names[name]?.modified = WallClock.system.now()
        }
    }

    func makeDirectory(_ path: [String]) throws(FileFault) {
        if path.count > Self.depthLimit { throw .tooLong }
        try change(path) { (names, name, usage) throws(FileFault) in
            if names[name] != nil { throw .exists }
            try usage.charge(0, 1, within: self.quota)
            names[name] = Node(names: [:])
        }
    }

    func remove(_ path: [String], isTree: Bool) throws(FileFault) {
        try change(path) { (names, name, usage) throws(FileFault) in
            guard let node = names[name] else { throw .notFound }
            if !isTree, node.names?.isEmpty == false { throw .notEmpty }
            let freed = node.usage
            usage.bytes -= freed.bytes
            usage.files -= freed.files
            names[name] = nil
        }
    }

    func rename(_ path: [String], to target: [String]) throws(FileFault) {
        if target.count > Self.depthLimit { throw .tooLong }
        try state.withLock { (state) throws(FileFault) in
            for folder in [path.dropLast(), target.dropLast()] where try state.root.find(folder).names == nil {
                throw .notDirectory
            }
            let moved = try state.root.find(path[...])
            if Self.starts(target, with: path) {
                if target.count == path.count { return }
                throw .badPath("a folder cannot move into itself")
            }
            if Self.starts(path, with: target) { throw .notEmpty }
            let freed = try state.root.change(target[...]) { (names, name) throws(FileFault) in
                let old = names[name]
                try Self.requireReplaceable(old, by: moved)
                names[name] = moved
                return old?.usage
            }
            state.usage.bytes -= freed?.bytes ?? 0
            state.usage.files -= freed?.files ?? 0
            try state.root.change(path[...]) { (names, name) throws(FileFault) in names[name] = nil }
        }
    }

    private static func starts(_ path: [String], with prefix: [String]) -> Bool {
        path.count >= prefix.count && zip(path, prefix).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }

    private static func requireReplaceable(_ old: Node?, by new: Node) throws(FileFault) {
        guard let old else { return }
        guard let names = old.names else {
            if new.names != nil { throw .notDirectory }
            return
        }
        if new.names == nil { throw .isDirectory }
        if !names.isEmpty { throw .notEmpty }
    }

    func watch(_ path: [String]) throws(FileFault) -> FileWatch { throw .notWatchable }

    private func find(_ path: [String]) throws(FileFault) -> Node {
        try state.withLock { (state) throws(FileFault) in try state.root.find(path[...]) }
    }

    private func change(
        _ path: [String], _ body: (inout [[UInt8]: Node], [UInt8], inout FileUsage) throws(FileFault) -> Void
    ) throws(FileFault) {
        if path.isEmpty { throw .isMountPoint }
        try state.withLock { (state) throws(FileFault) in
            var usage = state.usage
            try state.root.change(path[...]) { (names, name) throws(FileFault) in try body(&names, name, &usage) }
            state.usage = usage
        }
    }
}
