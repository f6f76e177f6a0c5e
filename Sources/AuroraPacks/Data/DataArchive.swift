import AuroraActivation
import AuroraArchive
import AuroraModel
import AuroraSystem
import Glibc

/// One pack's data as one tar archive (docs/formats/data-archive.md): the facts, the manifest, the modes, the tree.
struct DataArchive {
    /// The names of its entries.
    enum Name {
        static let facts = "snapshot.json"
        static let manifest = "manifest"
        static let modes = "modes.json"
        static let data = "data"
        /// All of them, sorted.
        static let all = [data, manifest, modes, facts]
    }

    let snapshot: DataSnapshot
    /// In canonical bytes.
    let manifest: [UInt8]
    let modes: DataModes

    // MARK: Writing

    /// What is in a slot, which must be whole.
    init(of slot: DataSnapshots.Slot, _ snapshot: DataSnapshot) throws {
        self.snapshot = snapshot
        manifest = try DurableFile.read(slot.manifest, limit: Self.manifestLimit)
        modes = DataModes(of: try FileTree.walk(slot.content))
    }

    /// Most bytes of the manifest of a copy that this device has made.
    static let manifestLimit = 256 << 20

    /// How large an archive may be of a pack that may keep so many files and folders.
    ///
    /// Its bytes are bounded by the disk and by what the pack may keep (``PackStorage``).
    static func limits(files: Int64 = .max) -> ArchiveLimits {
        var limits = ArchiveLimits(unpackedBytes: UInt64(Int64.max))
        let (entries, overflow) = Int(clamping: files).addingReportingOverflow(Name.all.count)
        limits.entries = max(limits.entries, overflow ? .max : entries)
        return limits
    }

    /// Refuses data that could not be written into an archive: a look before anything is stopped, so the pack may run
    /// meanwhile.
    ///
    /// - Parameter paths: what copies leave out.
    /// - Throws: `Refusal` with code `data_not_portable`.
    static func check(_ pack: PackID, _ folder: String, excluding paths: [PackPath]) throws {
        let root = try FileTree.open(folder)
        var check = ArchiveCheck(limits: limits())
        let refusal = try FolderWalk.first(
            below: root.rawValue
        ) { (entry) throws(SystemError) -> FolderWalk.Step<ArchiveRefusal> in
            guard let path = String(validating: entry.path, as: UTF8.self),
                !paths.contains(where: { $0.text.hasSameCodePoints(as: path) })
            else { return .passOver }
            do throws(ArchiveRefusal) {
                try add(entry, "\(Name.data)/\(path)", to: &check)
            } catch {
                return .found(error)
            }
            return .goOn
        }
        if let refusal { throw DataRefusals.unwritable(pack, refusal) }
    }

    private static func add(
        _ entry: FolderWalk.Entry, _ name: String, to check: inout ArchiveCheck
    ) throws(ArchiveRefusal) {
        switch entry.status.kind {
        case .directory: try check.add(folder: name)
        case .regular: try check.add(file: name, size: UInt64(entry.status.size))
        case .symlink:
            // One that is gone again is not in the copy either; bytes that are no text were refused before.
            guard let text = try? entry.name.linkText(in: entry.folder) else { return }
            try check.add(link: name, to: String(decoding: text, as: UTF8.self))
        case .other: break
        }
    }

    /// Writes it with the tree in `folder`; every file is read once, in pieces.
    func write(_ folder: String, to file: borrowing Descriptor) throws {
        let root = try FileTree.open(folder)
        let entries = try FileTree.walk(root.rawValue)
        let number = file.rawValue
        try TarWriter.write(to: number, limits: Self.limits()) { (tar) throws(ArchiveRefusal) in
            try tar.add(file: Name.facts, snapshot.json.documentBytes)
            try tar.add(file: Name.manifest, manifest)
            try tar.add(file: Name.modes, modes.json.documentBytes)
            try tar.add(folder: Name.data)
            for entry in entries { try Self.add(entry, in: root, to: tar) }
        }
        try file.synchronize()
    }

    private static func add(
        _ entry: TreeEntry, in root: borrowing Descriptor, to tar: TarWriter
    ) throws(ArchiveRefusal) {
        let name = "\(Name.data)/\(entry.path)"
        switch entry.kind {
        case .directory: try tar.add(folder: name)
        case .symlink: try tar.add(link: name, to: entry.linkTarget ?? "")
        case .regular:
            let file: Descriptor
            do throws(SystemError) {
                file = try root.openBeneath(entry.path, [.readOnly, .noFollow])
            } catch {
                throw ArchiveRefusal(.cannotRead, entry: entry.path.printable(limit: 200), "\(error)")
            }
            try tar.add(
                file: name, from: file.rawValue, size: UInt64(entry.size), isExecutable: entry.mode & 0o111 != 0)
        case .other: break
        }
    }

    // MARK: Reading

