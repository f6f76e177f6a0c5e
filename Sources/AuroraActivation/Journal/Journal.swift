import AuroraSystem
import Glibc

/// The append-only file that says what was begun and what was finished.
///
/// One writer; not thread-safe.
///
/// ``append(_:)`` returns only after the record is on disk. After a failed append nothing about the end of the file is
/// known: the journal refuses further records until it is opened again.
final class Journal {
    /// What opening a journal found.
    struct Contents {
        var payloads: [[UInt8]] = []
        /// Bytes of a record that was never finished, removed now.
        var droppedBytes = 0
    }

    private let path: String
    private let target: String
    private var file: Descriptor
    private var end: Int64
    private var nextSequence: UInt64
    /// Up to where blocks are known to be reserved.
    private var reservedEnd: Int64 = 0
    private(set) var isUsable = true

    /// The length of the file in bytes.
    var byteCount: Int64 { end }

    /// Opens the journal, making it durably if it is missing; drops a torn record at the end.
    ///
    /// - Throws: `journalDamaged` when a record before the last one cannot be read.
    init(path: String, target: String, contents: inout Contents) throws {
        self.path = path
        self.target = target
        if try FileStatus.ifExists(path) == nil {
            try DurableFile.replace(path, contents: JournalFrame.fileHeader)
        }
        file = try Descriptor.open(path, [.readWrite, .noFollow])
        let bytes = try file.readAll()
        let scan = try Self.scan(bytes, path: path, target: target)
        contents.payloads = scan.payloads
        contents.droppedBytes = bytes.count - scan.end
        end = Int64(scan.end)
        nextSequence = scan.nextSequence
        if contents.droppedBytes > 0 {
            try file.truncate(to: end)
            try file.synchronize()
        }
    }

    /// The records of a journal that somebody else may be writing, oldest first; none when it is not there yet.
    ///
    /// Nothing is changed: a record that is just being written is left out, and stays.
    /// - Throws: `journalDamaged` as when it is opened.
    static func read(path: String, target: String) throws -> [[UInt8]] {
        guard try FileStatus.ifExists(path) != nil else { return [] }
        return try scan(Descriptor.open(path, [.readOnly, .noFollow]).readAll(), path: path, target: target).payloads
    }

    /// Adds one record durably: write at the end, fdatasync.
    func append(_ payload: [UInt8]) throws(SystemError) {
        guard isUsable else { throw SystemError(operation: "append", path: path, errno: EIO) }
        let frame = JournalFrame.encode(sequence: nextSequence, payload: payload)
        do throws(SystemError) {
            try file.pwrite(all: frame, at: end)
            try file.fdatasync()
        } catch {
            isUsable = false
            // Best effort: a record that was never acknowledged need not be found again. Opening copes with it anyway.
            try? file.truncate(to: end)
            reservedEnd = end
            throw SystemError(operation: error.operation, path: path, errno: error.errno)
        }
        end += Int64(frame.count)
        nextSequence += 1
    }

    /// Makes sure that the next records fit on the disk, so that a full disk refuses before anything is switched.
    ///
    /// Reserves for many operations at once: new blocks make the next flush four times as dear.
    func reserve() throws(SystemError) {
        guard reservedEnd - end < Self.operationBytes else { return }
        do throws(SystemError) {
            try file.reserve(Self.operationBytes * 8, at: end)
        } catch {
            throw SystemError(operation: error.operation, path: path, errno: error.errno)
        }
        reservedEnd = end + Self.operationBytes * 8
    }

    /// More than the records of one operation take.
    private static let operationBytes: Int64 = 64 << 10

    /// Replaces the whole journal by one record that says the same, durably and in one step.
    func replace(with payload: [UInt8]) throws(SystemError) {
        let bytes = JournalFrame.fileHeader + JournalFrame.encode(sequence: nextSequence, payload: payload)
        isUsable = false
        try DurableFile.replace(path, contents: bytes)
        file = try Descriptor.open(path, [.readWrite, .noFollow])
        end = Int64(bytes.count)
        reservedEnd = 0
        nextSequence += 1
        isUsable = true
    }

    private static func scan(
        _ bytes: [UInt8], path: String, target: String
    ) throws -> (payloads: [[UInt8]], end: Int, nextSequence: UInt64) {
        guard bytes.starts(with: JournalFrame.fileHeader) else {
            throw damaged(target, "journal \(path) does not start with its header")
        }
        var payloads: [[UInt8]] = []
        var offset = JournalFrame.fileHeader.count
        var next: UInt64?
        while let record = JournalFrame.decode(bytes, at: offset) {
            if let next, record.sequence != next {
                throw damaged(target, "journal \(path): record \(next) is missing before byte \(offset)")
            }
            payloads.append(record.payload)
            next = record.sequence + 1
            offset = record.end
        }
        // A torn tail is followed by nothing. A readable record behind the unreadable place means damage in the middle.
        if offset < bytes.count, let later = JournalFrame.nextRecord(bytes, from: offset + 1) {
            throw damaged(target, "journal \(path) cannot be read at byte \(offset), but goes on at byte \(later)")
        }
        return (payloads, offset, next ?? 1)
    }

    private static func damaged(_ target: String, _ message: String) -> ActivationError {
        ActivationError(
            .journalDamaged, target: target, message,
            remedy:
                "the target was left as it is; restore the journal from a backup, or move the state folder away and "
                + "adopt the present content anew")
    }
}
