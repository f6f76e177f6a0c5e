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
    /// A file without a readable header passes: it is empty, or damaged in a way that SQLite itself sees or repairs.
    static func refuseForeign(_ path: String) throws(DatabaseError) {
        do throws(SystemError) {
            let header = try Descriptor.open(path, .readOnly).pread(100, at: 0)
            let isDatabase = header.count == 100 && header.starts(with: Array("SQLite format 3\0".utf8))
            if !isDatabase || Int32(header[20]) == PageChecksums.byteCount { return }
        } catch {
            throw .open(path: path, code: error.errno, message: error.description)
        }
        throw .foreign(path: path)
    }
}
