import AuroraCrypto
package import AuroraModel
package import AuroraSystem

/// An open blob: the digest it is stored under and the one descriptor everything reads from.
package struct Blob: ~Copyable {
    package let digest: Digest
    /// Bytes, taken from the open file.
    package let size: Int64
    package let descriptor: Descriptor

    init(digest: Digest, descriptor: consuming Descriptor) throws(SystemError) {
        self.digest = digest
        size = try descriptor.stat().size
        self.descriptor = descriptor
    }

    /// Reads the whole blob; for small ones.
    package borrowing func readAll() throws -> [UInt8] { try descriptor.pread(Int(size), at: 0) }

    /// Hashes what the descriptor reads now and compares it with the blob's name.
    ///
    /// - Throws: `BlobDamage.changed` when the disk or another program changed the bytes.
    package borrowing func verify() throws {
        let (bytes, _) = try SHA256.hashFile(descriptor: descriptor.rawValue)
        guard bytes == digest.bytes else { throw BlobDamage.changed(digest) }
    }
}
