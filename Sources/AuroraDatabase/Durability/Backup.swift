import AuroraSystem

/// A checked copy of a running database.
struct Backup {
    let path: String

    /// Copies `source` to a new file: under a temporary name first, examined there, flushed, then renamed.
    ///
    /// An existing file is never replaced. On any failure nothing is left.
    func run(from source: Connection) throws(DatabaseError) {
        let partial = path + ".partial"
        removeAll(partial)
        do throws(DatabaseError) {
            try copy(source, to: partial)
            try examine(partial)
            try publish(partial)
        } catch {
            removeAll(partial)
            throw error
        }
    }

    private func copy(_ source: Connection, to partial: String) throws(DatabaseError) {
        try DatabaseFile.prepare(partial)
        let destination = try Connection(path: partial, role: .copy)
        try source.copy(to: destination)
    }

    private func examine(_ partial: String) throws(DatabaseError) {
        let copy = try Connection(path: partial, role: .writer)
        try IntegrityCheck.require(copy, depth: .complete)
        try copy.run("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    private func publish(_ partial: String) throws(DatabaseError) {
        do throws(SystemError) {
            try Descriptor.open(partial, .readWrite).fsync()
            try AtomicRename.noReplace(partial, path)
            let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
            try DurableFile.syncDirectory(folder.isEmpty ? "/" : folder)
        } catch {
            throw .backup(path: path, code: error.errno, message: error.description)
        }
    }

    /// Removes what an interrupted copy left.
    private func removeAll(_ partial: String) {
        for suffix in ["", "-wal", "-shm", "-journal"] { try? DurableFile.remove(partial + suffix) }
    }
}
