import AuroraModel
import AuroraSystem
import Glibc

/// The folder of a published or exported log: `checkpoint`, `tile/…`.
struct LogFolder: Sendable {
    static let checkpointName = "checkpoint"
    /// The most files that are flushed one by one; more are flushed together.
    private static let singleFlushLimit = 32

    let path: String

    /// The bytes of a file below the folder, or nil when it is not there.
    func read(_ name: String) throws(AuditError) -> [UInt8]? {
        do throws(SystemError) {
            return try DurableFile.read("\(path)/\(name)", limit: 32 << 20)
        } catch {
            if error.errno == ENOENT || error.errno == ENOTDIR { return nil }
            throw .file(error)
        }
    }

    /// Writes tiles so that all of them are durable when it returns.
    ///
    /// Each file appears complete under its name, whether it is new or replaces an older one.
    func write(_ tiles: [TileLayout.Tile], content: (TileLayout.Tile) throws -> [UInt8]) throws {
        let isSingle = tiles.count <= Self.singleFlushLimit
        for tile in tiles {
            let file = "\(path)/\(tile.path)"
            try makeFolder(of: file)
            let bytes = try content(tile)
            do throws(SystemError) {
                if isSingle {
                    try DurableFile.replace(file, contents: bytes)
                } else {
                    try replaceUnflushed(file, bytes)
                }
            } catch { throw AuditError.file(error) }
        }
        if !isSingle { try flush() }
    }

    /// Writes the checkpoint durably: this is the moment of publishing.
    func writeCheckpoint(_ note: SignedNote) throws(AuditError) {
        do throws(SystemError) {
            try makeFolder(path)
            try DurableFile.replace("\(path)/\(Self.checkpointName)", contents: note.bytes)
        } catch { throw .file(error) }
    }

    /// Removes the partial forms of tiles that are full now.
    func removePartials(of tiles: [TileLayout.Tile]) throws(AuditError) {
        for tile in tiles where tile.width == TileLayout.width {
            let folder = "\(path)/\(tile.fullPath).p"
            do throws(SystemError) {
                if try FileStatus.ifExists(folder) != nil { try FileTree.remove(folder) }
            } catch { throw .file(error) }
        }
    }

    /// Whether every tile of a log of `size` is there with the size it must have; contents are not read.
    func hasAllTiles(size: Int64) -> Bool {
        TileLayout.tiles(from: 0, to: size).allSatisfy { tile in
            guard let status = try? FileStatus.ifExists("\(path)/\(tile.path)") else { return false }
            return status.kind == .regular && (tile.level == nil || status.size == Int64(tile.width) * 32)
        }
    }

    private func flush() throws(AuditError) {
        do throws(SystemError) { try DurableFile.syncFileSystem(of: path) } catch { throw .file(error) }
    }

    private func replaceUnflushed(_ file: String, _ bytes: [UInt8]) throws(SystemError) {
        let temporary = file + ".tmp"
        let descriptor = try Descriptor.open(temporary, [.writeOnly, .create, .truncate, .noFollow], mode: 0o600)
        try descriptor.write(all: bytes)
        guard rename(temporary, file) == 0 else { throw SystemError(operation: "rename", path: file, errno: errno) }
    }

    private func makeFolder(of file: String) throws(AuditError) {
        let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        do throws(SystemError) { try makeFolder(folder) } catch { throw .file(error) }
    }

    /// Makes a folder and those above it, durably, readable by the owner only.
    private func makeFolder(_ folder: String) throws(SystemError) {
        guard try FileStatus.ifExists(folder) == nil else { return }
        let parent = folder.lastIndex(of: "/").map { String(folder[..<$0]) } ?? "."
        if !parent.isEmpty { try makeFolder(parent) }
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw SystemError(operation: "mkdir", path: folder, errno: errno)
        }
        try DurableFile.syncDirectory(parent.isEmpty ? "/" : parent)
    }
}

/// The hashes of a log as its tiles give them, read tile by tile.
struct FolderHashes: TreeHashes {
    let folder: LogFolder
    let size: Int64

    func hashes(level: Int, from first: Int64, count: Int) throws -> [Digest] {
        let number = first / Int64(TileLayout.width)
        guard let hashes = try tile(level: level, number: number) else {
            throw AuditError.missingHash(level: level, number: first)
        }
        let start = Int(first % Int64(TileLayout.width))
        guard start + count <= hashes.count else { throw AuditError.missingHash(level: level, number: first) }
        return Array(hashes[start..<start + count])
    }

    /// All hashes of a tile, or nil when its file is not there; a file of odd length gives what it holds.
    func tile(level: Int, number: Int64) throws(AuditError) -> [Digest]? {
        let width = min(Int64(TileLayout.width), (size >> Int64(8 * level)) - number * Int64(TileLayout.width))
        guard width > 0 else { return nil }
        let tile = TileLayout.Tile(level: level, number: number, width: Int(width))
        guard let bytes = try folder.read(tile.path) else { return nil }
        return stride(from: 0, through: bytes.count - 32, by: 32).compactMap {
            Digest(bytes: Array(bytes[$0..<$0 + 32]))
        }
    }
}

extension LogFolder {
    /// The file of an export that holds the key's text form.
    static let keyName = "verifier-key"

    /// Whether nothing is there under this name.
    var isAbsent: Bool {
        get throws(AuditError) {
            do throws(SystemError) { return try FileStatus.ifExists(path) == nil } catch { throw .file(error) }
        }
    }

    /// Writes a small file durably.
    func writeFile(_ name: String, _ bytes: [UInt8]) throws(AuditError) {
        do throws(SystemError) {
            try makeFolder(path)
            try DurableFile.replace("\(path)/\(name)", contents: bytes)
        } catch { throw .file(error) }
    }
}
