/// The containers Aurora takes, told by their first bytes and never by a file name.
package enum ArchiveFormat: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    /// Plain tar.
    case tar
    /// Tar in one gzip member (RFC 1952).
    case tarGzip = "tar.gz"
    /// Tar in one zstd frame (RFC 8878).
    case tarZstd = "tar.zst"
    /// Tar in one xz stream.
    case tarXz = "tar.xz"

    /// How many bytes ``init(magic:)`` wants to see.
    package static let magicBytes = 512

    /// The format of an artifact that starts with these bytes, or nothing.
    package init?(magic: [UInt8]) {
        if magic.starts(with: [0x1f, 0x8b, 0x08]) {
            self = .tarGzip
        } else if magic.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) {
            self = .tarZstd
        } else if magic.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) {
            self = .tarXz
        } else if magic.count >= 262, magic[257..<262].elementsEqual("ustar".utf8) {
            self = .tar
        } else if magic.count == 512, magic.allSatisfy({ $0 == 0 }) {
            // An archive that starts with its end marker: tar, and empty.
            self = .tar
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .tar: "tar"
        case .tarGzip: "gzip"
        case .tarZstd: "zstd"
        case .tarXz: "xz"
        }
    }
}
