import AuroraCrypto
package import AuroraModel
import AuroraSystem
import Glibc

/// The open end of one upload: bytes go in, are hashed and written at once.
///
/// Not thread-safe: one thread at a time. Every error removes the partial file before it is thrown, but a lost connection
/// and a fault of the hub at the very end: a resumable upload is kept then. A writer that is dropped without an ending behaves as `cancel()`.
package final class UploadWriter {
    /// The upload's id.
    package var id: UploadID { record.id }
    /// Bytes written so far, the stored ones included.
    package private(set) var offset: Int64

    private let uploads: Uploads
    private let record: UploadRecord
    private let resumable: Bool
    private let part: Descriptor
    private var hasher: SHA256
    private var ended = false
    /// From here on the file may be a blob, whose bytes nobody changes.
    private var isHandedOver: Bool
    private var nextDiskCheck: Int64

    /// Bytes written between two looks at the free disk space.
    private static let diskCheckInterval: Int64 = 8 << 20

    init(
        uploads: Uploads, record: UploadRecord, part: consuming Descriptor, offset: Int64, hasher: SHA256,
        resumable: Bool, isHandedOver: Bool
    ) {
        self.uploads = uploads
        self.record = record
        self.part = part
        self.offset = offset
        self.hasher = hasher
        self.resumable = resumable
        self.isHandedOver = isHandedOver
        nextDiskCheck = offset + Self.diskCheckInterval
    }

    deinit { if !ended { end(keep: resumable) } }

    /// Takes the next bytes.
    ///
    /// - Throws: `Refusal`: `upload_length_exceeded`, `upload_too_large`, `quota_exceeded`, `insufficient_storage`.
    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard bytes.count > 0 else { return }
        try guarded {
            let count = Int64(bytes.count)
            // What was handed over before is as long as it is.
            if let length = isHandedOver ? offset : record.length, offset + count > length {
                throw UploadRefusals.lengthExceeded(record, length: length)
            }
            try uploads.budget.charge(count, to: record.id, name: record.fileName)
            if offset + count >= nextDiskCheck {
                try uploads.budget.checkDisk(expecting: count, name: record.fileName)
                nextDiskCheck = offset + Self.diskCheckInterval
            }
            try append(bytes)
            hasher.update(bytes)
            offset += count
        }
    }

    /// Ends this request but not the upload: what arrived is on disk when it returns and can be gone on with.
    ///
    /// - Throws: `Refusal` with code `upload_over` for an upload that `begin` made: nobody could go on with it.
    package func pause() throws -> UploadStatus {
        try guarded {
            guard resumable else { throw UploadRefusals.over(record) }
            try part.fdatasync()
        }
        ended = true
        return try uploads.park(record, hasher: hasher, offset: offset)
    }

    /// Ends the upload: checks length and digest, makes the blob durable, sets the label, writes the audit entry.
    ///
    /// - Parameter declared: a digest that came with the last part; the one from the beginning is checked as well.
    /// - Throws: `Refusal`: `upload_length_mismatch`, `digest_mismatch`; nothing is stored then. Any other error once the
    ///   bytes are durable leaves a resumable upload as it is: to be gone on with at its end, and finished again.
    package func finish(declared: Digest? = nil) throws -> StoredArtifact {
        let digest = try guarded {
            if let length = record.length, offset != length {
                throw UploadRefusals.lengthMismatch(record, length: length, offset: offset)
            }
            let digest = try Digest(sha256: &hasher)
            for wanted in [record.declared, declared] {
                if let wanted, wanted != digest {
                    throw UploadRefusals.digest(record, declared: wanted, computed: digest)
                }
            }
            try part.setMode(0o400)
            try part.fsync()
            isHandedOver = true
            return digest
        }
        do {
            let stored = try uploads.store(record, digest: digest, size: offset, resumable: resumable)
            ended = true
            return stored
        } catch {
            // Neither the client nor the bytes are at fault, and the client was told that they are here.
            guard resumable else {
                end(keep: false)
                throw error
            }
            ended = true
            uploads.leave(record)
            throw error
        }
    }

    /// Ends without a result: a whole-stream upload is removed, a resumable one keeps what arrived.
    package func cancel() {
        guard !ended else { return }
        end(keep: resumable)
    }

    private func append(_ bytes: UnsafeRawBufferPointer) throws {
        do throws(SystemError) {
            try part.write(all: bytes)
        } catch {
            guard error.errno == ENOSPC || error.errno == EDQUOT else { throw error }
            throw Refusals.insufficientStorage(
                record.fileName, free: nil, floor: uploads.settings.freeDiskFloorBytes)
        }
    }

    /// Runs a step; whatever fails in it takes the partial upload with it.
    private func guarded<T>(_ body: () throws -> T) throws -> T {
        guard !ended else { throw UploadRefusals.over(record) }
        do {
            return try body()
        } catch {
            end(keep: false)
            throw error
        }
    }

    private func end(keep: Bool) {
        ended = true
        if keep, (try? part.fdatasync()) != nil, (try? uploads.park(record, hasher: hasher, offset: offset)) != nil {
            return
        }
        // The descriptor stays open as long as this object: without this the bytes would stay on the disk as well.
        if !isHandedOver { try? part.truncate(to: 0) }
        uploads.drop(record, resumable: resumable)
    }
}
