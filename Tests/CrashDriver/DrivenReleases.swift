import AuroraActivation
import AuroraApprovals
import AuroraAudit
import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTrust
import Glibc

/// A hub without its edges in one folder: artifacts taken in, and staged by the real child in the real sandbox.
///
/// Opening it is what a start of the hub does, recovery included. The folder holds `ring.gpg` and `fingerprint` of the
/// release key, and `launcher`, which stands before aurora-launcher (see ``ChildFaults``).
struct DrivenReleases {
    let folder: String
    let database: Database
    let audit: AuditLog
    let releases: Releases
    let ci = Actor(name: "ci", via: .session)
    static let target = "app"

    init(folder: String, hasTarget: Bool) throws {
        self.folder = folder
        let key = try Ed25519PrivateKey(seed: [UInt8](repeating: 7, count: 32))
        let clock = WallClock.fixed(1_700_000_000_000)
        database = try Database(
            path: "\(folder)/hub.db",
            migrations: AuditLog.migrations + ApprovalStore.migrations + Releases.migrations)
        audit = try AuditLog(
            database: database, origin: "sweep.example/audit", key: key, directory: "\(folder)/audit", clock: clock)
        let approvals = Approvals(
            database: database, audit: audit, clock: clock, policies: PolicyBook(), hubKey: key, users: NoUsers())
        releases = try Releases(
            settings: Self.settings(folder, hasTarget: hasTarget), database: database, audit: audit,
            approvals: approvals, changes: ChangeStore(database: database, clock: clock),
            verifier: try Self.verifier(folder), clock: clock)
        try releases.promoter.recoverAtStart()
    }

    private static func settings(_ folder: String, hasTarget: Bool) throws -> Releases.Settings {
        guard let name = TargetName(target) else { throw BadState(description: "\(target) is no name") }
        let description = TargetDescription(
            name: name, path: "\(folder)/srv/app", kind: .link, domain: .core, safetyClass: .routine)
        return Releases.Settings(
            stateDirectory: folder,
            uploads: UploadSettings(quotaBytes: 16 << 20, freeDiskFloorBytes: 0, maximumUploadBytes: 8 << 20),
            targets: hasTarget ? [TargetSettings(description: description)] : [],
            launcherPath: "\(folder)/launcher", auroraPath: try program("aurora"))
    }

    private static func verifier(_ folder: String) throws -> OpenPGPVerifier? {
        guard access("\(folder)/fingerprint", F_OK) == 0 else { return nil }
        let fingerprint = String(decoding: try DurableFile.read("\(folder)/fingerprint"), as: UTF8.self)
        return OpenPGPVerifier(keyring: "\(folder)/ring.gpg", allowedFingerprints: [fingerprint])
    }

    /// A program of the same build as this one.
    static func program(_ name: String) throws -> String {
        let own = try FileTree.readLink("/proc/self/exe")
        return own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/\(name)"
    }

    func close() { database.close() }

    // MARK: What every check asks

    /// As many entries about this subject as there may be, in a log that verifies.
    func requireEntries(_ action: String, _ subject: Digest, _ count: ClosedRange<Int>) throws {
        try Self.require(AuditLog.verify(database, verifierKey: audit.verifierKey).isSound, "the log does not verify")
        let entries = try audit.entries(from: 0, limit: 1000).map { try $0.decoded() }
        let found = entries.count { $0.action == action && $0.subject == subject.hex }
        try Self.require(count.contains(found), "\(found) entries say \(action), not \(count)")
    }

    static func require(_ isTrue: Bool, _ otherwise: String) throws {
        if !isTrue { throw BadState(description: otherwise) }
    }

    /// The names in a folder of the hub; none when it is not there.
    static func names(_ folder: String) throws -> [String] {
        guard access(folder, F_OK) == 0 else { return [] }
        return try DirectoryNames.read(in: folder).compactMap(\.text)
    }

    /// Half made things that no row and no rule will ever come back to; looked at without opening the hub.
    static func leftovers(_ folder: String) throws -> [String] {
        let made = try ["blobs", "records"].flatMap { store in
            try names("\(folder)/\(store)/sha256").filter { $0.hasPrefix(".") }.map { "\(store)/\($0)" }
        }
        return try made + names("\(folder)/verify") + names("\(folder)/srv/.app.aurora/staging")
    }

    /// An act that failed and was not killed has cleaned up after itself.
    static func look(_ folder: String) throws {
        let found = try leftovers(folder) + names("\(folder)/uploads")
        try require(found.isEmpty, "left behind: \(found.joined(separator: ", "))")
    }
}

/// Nobody votes in the sweep.
private struct NoUsers: UserDirectory {
    func voter(_ name: UserName, in transaction: Transaction) throws -> Voter? { nil }
}
