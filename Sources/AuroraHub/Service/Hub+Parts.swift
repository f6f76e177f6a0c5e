import AuroraApprovals
import AuroraArchive
import AuroraAudit
import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraReleases
import AuroraSandbox
import AuroraSystem
import AuroraTrust

extension Hub {
    /// Every table of the hub, in the order in which they are made.
    static let migrations: [Migration] =
        AuditLog.migrations + AccountStore.migrations + IdempotencyStore.migrations + ApprovalStore.migrations
        + Releases.migrations + DropFolderStore.migrations

    /// The name of a new audit log: unique, so that whoever watches several logs can tell them apart.
    static func origin(_ name: String?) -> String {
        name.map { "\($0)/audit" } ?? "aurora-hub/\(Hex.encode(SecureRandom.bytes(8)))"
    }

    static func makeAccounts(
        _ options: HubOptions, _ configuration: HubConfiguration, _ listening: Listening, _ database: Database,
        _ trail: AuditTrail, _ clock: WallClock
    ) throws -> Accounts {
        var settings = AccountSettings()
        settings.isDev = options.isDev
        settings.isBehindTLSProxy = options.isBehindProxy
        settings.dashboardURL = listening.dashboardURL(port: listening.dashboardPort)
        let plain = try Accounts(database: database, trail: trail, settings: settings, clock: clock)
        if options.isDev, let dev = AccountSettings.devUser { _ = try plain.ensure(dev, role: .admin) }
        guard let value = options.apiToken, !value.isEmpty else { return plain }
        let name = options.isDev ? AccountSettings.devUser?.text ?? "dev" : configuration.hub.apiToken.user
        let role = options.isDev ? Role.admin : configuration.hub.apiToken.role
        let user = try plain.ensure(UserName.require(name), role: role)
        settings.environmentToken = try EnvironmentToken(value: value, user: user.name, role: role)
        return try Accounts(database: database, trail: trail, settings: settings, clock: clock)
    }

    static func releaseSettings(
        _ configuration: HubConfiguration, _ programs: Programs, state: StateFolder, isDev: Bool
    ) -> Releases.Settings {
        var limits = ArchiveLimits()
        limits.unpackedBytes = UInt64(configuration.limits.unpackedBytes)
        limits.entries = Int(configuration.limits.entries)
        limits.depth = Int(configuration.limits.depth)
        limits.ratio = UInt64(configuration.limits.ratio)
        limits.metadataBytes = Int(configuration.limits.metadataBytes)
        // Whether an unsigned artifact may become active is the policy's to say, for each target; a hub without any such
        // policy does not even stage one.
        let book = configuration.policyBook(isDevelopment: isDev)
        let takesUnsigned = configuration.targets.contains { book.policy(for: $0.description).allowUnsigned }
        return Releases.Settings(
            stateDirectory: state.root,
            uploads: UploadSettings(
                quotaBytes: configuration.hub.uploadQuotaBytes,
                freeDiskFloorBytes: configuration.hub.freeDiskFloorBytes,
                maximumUploadBytes: configuration.hub.maximumUploadBytes),
            targets: configuration.targets.map(\.settings), launcherPath: programs.launcher,
            auroraPath: programs.aurora, archiveLimits: limits, allowsUnsigned: isDev || takesUnsigned)
    }

    /// The judge of release signatures; nil when the configuration names no keys.
    static func verifier(
        _ signing: HubConfiguration.Signing, _ programs: Programs, state: StateFolder
    ) throws -> OpenPGPVerifier? {
        guard !signing.keyring.isEmpty else { return nil }
        let files = try signing.keyring.map { path in
            do { return (name: path, bytes: try DurableFile.read(path, limit: 4 << 20)) } catch {
                throw HubStartError(
                    "the release key \(path) cannot be read: \(error)",
                    remedy: "correct signing.keyring in aurora.yaml")
            }
        }
        let ring = try ReleaseKeyring.build(at: state.releaseRing, from: files)
        let missing = signing.fingerprints.filter { !ring.fingerprints.contains($0) }
        guard missing.isEmpty else {
            throw HubStartError(
                "no key of signing.keyring has the fingerprint \(missing.joined(separator: ", "))",
                remedy: "correct signing.fingerprints, or add the key's file")
        }
        return OpenPGPVerifier(
            keyring: state.releaseRing, allowedFingerprints: Set(signing.fingerprints),
            launcher: programs.launcher, signatureFloor: signing.notBefore)
    }
}

extension HubConfiguration.Target {
    /// The target as the releases know it.
    var settings: TargetSettings {
        TargetSettings(
            description: description, apply: fields.apply, health: fields.health,
            applyTimeout: .seconds(fields.applyTimeoutSeconds), healthTimeout: .seconds(fields.healthTimeoutSeconds),
            runAs: fields.runAs?.runAs, keep: Int(fields.keep), hardwareIDs: fields.hardwareIDs)
    }
}

/// The two programs the hub starts children from.
struct Programs: Sendable {
    let launcher: String
    let aurora: String

    init(_ options: HubOptions) throws {
        launcher = try options.launcherPath ?? Sandbox.installedLauncher()
        aurora = options.auroraPath ?? "/proc/self/exe"
    }
}
