package import AuroraAudit
import AuroraCrypto
package import AuroraDatabase
package import AuroraModel
package import AuroraRuntime
package import AuroraSandbox
package import AuroraSystem
import Glibc
import Synchronization

/// A device's own database, log and registry: what every process of the device opens, the core as well as a command.
///
/// Any thread may call. Opening it changes nothing but its own files; the packs are the engine's.
package final class Device: Sendable {
    package let places: DevicePlaces
    /// What the operator decides about it, as it was read last.
    package var configuration: DeviceConfiguration { current.withLock { $0 } }
    package let database: Database
    package let audit: AuditLog
    package let registry: NamespaceRegistry
    package let clock: WallClock
    private let current: Mutex<DeviceConfiguration>

    /// Opens the device below `places`, making its folder (mode 0755) and its files where they are missing.
    ///
    /// - Parameters:
    ///   - migrations: those of features that this module does not know; every process must open with the same.
    ///   - examines: Whether the whole database is examined first; the core does that, a short command need not.
    package init(
        places: DevicePlaces, configuration: DeviceConfiguration, migrations: [Migration] = [], examines: Bool = false,
        clock: WallClock = .system
    ) throws {
        self.places = places
        current = Mutex(configuration)
        self.clock = clock
        try FileTree.makeFolders(places.root, mode: 0o755)
        DiskReserve(places).giveUpIfNeeded()
        do {
            database = try Database(
                path: places.database, migrations: Self.migrations + migrations, sharing: .processes,
                examines: examines)
        } catch {
            throw FullDisk.refusal(for: error, on: places) ?? error
        }
        audit = try AuditLog(
            database: database, origin: "\(configuration.target)/packs", key: Self.key(places.auditKey),
            directory: places.audit, clock: clock)
        registry = NamespaceRegistry(database: database, range: configuration.identities)
    }

    /// Takes over what rooms are made from (variables, lent folders and limits) and what is done by the calendar.
    ///
    /// Everything else, such as the device's name and its identities, holds as it was when the device was opened.
    package func adopt(_ fresh: DeviceConfiguration) {
        current.withLock { now in
            (now.environment, now.mounts, now.resources) = (fresh.environment, fresh.mounts, fresh.resources)
            now.maintenance = fresh.maintenance
        }
    }

    /// The schema of everything in the database that packs need.
    package static let migrations =
        AuditLog.migrations + NamespaceRegistry.migrations + PackStore.migrations + JobStore.migrations

    /// The key that signs the log's checkpoints: made once, mode 0600.
    private static func key(_ path: String) throws -> Ed25519PrivateKey {
        if let status = try FileStatus.ifExists(path), status.kind == .regular {
            return try Ed25519PrivateKey(seed: DurableFile.read(path, limit: 64))
        }
        let key = Ed25519PrivateKey()
        let draft = "\(path).\(SecureRandom.bytes(6).map { String($0, radix: 16) }.joined())"
        try DurableFile.replace(draft, contents: key.seed)
        if try claim(path, with: draft) { return key }
        return try Ed25519PrivateKey(seed: DurableFile.read(path, limit: 64))
    }

    /// Whether the draft is what lies at the path now; another process may have been first, and its key counts.
    private static func claim(_ path: String, with draft: String) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try AtomicRename.noReplace(draft, path)
            return true
        } catch {
            try DurableFile.remove(draft)
            guard error.errno == EEXIST else { throw error }
            return false
        }
    }

    /// The user and group a pack runs as: its own for ever when this program is root, else this program's.
    package func identity(of pack: PackID) throws -> SandboxIdentity {
        SandboxIdentity.own.uid == 0 ? try registry.identity(for: NamespaceID(pack)) : .own
    }
}
