package import AuroraCrypto
package import AuroraDatabase
package import AuroraSystem

extension AuditLog {
    /// The name of every log that was begun before logs had names of their own.
    package static let sharedOrigin = "aurora-hub/audit"

    /// Opens the log of a hub under the name it has; a log that has none yet is named here, for ever.
    ///
    /// The name is part of what is signed, so it lives with the rows and goes where a backup of them goes.
    /// - Parameter proposed: Asked for only when there is no name yet, neither in the rows nor in the folder.
    /// - Throws: ``AuditError/badOrigin(_:)``, or the database's error.
    package convenience init(
        naming database: Database, proposing proposed: () -> String, key: Ed25519PrivateKey, directory: String,
        clock: WallClock
    ) throws {
        var origin = try database.read { try AuditStore($0).origin() }
        if origin == nil {
            // A folder that outlived its database still says what was signed: going on under another name would hide it.
            let name = Self.publishedOrigin(in: LogFolder(path: directory), signedBy: key) ?? proposed()
            guard VerifierKey.isName(name) else { throw AuditError.badOrigin(name) }
            try database.write { try AuditStore($0).setOrigin(name) }
            origin = name
        }
        try self.init(
            database: database, origin: origin ?? Self.sharedOrigin, key: key, directory: directory, clock: clock)
    }

    /// The name of the log in a database, also of one that is open only to be read.
    package static func origin(in database: Database) throws -> String {
        try database.read { try AuditStore($0).origin() } ?? sharedOrigin
    }

    /// Whether a text may be the name of a log.
    package static func isOrigin(_ text: String) -> Bool { VerifierKey.isName(text) }

    private static func publishedOrigin(in folder: LogFolder, signedBy key: Ed25519PrivateKey) -> String? {
        guard let bytes = try? folder.read(LogFolder.checkpointName), let note = try? SignedNote(bytes: bytes),
            let checkpoint = try? Checkpoint(text: note.text),
            let verifier = try? VerifierKey(name: checkpoint.origin, key: key.publicKey),
            note.standing(under: verifier) == .signed
        else { return nil }
        return checkpoint.origin
    }
}
