import AuroraDatabase
import AuroraModel
import AuroraReleases
import AuroraSystem
import Glibc

/// Copies artifacts into a backup or out of it, and proves that they are what their names say.
enum BlobCopy {
    private static let folder = "blobs/sha256"

    /// Copies every artifact that is not there yet.
    ///
    /// Artifacts never change once they are stored, so on one file system a hard link is a copy.
    static func copy(from: String, to: String) throws {
        let (source, target) = ("\(from)/\(folder)", "\(to)/\(folder)")
        guard try FileStatus.ifExists(source)?.kind == .directory else { return }
        try StateFolder.make(target)
        for entry in try FileTree.walk(source) {
            let path = "\(target)/\(entry.path)"
            if entry.kind == .directory { try StateFolder.make(path) }
            guard entry.kind == .regular, Digest(hex: String(entry.path.suffix(64))) != nil,
                try FileStatus.ifExists(path) == nil
            else { continue }
            guard link("\(source)/\(entry.path)", path) != 0 else { continue }
            // Deleted since the folder was read.
            if errno == ENOENT { continue }
            try HubMaintenance.copyFile("\(source)/\(entry.path)", to: path)
        }
    }

    /// Reads every byte of every artifact that the copied database names.
    ///
    /// - Returns: how many there are.
    /// - Throws: ``HubStartError`` naming the first artifact that is missing or is not what its name says.
    static func verify(_ copy: String, against path: String) throws -> Int {
        let blobs = try BlobStore(directory: copy + "/blobs")
        let database = try Database(readingAt: path)
        defer { database.close() }
        let named = try ArtifactQueries(database: database).digests()
        for digest in named {
            guard let blob = try blobs.open(digest) else {
                throw HubStartError(
                    "the artifact \(digest.hex) is not among the copied files",
                    remedy: "try again; if it stays away, delete the artifact on the hub or upload its file again")
            }
            do { try blob.verify() } catch is BlobDamage {
                throw HubStartError(
                    "the artifact \(digest.hex) no longer holds its bytes: the disk or another program changed it",
                    remedy: "upload its file to the hub again, which replaces the damaged one, or use an older backup")
            }
        }
        return named.count
    }
}
