import AuroraAudit
import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraSystem
import Glibc

/// `aurora hub backup` and `aurora hub restore`.
///
/// A backup is a folder: a copy of the database as of one moment, the hub's keys, the release keyring, the configuration
/// and every artifact the copy speaks of. It holds secrets (the keys; passwords and tokens only as hashes) and is made
/// readable by its owner alone. Targets' trees are not in it: they lie beside the targets and can be staged again.
package enum HubMaintenance {
    private static let format = "aurora-backup-v1"

    // MARK: Backup

    /// Saves a hub's state into a new folder while the hub runs, and checks the copy before calling it good.
    ///
    /// - Parameters:
    ///   - state: the hub's state folder.
    ///   - destination: must not exist; appears complete or not at all.
    /// - Returns: what was saved, in words.
    /// - Throws: ``HubStartError`` when something is missing, exists, or does not verify; nothing is left then.
    package static func backup(state: String, to destination: String) throws -> [String] {
        let source = StateFolder(root: state)
        let destination = FilePath.withoutFinalSlash(destination)
        guard try FileStatus.ifExists(source.database) != nil else {
            throw HubStartError("\(state) holds no hub.db", remedy: "name the state folder of a hub with --state")
        }
        guard try FileStatus.ifExists(destination) == nil else {
            throw HubStartError("\(destination) exists", remedy: "name a folder that does not exist yet")
        }
        let words = try appear(at: destination) { try fill($0, from: source) }
        return words + ["saved in \(destination)"]
    }

    /// Fills a folder under another name and gives it its own when it is complete and on disk.
    ///
    /// That name is taken, never cleared: a folder that is there already belongs to somebody else, or to a run that was
    /// killed, and only a person knows which. The same holds for what came to `destination` while the folder was filled.
    static func appear(at destination: String, _ fill: (String) throws -> [String]) throws -> [String] {
        let partial = destination + ".partial"
        try StateFolder.make(FilePath.parent(of: partial))
        guard mkdir(partial, 0o700) == 0 else {
            let code = errno
            guard code == EEXIST else { throw SystemError(operation: "mkdir", path: partial, errno: code) }
            throw HubStartError(
                "\(partial) exists already",
                remedy: "if no other backup or restore is at work there, it is left over from one that was killed: "
                    + "look into it, remove it, and try again")
        }
        do {
            let words = try fill(partial)
            try FileTree.syncAll(partial)
            try take(destination, for: partial)
            return words
        } catch {
            try? FileTree.remove(partial)
            throw error
        }
    }

    /// Gives a folder its name in one call, which replaces nothing but an empty folder (rename(2)).
    private static func take(_ destination: String, for folder: String) throws {
        do throws(SystemError) {
            try DurableFile.rename(folder, to: destination)
        } catch  where [EEXIST, ENOTEMPTY, ENOTDIR].contains(error.errno) {
            throw occupied(destination)
        }
    }

    private static func occupied(_ path: String) -> HubStartError {
        HubStartError(
            "there is something at \(path) that is not an empty folder; it was left as it is",
            remedy: "name another folder, or move away what is there and try again; nothing is overwritten")
    }

    private static func fill(_ folder: String, from source: StateFolder) throws -> [String] {
        let copy = StateFolder(root: folder)
        // Before the database, so that an artifact that is deleted meanwhile is still there.
        try BlobCopy.copy(from: source.root, to: folder)
        // The keys before the database: what the database says was signed must be verifiable with the keys beside it.
        try copyFolder(source.keys, to: copy.keys)
        let database = try Database(readingAt: source.database)
        defer { database.close() }
        try database.backup(to: copy.database)
        // And after it, so that no artifact it speaks of is missed.
        try BlobCopy.copy(from: source.root, to: folder)
        try copyFolder(source.keyring, to: copy.keyring)
        if try FileStatus.ifExists(source.configuration) != nil {
            try copyFile(source.configuration, to: copy.configuration)
        }
        let report = try verify(copy)
        let artifacts = try BlobCopy.verify(folder, against: copy.database)
        let manifest: JSONValue = [
            "format": .string(format), "created": JSONValue(Timestamp(milliseconds: WallClock.system.now())),
            "version": .string(Hub.version), "auditEntries": .integer(report.size),
            "artifacts": .integer(Int64(artifacts)),
        ]
        try DurableFile.replace(folder + "/backup.json", contents: manifest.prettyBytes, mode: 0o600)
        return [
            "database: whole", "audit log: \(report.size) entries, verified", "artifacts: \(artifacts), verified",
        ]
    }

    /// Whether a copy can be trusted: the database is whole and its audit log verifies under the keys beside it.
    private static func verify(_ copy: StateFolder) throws -> AuditReport {
        let database = try Database(readingAt: copy.database)
        defer { database.close() }
        let findings = try database.integrityCheck()
        guard findings.isEmpty else {
            throw HubStartError(
                "the copy of the database is damaged: \(findings.prefix(3).joined(separator: "; "))",
                remedy: "check the disk of the hub, then restore an older backup")
        }
        let key = try Ed25519PrivateKey(seed: DurableFile.read(copy.auditKey, limit: 64))
        let verifier = try VerifierKey(name: AuditLog.origin(in: database), key: key.publicKey)
        let report = try AuditLog.verify(database, verifierKey: verifier)
        guard report.isSound else {
            throw HubStartError(
                "the audit log does not verify: \(report.summary)",
                remedy: "run aurora audit verify and find out who changed the database")
        }
        return report
    }

    // MARK: Restore

    /// Puts a backup where no state is, after checking it.
    ///
    /// - Returns: what was restored, in words.
    package static func restore(backup: String, to state: String) throws -> [String] {
        let source = StateFolder(root: backup)
        let state = FilePath.withoutFinalSlash(state)
        guard let bytes = try? DurableFile.read(backup + "/backup.json", limit: 1 << 20),
            let manifest = try? JSONParser.parse(bytes), manifest["format"]?.string == format
        else {
            throw HubStartError("\(backup) is no backup of a hub", remedy: "name a folder made by aurora hub backup")
        }
        if let status = try FileStatus.ifExists(state) {
            guard try status.kind == .directory && DirectoryNames.read(in: state).isEmpty else { throw occupied(state) }
        }
        let report = try verify(source)
        let words = try appear(at: state) { partial in
            let copy = StateFolder(root: partial)
            try copyFolder(source.keys, to: copy.keys)
            try copyFolder(source.keyring, to: copy.keyring)
            try copyFile(source.database, to: copy.database)
            if try FileStatus.ifExists(source.configuration) != nil {
                try copyFile(source.configuration, to: copy.configuration)
            }
            try BlobCopy.copy(from: backup, to: partial)
            let artifacts = try BlobCopy.verify(partial, against: copy.database)
            return [
                "database: whole", "audit log: \(report.size) entries, verified",
                "artifacts: \(artifacts), verified",
            ]
        }
        return words + ["restored in \(state); targets keep what is active on them"]
    }

    // MARK: Copying

    private static func copyFolder(_ from: String, to: String) throws {
        guard try FileStatus.ifExists(from)?.kind == .directory else { return }
        try StateFolder.make(to)
        for entry in try FileTree.walk(from) {
            switch entry.kind {
            case .directory: try StateFolder.make("\(to)/\(entry.path)")
            case .regular: try copyFile("\(from)/\(entry.path)", to: "\(to)/\(entry.path)")
            case .symlink, .other: continue
            }
        }
    }

    static func copyFile(_ from: String, to: String) throws {
        let source = try Descriptor.open(from, [.readOnly, .noFollow])
        let target = try Descriptor.open(to, [.writeOnly, .create, .exclusive], mode: 0o600)
        var offset: Int64 = 0
        while true {
            let bytes = try source.pread(1 << 20, at: offset)
            if bytes.isEmpty { return try target.fsync() }
            try target.write(all: bytes)
            offset += Int64(bytes.count)
        }
    }
}
