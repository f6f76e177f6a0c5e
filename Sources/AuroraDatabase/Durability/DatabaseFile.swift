import AuroraSystem

/// The database file as a file: its making, its rights, and the head of its first page.
enum DatabaseFile {
    /// Makes the file if it is not there; in any case only its owner may read it afterwards (0600).
    static func prepare(_ path: String) throws(DatabaseError) {
        do throws(SystemError) {
            let file = try Descriptor.open(path, [.readWrite, .create], mode: 0o600)
            if try file.stat().mode & 0o077 != 0 { try file.setMode(0o600) }
        } catch {
            throw .open(path: path, code: error.errno, message: error.description)
        }
    }

    /// Refuses a database whose pages keep no room for a checksum (byte 20 of the header, sqlite.org/fileformat.html).
    ///
    /// A file without a readable header passes: it is empty, or damaged in a way that SQLite itself sees or repairs. Only
    /// for a file without connections in this process: closing any descriptor of a file gives up all locks that the
    /// process holds on it (fcntl(2)), SQLite's too, and another program then takes itself for the last user and removes
    /// the write-ahead log with what was acknowledged. With a connection, ask ``refuseForeign(_:through:)``.
    static func refuseForeign(_ path: String) throws(DatabaseError) {
        let header: [UInt8]
        do throws(SystemError) {
            header = try Descriptor.open(path, .readOnly).pread(Self.headerSize, at: 0)
        } catch {
            throw .open(path: path, code: error.errno, message: error.description)
        }
        if isForeign(header) { throw .foreign(path: path) }
    }

    /// The same through the file that the connection itself has open.
    static func refuseForeign(_ path: String, through connection: Connection) throws(DatabaseError) {
        if isForeign(connection.head(Self.headerSize)) { throw .foreign(path: path) }
    }

    private static let headerSize = 100

    private static func isForeign(_ header: [UInt8]) -> Bool {
        let isDatabase = header.count == headerSize && header.starts(with: Array("SQLite format 3\0".utf8))
        return isDatabase && Int32(header[20]) != PageChecksums.byteCount
    }
}
