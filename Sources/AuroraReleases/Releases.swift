package import AuroraApprovals
package import AuroraArchive
package import AuroraAudit
package import AuroraDatabase
import AuroraModel
import AuroraSandbox
package import AuroraSystem
package import AuroraTrust

/// Everything of this module, made once by the hub and wired together.
package final class Releases: Sendable {
    /// What the hub's configuration says about artifacts and targets.
    package struct Settings: Sendable {
        /// Holds `blobs/`, `uploads/`, `records/` and `verify/`; must exist.
        package var stateDirectory: String
        package var uploads: UploadSettings
        package var targets: [TargetSettings]
        /// Absolute path of `aurora-launcher`.
        package var launcherPath: String
        /// The program with the hidden verbs; nil means the running program.
        package var auroraPath: String?
        package var archiveLimits: ArchiveLimits
        /// `--dev` only: artifacts without a signature can be staged.
        package var allowsUnsigned: Bool

        package init(
            stateDirectory: String, uploads: UploadSettings = UploadSettings(), targets: [TargetSettings] = [],
            launcherPath: String, auroraPath: String? = nil, archiveLimits: ArchiveLimits = ArchiveLimits(),
            allowsUnsigned: Bool = false
        ) {
            self.stateDirectory = stateDirectory
            self.uploads = uploads
            self.targets = targets
            self.launcherPath = launcherPath
            self.auroraPath = auroraPath
            self.archiveLimits = archiveLimits
            self.allowsUnsigned = allowsUnsigned
        }
    }

    /// The tables of this module, oldest first.
    package static let migrations =
        ArtifactStore.migrations + ReleaseStore.migrations + TrialStore.migrations + PromotionStore.migrations

    package let blobs: BlobStore
    package let uploads: Uploads
    package let artifacts: ArtifactQueries
    package let targets: Targets
    package let stager: Stager
    package let trials: Trials
    package let planner: PlanMaker
    package let promoter: Promoter
    package let deletions: Deletions
    private let latches: ChangeLatches
    private let background: BackgroundChanges

    /// Opens the stores and every target; nothing is served before ``Promoter/recoverAtStart()``.
    ///
    /// - Parameters:
    ///   - verifier: nil when no release keys are configured; then nothing signed can be staged.
    ///   - report: takes words about faults in the background, for the hub's log.
    package init(
        settings: Settings, database: Database, audit: AuditLog, approvals: Approvals, changes: ChangeStore,
        verifier: OpenPGPVerifier?, clock: WallClock = .system, report: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        let state = settings.stateDirectory
        let sandbox = Sandbox(launcherPath: settings.launcherPath)
        let records = try BlobStore(directory: state + "/records")
        try records.removeLeftovers()
        blobs = try BlobStore(directory: state + "/blobs")
        uploads = try Uploads(
            directory: state + "/uploads", settings: settings.uploads, blobs: blobs, database: database, audit: audit,
            clock: clock)
        artifacts = ArtifactQueries(database: database)
        targets = try Targets(settings.targets, sandbox: sandbox, database: database, audit: audit, clock: clock)
        let unpacker = Unpacker(
            sandbox: sandbox, auroraPath: settings.auroraPath, limits: settings.archiveLimits,
            directory: state + "/verify")
        try unpacker.prepare()
        latches = try ChangeLatches()
        background = BackgroundChanges(changes: changes, latches: latches)
        stager = Stager(
            blobs: blobs, records: records, unpacker: unpacker,
            judge: SignatureJudge(verifier: verifier, blobs: blobs, allowsUnsigned: settings.allowsUnsigned),
            targets: targets, changes: changes, latches: latches, background: background, database: database,
            audit: audit, clock: clock)
        trials = Trials(
            stager: stager, targets: targets, sandbox: sandbox, changes: changes, latches: latches,
            background: background, database: database, audit: audit, clock: clock, report: report)
        planner = PlanMaker(
            targets: targets, stager: stager, trials: trials, approvals: approvals, records: records, database: database
        )
        promoter = Promoter(
            targets: targets, stager: stager, trials: trials, planner: planner, records: records, approvals: approvals,
            changes: changes, latches: latches, database: database, audit: audit, clock: clock, report: report)
        deletions = Deletions(
            stager: stager, uploads: uploads, targets: targets, approvals: approvals, database: database, audit: audit,
            clock: clock)
    }

    /// What a timer calls every minute: drops expired uploads and starts what may start now.
    package func tick() throws {
        promoter.retryEnds()
        try uploads.expire()
        try promoter.tick()
    }

    /// Ends the stages and trials that wait or run as interrupted, and takes no more; for a graceful stop.
    ///
    /// Returns at once; their ends follow in the background. Changes of targets are left alone.
    package func interrupt() { latches.interrupt() }

    /// Waits for the stages, trials and changes of targets under way.
    package func drain() {
        background.drain()
        promoter.drain()
    }
}
