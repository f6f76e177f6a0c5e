import AuroraSystem
import Glibc

/// The database file as a file: its making, its rights, and the head of its first page.
enum DatabaseFile {
    /// Makes the file if it is not there; in any case only its owner may read it afterwards (0600).
    ///
    /// A file that is there is looked at through a handle without rights: closing any other descriptor of a file gives up
    /// all locks that the process holds on it (fcntl(2)), SQLite's too, and another program then takes itself for the last
    /// user and removes the write-ahead log with what was acknowledged.
    static func prepare(_ path: String) throws(DatabaseError) {
        do throws(SystemError) {
            do throws(SystemError) {
                return try Descriptor.open(path, [.readWrite, .create, .exclusive], mode: 0o600).setMode(0o600)
            } catch  where error.errno == EEXIST {
                let mode = try Descriptor.open(path, .pathOnly).stat().mode
                if mode & 0o077 != 0 { try Descriptor.open(path, .readWrite).setMode(0o600) }
            }
        } catch {
            throw .open(path: path, code: error.errno, message: error.description)
        }
    }

    /// How much of the file ``isForeign(_:)`` looks at.
    static let headerSize = 100

    /// Whether a file's first bytes are those of a database whose pages keep no room for a checksum (byte 20 of the
    /// header, sqlite.org/fileformat.html).
    ///
    /// A file without a readable header is not: it is empty, or damaged in a way that SQLite itself sees or repairs.
    static func isForeign(_ header: [UInt8]) -> Bool {
        let isDatabase = header.count == headerSize && header.starts(with: Array("SQLite format 3\0".utf8))
        return isDatabase && Int32(header[20]) != PageChecksums.byteCount
    }
}
