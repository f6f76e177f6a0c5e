import Glibc

/// The artifact's bytes from offset 0, read by position from a descriptor that is never re-opened by name.
///
/// `pread` leaves the descriptor's own offset alone, so the parent may share it. One thread at a time.
final class ArtifactSource {
    private static let capacity = 128 << 10

    private let descriptor: Int32
    private let buffer: UnsafeMutableRawBufferPointer
    private var filled = 0
    private var used = 0
    private var offset: UInt64 = 0

    /// Bytes taken by the decoder so far.
    private(set) var consumed: UInt64 = 0

    /// Reads from `descriptor`, which stays the caller's.
    init(descriptor: Int32) {
        self.descriptor = descriptor
        buffer = .allocate(byteCount: ArtifactSource.capacity, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// The bytes not yet taken; empty only at the end of the artifact.
    ///
    /// Valid until the next call.
    func available() throws(ArchiveRefusal) -> UnsafeMutableRawBufferPointer {
        if used == filled { try fill() }
        return UnsafeMutableRawBufferPointer(rebasing: buffer[used..<filled])
    }

    /// The first `count` bytes (fewer at the end of the artifact) without taking them; only before anything is taken.
    func peek(_ count: Int) throws(ArchiveRefusal) -> [UInt8] {
        Array(try available().prefix(count))
    }

    /// Marks `count` of the available bytes as taken.
    func take(_ count: Int) {
        used += count
        consumed += UInt64(count)
    }

    /// Refuses whatever follows the only member of a compressed artifact.
    func requireEnd(after format: ArchiveFormat) throws(ArchiveRefusal) {
        let rest = try available()
        guard !rest.isEmpty else { return }
        if let next = ArchiveFormat(magic: Array(rest.prefix(512))), next != .tar {
            throw ArchiveRefusal(.secondMember, "a second \(next) member follows the first")
        }
        // 0x184D2A50 … 5F, little endian: a zstd skippable frame.
        if format == .tarZstd, rest.count >= 4, rest[0] & 0xf0 == 0x50, rest[1...3].elementsEqual([0x2a, 0x4d, 0x18]) {
            throw ArchiveRefusal(.secondMember, "a skippable zstd frame follows the first frame")
        }
        throw ArchiveRefusal(.trailingData, "data follows the end of the compressed member")
    }

    private func fill() throws(ArchiveRefusal) {
        used = 0
        filled = 0
        while true {
            let count = pread(descriptor, buffer.baseAddress, ArtifactSource.capacity, off_t(offset))
            let code = errno
            if count < 0, code == EINTR { continue }
            guard count >= 0 else {
                throw ArchiveRefusal(.cannotRead, "reading the artifact failed: \(String(cString: strerror(code)))")
            }
            filled = count
            offset += UInt64(count)
            return
        }
    }
}
