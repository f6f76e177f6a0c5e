package import AuroraModel
import AuroraSystem
import Glibc

/// Immutable bytes on disk, named by their SHA-256.
///
/// Layout: `<directory>/sha256/<first two hex digits>/<64 hex digits>`, mode 0400. A file appears under its name by one
/// rename, after its bytes are on disk; the directories are synced before the call returns, so a stored blob survives a
/// power cut. Nothing is ever written to a blob again. Format: docs/formats/blob-store.md.
///
/// Callers get descriptors, never paths: what was verified through a descriptor is what is read through it later.
package final class BlobStore: Sendable {
    private let root: String

    /// Opens the store in `directory`, making it (mode 0700) when it is not there yet.
    ///
    /// - Throws: `SystemError` when the directory cannot be made.
    package init(directory: String) throws {
        root = directory + "/sha256"
        try Directories.make(directory)
        try Directories.make(root)
    }

    /// Opens a blob for reading; nil when the store has none of that digest.
    ///
    /// The descriptor keeps naming the same file when another file takes the name afterwards.
    package func open(_ digest: Digest) throws -> Blob? {
        do throws(SystemError) {
            return try Blob(digest: digest, descriptor: Descriptor.open(path(of: digest), [.readOnly, .noFollow]))
        } catch  where error.errno == ENOENT {
            return nil
        }
    }

    /// Whether a blob of this digest is stored.
    ///
    /// Its bytes are not read.
    package func contains(_ digest: Digest) -> Bool {
        access(path(of: digest), F_OK) == 0
    }

    /// Reads a small blob into memory and checks it against its name.
    ///
    /// - Throws: `BlobDamage` when the bytes no longer have the digest, or are more than `limit`.
    package func read(_ digest: Digest, limit: Int) throws -> [UInt8]? {
        guard let blob = try open(digest) else { return nil }
        guard blob.size <= Int64(limit) else { throw BlobDamage.tooLarge(digest, size: blob.size, limit: limit) }
        let bytes = try blob.readAll()
        guard Digest(hashing: bytes) == digest else { throw BlobDamage.changed(digest) }
        return bytes
    }

    /// Stores bytes made by the hub itself (a manifest, a listing); durable when it returns.
    ///
    /// Storing twice is one blob.
    @discardableResult
    package func put(_ bytes: [UInt8]) throws -> Digest {
        let digest = Digest(hashing: bytes)
        if contains(digest) { return digest }
        let part = "\(root)/.put-\(UploadID(random: SecureRandom.bytes(10)).text)"
        do {
            let file = try Descriptor.open(part, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o400)
            try file.write(all: bytes)
            try file.fsync()
            try adopt(part, as: digest)
        } catch {
            unlink(part)
            throw error
        }
        return digest
    }

    /// Gives a finished, synced file of the same file system its name in the store.
    ///
    /// The caller has written and synced the bytes and computed their digest while writing. Both directories of the
    /// rename are synced. When the blob is there already the new file replaces it: the bytes are the same.
    func adopt(_ part: String, as digest: Digest) throws {
        let folder = root + "/" + digest.hex.prefix(2)
        try Directories.make(folder)
        try DurableFile.rename(part, to: path(of: digest))
    }

    /// The same as ``adopt(_:as:)``, and the file keeps its old name as well, as a second name of the same bytes.
    func share(_ part: String, as digest: Digest) throws {
        // A link cannot replace a name, a rename can.
        let second = "\(root)/.put-\(UploadID(random: SecureRandom.bytes(10)).text)"
        guard link(part, second) == 0 else { throw SystemError(operation: "link", path: part, errno: errno) }
        do {
            try adopt(second, as: digest)
        } catch {
            unlink(second)
            throw error
        }
    }

    /// Removes a blob; no error when there is none.
    func remove(_ digest: Digest) throws {
        guard contains(digest) else { return }
        try DurableFile.remove(path(of: digest))
    }

    /// Every stored digest with its size in bytes, and the removal of what a crash left half made.
    func sweep() throws -> [(digest: Digest, size: Int64)] {
        var found: [(Digest, Int64)] = []
        try removeLeftovers()
        for folder in try Directories.names(in: root) {
            for name in try Directories.names(in: "\(root)/\(folder)") {
                guard let digest = Digest(hex: name) else { continue }
                found.append((digest, try FileStatus.of(path(of: digest)).size))
            }
        }
        return found
    }

    /// Removes what a crash left half made; only before anything is stored.
    func removeLeftovers() throws {
        for name in try Directories.names(in: root) where name.hasPrefix(".put-") { unlink(root + "/" + name) }
    }

    private func path(of digest: Digest) -> String {
        let hex = digest.hex
        return "\(root)/\(hex.prefix(2))/\(hex)"
    }
}

/// Why a blob that is there cannot be used: the file under its name no longer holds its bytes.
package enum BlobDamage: Error, Hashable, Sendable, CustomStringConvertible {
    /// The bytes on disk hash to something else than the blob's name.
    case changed(Digest)
    /// The file is larger than anything the hub stores there.
    case tooLarge(Digest, size: Int64, limit: Int)

    package var description: String {
        switch self {
        case .changed(let digest):
            "blob \(digest.hex) no longer holds its bytes: the disk or another program changed the file; "
                + "remove the file and upload the artifact again"
        case .tooLarge(let digest, let size, let limit):
            "blob \(digest.hex) has \(size) bytes, more than the \(limit) its use allows"
        }
    }
}
