package import AuroraSandbox
package import AuroraSystem

/// The file system of one pack or plugin: a root of its own and what is mounted into it.
///
/// Each path belongs to the mount with the longest prefix of its names. Inside a mount the kernel keeps every access below
/// the mount's folder, whatever links there are and whoever exchanges them meanwhile. Blocks; any thread. What is written
/// durably survives a power cut when the call returns; anything else is whole or not there after a crash of the program.
package final class VirtualFileSystem: Sendable {
    /// Something that appears below the root.
    package struct Mount: Sendable {
        /// What appears there.
        package enum Source: Sendable {
            /// A folder of the host, to be read only.
            case host(String)
            /// A folder that another pack shows, as an absolute path of the host; to be read only.
            case export(String)
            /// An empty folder in memory that takes this much.
            case memory(FileUsage)
        }

        package let path: VirtualPath
        package let source: Source

        package init(_ path: VirtualPath, _ source: Source) {
            self.path = path
            self.source = source
        }
    }

    private struct Place {
        let path: VirtualPath
        let volume: any FileVolume
    }

    /// The mount with the longest path first, the root last.
    private let places: [Place]

    /// Opens a file system; counts what its root holds.
    ///
    /// - Parameters:
    ///   - root: absolute path of a folder of the host, which must be there and should belong to one pack alone.
    ///   - owner: whom new files belong to; nil leaves them to the user of this process.
    ///   - mounts: the later of two with one path counts.
    /// - Throws: ``SystemError`` with the path of the host: this is for the device's own service, not for a pack.
    package convenience init(
        root: String, quota: FileUsage, owner: SandboxIdentity? = nil, mounts: [Mount] = []
    ) throws(SystemError) {
        try self.init(root: HostVolume(root, isWritable: true, quota: quota, owner: owner), mounts)
    }

    /// Opens a file system of mounts alone; nothing else can be put into its root.
    package convenience init(mounts: [Mount]) throws(SystemError) {
        try self.init(root: MemoryVolume(quota: FileUsage(bytes: 0, files: 0)), mounts)
    }

    private init(root: any FileVolume, _ mounts: [Mount]) throws(SystemError) {
        var places = [Place(path: .root, volume: root)]
        for mount in mounts {
            let volume: any FileVolume =
                switch mount.source {
                case .host(let folder), .export(let folder):
                    try HostVolume(folder, isWritable: false, quota: FileUsage(bytes: 0, files: 0), owner: nil)
                case .memory(let quota): MemoryVolume(quota: quota)
                }
            places.removeAll { $0.path == mount.path }
            places.append(Place(path: mount.path, volume: volume))
        }
        self.places = places.sorted { $0.path.names.count > $1.path.names.count }
    }

    /// Bytes of a file, all of them or those in `range`; a range that reaches past the end is cut.
    /// - Parameter limit: the most that is read; a longer file is refused, not cut.
    package func read(
        _ path: VirtualPath, range: Range<Int64>? = nil, limit: Int = 64 << 20
    ) throws(FileSystemError) -> [UInt8] {
        try at(path) { (volume, names) throws(FileFault) in try volume.read(names, range: range, limit: limit) }
    }

    /// Copies a whole file to the present place of an open one, piece by piece: what it holds up to its present size.
    ///
    /// - Returns: how many bytes that were; fewer than its size when it was cut meanwhile.
    package func copy(_ path: VirtualPath, to file: borrowing Descriptor) throws(FileSystemError) -> Int64 {
        let (place, names) = place(of: path)
        do throws(FileFault) {
            return try place.volume.copy(names, to: file)
        } catch {
            throw FileSystemError(error, path.description)
        }
    }

    /// Writes a whole file: readers see the old one or the new one, never a part.
    package func write(
        _ path: VirtualPath, _ bytes: [UInt8], _ mode: WriteMode = .replace, isDurable: Bool = false
    ) throws(FileSystemError) {
        try refuseMountPoints(path)
        try at(path) { (volume, names) throws(FileFault) in
            try volume.write(names, bytes, mode, isDurable: isDurable)
        }
    }

    /// Adds bytes to the end of a file, which is made if need be; all of them or none.
    package func append(
        _ path: VirtualPath, _ bytes: [UInt8], isDurable: Bool = false
    ) throws(FileSystemError) {
        try refuseMountPoints(path)
        try at(path) { (volume, names) throws(FileFault) in try volume.append(names, bytes, isDurable: isDurable) }
    }

    /// Entries of a folder in order of the bytes of their names, mount points among them.
    /// - Parameters:
    ///   - name: the last name of the page before; nil for the first page.
    ///   - limit: how many, 1 … 10,000.
    /// - Returns: The entries, and whether there are more.
    package func list(
        _ path: VirtualPath, after name: String? = nil, limit: Int = 1_000
    ) throws(FileSystemError) -> (entries: [FileEntry], more: Bool) {
        let count = max(1, min(limit, 10_000))
        let mounted = mountNames(in: path).filter { mount in
            name.map { $0.utf8.lexicographicallyPrecedes(mount.utf8) } ?? true
        }
        var (entries, more): ([FileEntry], Bool)
        do throws(FileSystemError) {
            (entries, more) = try at(path) { (volume, names) throws(FileFault) in
                try volume.list(names, after: name, limit: count)
            }
        } catch  where error.fault == .notFound && !mounted.isEmpty {
            (entries, more) = ([], false)
        }
        guard !mounted.isEmpty else { return (entries, more) }
        let end = more ? entries.last?.name : nil
        entries.removeAll { entry in mounted.contains { $0.utf8.elementsEqual(entry.name.utf8) } }
        for mount in mounted where end.map({ !$0.utf8.lexicographicallyPrecedes(mount.utf8) }) ?? true {
            entries.append(FileEntry(name: mount, facts: FileFacts(kind: .directory, size: 0, modified: 0)))
        }
        entries.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return (Array(entries.prefix(count)), more || entries.count > count)
    }

    /// What is known about a file or folder; a link at the end is not followed.
    package func facts(_ path: VirtualPath) throws(FileSystemError) -> FileFacts {
        do throws(FileSystemError) {
            return try at(path) { (volume, names) throws(FileFault) in try volume.facts(names) }
        } catch  where error.fault == .notFound && !mountNames(in: path).isEmpty {
            return FileFacts(kind: .directory, size: 0, modified: 0)
        }
    }

    /// Renames a file or folder inside one mount; a file in its place is replaced in the same step.
    package func rename(_ path: VirtualPath, to target: VirtualPath) throws(FileSystemError) {
        try refuseMountPoints(path)
        try refuseMountPoints(target)
        let (from, to) = (place(of: path), place(of: target))
        guard from.place.path == to.place.path else {
            throw FileSystemError(.crossesMounts(to: target.description), path.description)
        }
        try at(path) { (volume, names) throws(FileFault) in try volume.rename(names, to: to.names) }
    }

    /// Removes a file, a link (never what it points to) or an empty folder.
    package func remove(_ path: VirtualPath) throws(FileSystemError) {
        try refuseMountPoints(path)
        try at(path) { (volume, names) throws(FileFault) in try volume.remove(names, isTree: false) }
    }

    /// Removes a folder with everything in it; links in it are removed, never followed.
    package func removeTree(_ path: VirtualPath) throws(FileSystemError) {
        try refuseMountPoints(path)
        try at(path) { (volume, names) throws(FileFault) in try volume.remove(names, isTree: true) }
    }

    /// Makes a folder; those above it must be there.
    package func makeDirectory(_ path: VirtualPath) throws(FileSystemError) {
        try refuseMountPoints(path)
        try at(path) { (volume, names) throws(FileFault) in try volume.makeDirectory(names) }
    }

    /// Begins to watch the names in a folder of the host.
    package func watch(_ path: VirtualPath) throws(FileSystemError) -> FileWatch {
        try at(path) { (volume, names) throws(FileFault) in try volume.watch(names) }
    }

    /// What the mount holds that a path belongs to; 0 for one that is read only.
    package func usage(at path: VirtualPath = .root) -> FileUsage { place(of: path).place.volume.usage }

    /// What lies below a folder, with names that are no text and others that a list leaves out; mounts in it are not counted.
    package func usage(below path: VirtualPath) throws(FileSystemError) -> FileUsage {
        try at(path) { (volume, names) throws(FileFault) in try volume.usage(below: names) }
    }

    // MARK: Mounts

    private func place(of path: VirtualPath) -> (place: Place, names: [String]) {
        for place in places {
            if let names = path.names(below: place.path) { return (place, names) }
        }
        preconditionFailure("the root is a prefix of every path")
    }

    private func at<T>(
        _ path: VirtualPath, _ body: (any FileVolume, [String]) throws(FileFault) -> T
    ) throws(FileSystemError) -> T {
        let (place, names) = place(of: path)
        do throws(FileFault) {
            return try body(place.volume, names)
        } catch {
            throw FileSystemError(error, path.description)
        }
    }

    /// The names that mounts give a folder.
    private func mountNames(in path: VirtualPath) -> [String] {
        var seen: Set<[UInt8]> = []
        return places.compactMap { $0.path.names(below: path)?.first }.filter { seen.insert(Array($0.utf8)).inserted }
    }

    /// Refuses to change the root, a mount point, or a folder with one below it.
    private func refuseMountPoints(_ path: VirtualPath) throws(FileSystemError) {
        guard places.contains(where: { $0.path.names(below: path) != nil }) else { return }
        throw FileSystemError(.isMountPoint, path.description)
    }
}
