import AuroraApprovals
import AuroraArchive
import AuroraAudit
import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTestSupport
import AuroraTrust
import Foundation

/// Everything below the hub's edges, real: database, audit log, approvals, blobs, sandboxed children, engines.
///
/// Opening one twice in the same folder, one after the other, is a restart of the hub.
final class TestHub {
    let root: String
    let database: Database
    let audit: AuditLog
    let approvals: Approvals
    let changes: ChangeStore
    let releases: Releases
    let time = TestTime()

    struct Options {
        var targets: [TargetSettings]
        var policies = PolicyBook()
        var allowsUnsigned = false
        var limits = ArchiveLimits()
        var uploads = UploadSettings.small
        var isSigned = true
    }

    init(_ root: String, _ options: Options) throws {
        self.root = root
        database = try Database(
            path: root + "/hub.db", migrations: AuditLog.migrations + ApprovalStore.migrations + Releases.migrations)
        let key = try Ed25519PrivateKey(seed: [UInt8](repeating: 7, count: 32))
        audit = try AuditLog(
            database: database, origin: "aurora.test/hub", key: key, directory: root + "/audit", clock: time.clock)
        approvals = Approvals(
            database: database, audit: audit, clock: time.clock, policies: options.policies, hubKey: key,
            users: TestUsers())
        changes = ChangeStore(database: database, clock: time.clock)
        var settings = Releases.Settings(
            stateDirectory: root, uploads: options.uploads, targets: options.targets, launcherPath: Products.launcher,
            auroraPath: Products.aurora, archiveLimits: options.limits, allowsUnsigned: options.allowsUnsigned)
        settings.uploads.freeDiskFloorBytes = 0
        releases = try Releases(
            settings: settings, database: database, audit: audit, approvals: approvals, changes: changes,
            verifier: options.isSigned ? try TestHub.verifier(root, time.clock) : nil, clock: time.clock)
    }

    /// Opens a hub and does what its start does.
    static func start(_ root: String, _ options: Options) throws -> TestHub {
        let hub = try TestHub(root, options)
        _ = try hub.releases.promoter.recoverAtStart()
        return hub
    }

    private static func verifier(_ root: String, _ clock: WallClock) throws -> OpenPGPVerifier {
        let ring = root + "/release-keys.gpg"
        let list = root + "/release-keys.txt"
        if !FileManager.default.fileExists(atPath: list) {
            let key = try Signer.shared.get().armoredKey
            let built = try ReleaseKeyring.build(at: ring, from: [(name: "release.asc", bytes: key)])
            try AuroraTestSupport.write(built.fingerprints.joined(separator: "\n"), to: list)
        }
        let fingerprints = Set(try readText(list).split(separator: "\n").map(String.init))
        return OpenPGPVerifier(keyring: ring, allowedFingerprints: fingerprints, signatureFloor: nil, clock: .system)
    }

    // MARK: Shorthands

    var promoter: Promoter { releases.promoter }

    func actions() throws -> [String] { try audit.entries(from: 0, limit: 1000).map { try $0.decoded().action } }

    /// Uploads an archive with its signature and stages it.
    @discardableResult
    func publish(
        _ files: [String: String], as name: String = "app.tar.gz", for target: TargetName? = nil
    ) throws -> StagedRelease {
        let bytes = try Archive.tarGzip(files, in: root)
        try releases.uploads.send(bytes, as: name)
        try releases.uploads.send(try Signer.shared.get().sign(bytes), as: name + ".asc")
        return try releases.stager.stage(.label(name), for: target, by: .ci)
    }

    /// The same with a signed release file, so that the version is proven.
    @discardableResult
    func publish(_ files: [String: String], version: String, hardware: [String] = []) throws -> StagedRelease {
        let name = "app-\(version).tar.gz"
        let bytes = try Archive.tarGzip(files, in: root)
        let stored = try releases.uploads.send(bytes, as: name)
        try send(releaseFileFor: stored, version: version, hardware: hardware)
        return try releases.stager.stage(.label(name), by: .ci)
    }

    func send(releaseFileFor stored: StoredArtifact, version: String, hardware: [String] = []) throws {
        guard let releaseName = ReleaseName("app"), let number = SemanticVersion(version) else {
            throw ToolFailure("bad version")
        }
        let file = ReleaseFile(
            name: releaseName, version: number, hardwareIDs: hardware, artifact: stored.digest, size: stored.size,
            created: Timestamp(milliseconds: time.clock.now())
        ).bytes
        try releases.uploads.send(file, as: stored.fileName + ".release.json")
        try releases.uploads.send(try Signer.shared.get().sign(file), as: stored.fileName + ".release.json.asc")
    }

    /// Asks for a promote and returns the suggestion.
    func suggest(_ release: StagedRelease, on target: TargetName = .app) throws -> Suggestion {
        let outcome = try promoter.request(
            promote: release.artifact, on: target, by: .ci, reason: "a new version for the tests")
        guard case .approvalRequired(let suggestion) = outcome else { throw ToolFailure("\(outcome)") }
        return suggestion
    }

    @discardableResult
    func approve(_ suggestion: Suggestion, by name: String = "maria") throws -> Suggestion {
        guard let user = UserName(name) else { throw ToolFailure("bad name") }
        return try approvals.vote(
            on: suggestion.id, plan: suggestion.planDigest, decision: .approve, voter: user,
            reason: "looked at the diff, it is fine", by: Actor(user, via: .session))
    }

    /// Asks, approves, starts and waits.
    @discardableResult
    func promote(_ release: StagedRelease, on target: TargetName = .app) throws -> Change {
        let suggestion = try suggest(release, on: target)
        try approve(suggestion)
        let change = try promoter.start(suggestion.id, by: .maria)
        promoter.drain()
        return try changes.get(change.id)
    }

    func read(_ path: String) throws -> String { try readText(root + "/srv/app/" + path) }
}

/// Four accounts.
struct TestUsers: UserDirectory {
    func voter(_ name: UserName, in transaction: Transaction) throws -> Voter? {
        switch name.text {
        case "ci": Voter(name: name, role: .release)
        case "maria", "olaf": Voter(name: name, role: .approver)
        case "ada": Voter(name: name, role: .admin)
        default: nil
        }
    }
}

extension TargetName {
    static let app = known("app")
    static let second = known("second")

    private static func known(_ text: String) -> TargetName {
        guard let name = TargetName(text) else { preconditionFailure("a test's own name") }
        return name
    }
}

extension TargetSettings {
    /// A target below `root` whose health says no to a VERSION with the word bad in it.
    static func sample(
        _ root: String, _ name: TargetName = .app, kind: TargetKind = .link, health: [String]? = nil,
        apply: [String] = [], trial: [String] = []
    ) throws -> TargetSettings {
        try FileManager.default.createDirectory(atPath: root + "/srv", withIntermediateDirectories: true)
        return TargetSettings(
            description: TargetDescription(
                name: name, path: root + "/srv/" + name.text, kind: kind, domain: .core, safetyClass: .routine),
            apply: apply, health: health ?? ["/bin/sh", "-c", "! grep -q bad \"$AURORA_PATH/VERSION\""], trial: trial,
            runAs: RunAs(uid: geteuid(), gid: getegid()))
    }
}

extension TestHub.Options {
    /// One target `app`.
    static func one(_ root: String) throws -> TestHub.Options {
        TestHub.Options(targets: [try .sample(root)])
    }
}