    /// What an unpacked archive holds in `folder`, once every byte has been compared with its manifest.
    ///
    /// - Throws: `Refusal` with code `data_archive_damaged`.
    init(unpacked folder: String, from path: String) throws {
        let names = try DirectoryNames.read(in: folder).map(\.display)
        guard names == Name.all else {
            throw DataRefusals.archive(path, "holds \(names.joined(separator: ", ").printable(limit: 200))")
        }
        let found: TreeManifest
        do {
            found = try DataSnapshots.manifest(of: "\(folder)/\(Name.data)")
        } catch {
            throw DataRefusals.archive(path, "has data that cannot be read: \(error)")
        }
        do {
            snapshot = try DataSnapshot(bytes: DurableFile.read("\(folder)/\(Name.facts)", limit: 64 << 10))
        } catch {
            throw DataRefusals.archive(path, "cannot be understood: \(error)")
        }
        manifest = try Self.read(
            "\(folder)/\(Name.manifest)", upTo: found.canonicalBytes.count, path, "a manifest of more than it holds")
        guard Digest(hashing: manifest) == snapshot.tree, let expected = try? TreeManifest(canonicalBytes: manifest)
        else { throw DataRefusals.archive(path, "has another manifest than its facts say") }
        guard found == expected else {
            let diff = TreeDiff(from: expected, to: found)
            let count = diff.added.count + diff.removed.count + diff.changed.count
            throw DataRefusals.archive(path, "has \(count) entries that differ from its manifest")
        }
        guard found.byteCount == snapshot.bytes else {
            throw DataRefusals.archive(path, "holds \(found.byteCount) bytes and says \(snapshot.bytes)")
        }
        modes = try Self.modes(in: "\(folder)/\(Name.modes)", of: found, from: path)
    }

    private static func modes(in file: String, of manifest: TreeManifest, from path: String) throws -> DataModes {
        let bytes = try read(file, upTo: DataModes.mostBytes(of: manifest), path, "a list of modes that is too large")
        let modes: DataModes
        do {
            modes = try DataModes(bytes: bytes)
        } catch {
            throw DataRefusals.archive(path, "has modes that cannot be understood: \(error)")
        }
        guard modes.areOf(manifest) else { throw DataRefusals.archive(path, "has modes of what it does not hold") }
        return modes
    }

    /// Reads a document whose largest size follows from the data, which have been bounded already: nobody makes the reader
    /// take more memory than they do.
    private static func read(_ file: String, upTo most: Int, _ path: String, _ excess: String) throws -> [UInt8] {
        do {
            return try DurableFile.read(file, limit: most)
        } catch {
            throw DataRefusals.archive(path, error.errno == EFBIG ? "has \(excess)" : "cannot be read: \(error)")
        }
    }
}

/// The modes of a tree's files and folders, of which a manifest knows only whether a file may be executed.
struct DataModes: Hashable {
    /// By the bytes of the path: those that an unpacked tree would not have by itself.
    private let modes: [[UInt8]: UInt32]

    /// The modes of what was found in a folder.
    init(of entries: [TreeEntry]) {
        modes = Dictionary(
            entries.compactMap { entry in
                let mode = entry.mode & 0o777
                guard let usual = Self.usual(entry), usual != mode else { return nil }
                return (Array(entry.path.utf8), mode)
            }, uniquingKeysWith: { first, _ in first })
    }

    /// The mode an entry shall have; nothing that lets others act as its owner.
    subscript(_ entry: TreeEntry) -> UInt32 { modes[Array(entry.path.utf8)] ?? Self.usual(entry) ?? 0o644 }

    private static func usual(_ entry: TreeEntry) -> UInt32? {
        switch entry.kind {
        case .directory: 0o755
        case .regular: entry.mode & 0o111 != 0 ? 0o755 : 0o644
        case .symlink, .other: nil
        }
    }

    private static let format = "aurora-modes-v1"

    private static func item(_ path: String, _ mode: UInt32) -> JSONValue {
        ["path": .string(path), "mode": .string(String(mode, radix: 8))]
    }

    /// The bytes of the longest list that a tree can have.
    static func mostBytes(of manifest: TreeManifest) -> Int {
        // A comma after each.
        manifest.entries.reduce(DataModes(of: []).json.documentBytes.count) {
            $0 + (hasMode($1) ? item($1.path, 0o777).documentBytes.count + 1 : 0)
        }
    }

    /// Whether every one of them is of a file or a folder of this tree.
    func areOf(_ manifest: TreeManifest) -> Bool {
        modes.isEmpty
            || Set(modes.keys).isSubset(of: manifest.entries.lazy.filter(Self.hasMode).map { Array($0.path.utf8) })
    }

    private static func hasMode(_ entry: TreeManifestEntry) -> Bool { entry.kind != .symlink }

    var json: JSONValue {
        let sorted = modes.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        return [
            "format": .string(Self.format),
            "modes": .array(
                sorted.map { Self.item(String(decoding: $0.key, as: UTF8.self), $0.value) }),
        ]
    }

    init(bytes: [UInt8]) throws {
        var reader = try JSONReader(try JSONParser.parse(bytes, maximumBytes: bytes.count))
        _ = try reader.parsed("format", expected: Self.format) { $0 == Self.format ? $0 : nil }
        var modes: [[UInt8]: UInt32] = [:]
        for item in try reader.readers("modes") {
            var item = item
            let path = try item.string("path")
            modes[Array(path.utf8)] = try item.parsed("mode", expected: "an octal number up to 777") {
                UInt32($0, radix: 8).flatMap { $0 <= 0o777 ? $0 : nil }
            }
            try item.finish()
        }
        try reader.finish()
        self.modes = modes
    }
}
