import AuroraApprovals
import AuroraArchive
import AuroraAudit
import AuroraCrypto
import AuroraDatabase
import AuroraHTTP
import AuroraModel
import AuroraReleases
import AuroraSandbox
import AuroraSystem
import AuroraTrust
import Synchronization

/// Everything of one hub, opened, recovered and wired; it serves nothing by itself.
///
/// Making one takes the lock of the state folder, so there is one hub for each folder. Safe from any thread.
final class Hub: Sendable {
    static let version = "0.1.0"

    let state: StateFolder
    let configuration: HubConfiguration
    let log: Log
    let clock: WallClock
    let isDev: Bool
    let database: Database
    let audit: AuditLog
    let trail: AuditTrail
    let accounts: Accounts
    let approvals: Approvals
    let changes: ChangeStore
    let releases: Releases
    let dropFolders: DropFolders
    let idempotency: Idempotency
    let metrics = Metrics()
    let table: RouteTable
    let streams: ChangeStreams
    let waits: ChangeWaits
    /// Given back by ``close()``, not only when the last reference goes.
    private let lock: Mutex<FileLock?>
    private let handlers: [HubPort: HubHandler]
    private let publishedSize = Mutex<Int64>(-1)

    /// Opens everything, brings targets out of what a crash left, and makes the routes.
    ///
    /// - Throws: ``HubStartError``, database, audit and activation errors; nothing is served then.
    init(
        options: HubOptions, configuration: HubConfiguration, listening: Listening, log: Log, clock: WallClock = .system
    ) throws {
        state = StateFolder(root: options.state)
        self.configuration = configuration
        self.log = log
        self.clock = clock
        isDev = options.isDev
        try configuration.requireUsers()
        try state.prepare(domains: configuration.domains)
        lock = Mutex(try FileLock(path: state.lock))
        let keys = try HubKeys.load(state)
        database = try Database(path: state.database, migrations: Hub.migrations)
        audit = try AuditLog(
            naming: database, proposing: { Hub.origin(configuration.hub.name) }, key: keys.audit,
            directory: state.audit, clock: clock)
        trail = AuditTrail(log: audit, clock: clock, isDev: options.isDev)
        accounts = try Hub.makeAccounts(options, configuration, listening, database, trail, clock)
        let policies = configuration.policyBook(isDevelopment: options.isDev)
        approvals = Approvals(
            database: database, audit: audit, clock: clock, policies: policies, hubKey: keys.hub,
            users: VoterDirectory(isDev: options.isDev))
        changes = ChangeStore(database: database, clock: clock)
        let programs = try Programs(options)
        releases = try Releases(
            settings: Hub.releaseSettings(configuration, programs, state: state, isDev: options.isDev),
            database: database, audit: audit, approvals: approvals, changes: changes,
            verifier: try Hub.verifier(configuration.signing, programs, state: state), clock: clock
        ) { log.error("the end of a change could not be written as it should be", ["problem": $0]) }
        dropFolders = DropFolders(
            state: state, domains: configuration.domains, database: database, releases: releases,
            parser: SuggestionParser(sandbox: Sandbox(launcherPath: programs.launcher), auroraPath: programs.aurora),
            trail: trail, log: log, clock: clock)
        idempotency = Idempotency(database: database)
        streams = ChangeStreams(store: changes, log: log)
        waits = ChangeWaits(store: changes)
        let polls = PollCache(tls: listening.tls != nil) { [database] in Int64(database.activity.commits) }
        let makers = RouteMakers(
            releases: releases, approvals: approvals, changes: changes, accounts: accounts, audit: audit,
            streams: streams, waits: waits,
            trials: AwaitedTrials(releases: releases), polls: polls,
            database: database, log: log, domains: configuration.domains,
            auditFolder: state.audit, isFirstStart: { [accounts] in (try? accounts.needsFirstAdmin()) ?? false })
        let health = HubHealth(database: database, releases: releases, approvals: approvals, audit: audit, state: state)
        table = RouteTable.withDescription(
            makers.routes + ServiceRoutes(hub: health, metrics: metrics).routes, version: Hub.version)
        let gatekeeper = Gatekeeper(
            table: table, accounts: accounts,
            hosts: HostCheck(listen: listening.address, configured: configuration.hub.allowedHosts),
            limiter: RateLimiter(
                perSecond: configuration.limits.requestsPerSecond, burst: configuration.limits.requestBurst),
            strangers: RateLimiter(
                perSecond: configuration.limits.strangerRequestsPerSecond, burst: configuration.limits.strangerBurst),
            clock: clock, isBehindProxy: listening.isBehindProxy)
        let reporter = Reporter(log: log, metrics: metrics, trail: trail, clock: clock)
        handlers = Hub.makeHandlers(
            gatekeeper, idempotency: idempotency, polls: polls, reporter: reporter,
            addresses: listening.isBehindProxy
                ? .behindProxies(at: configuration.hub.trustedProxies) : .peer, tls: listening.tls != nil, clock: clock)
        self.health = health
        try recover()
    }

    private let health: HubHealth

    /// Whether the hub can do its work right now.
    var isHealthy: Bool { health.isHealthy }

    func handler(for port: HubPort) -> HubHandler {
        // Made for every port in `init`; the dictionary is never changed.
        guard let handler = handlers[port] else { preconditionFailure("no handler for \(port)") }
        return handler
    }

    private static func makeHandlers(
        _ gatekeeper: Gatekeeper, idempotency: Idempotency, polls: PollCache, reporter: Reporter,
        addresses: ClientAddress, tls: Bool, clock: WallClock
    ) -> [HubPort: HubHandler] {
        var handlers: [HubPort: HubHandler] = [:]
        for port in HubPort.allCases {
            handlers[port] = HubHandler(
                port: port, gatekeeper: gatekeeper, idempotency: idempotency, polls: polls, reporter: reporter,
                addresses: addresses, tls: tls, clock: clock)
        }
        return handlers
    }

    /// Decides about everything a crash left half-done, before anybody can ask for more.
    private func recover() throws {
        for recovery in try releases.promoter.recoverAtStart() {
            log.log(
                recovery.needsAttention ? .error : .info, "target recovered",
                ["target": recovery.target.text, "summary": recovery.summary])
        }
        try approvals.expire()
        try trail.system(.hubStart, Hub.version)
        try publishIfGrown()
    }

    // MARK: Housekeeping

    /// Signs and publishes the audit log when it has grown since.
    func publishIfGrown() throws {
        let size = try audit.size
        guard size != publishedSize.withLock({ $0 }) else { return }
        let checkpoint = try audit.publish()
        publishedSize.withLock { $0 = checkpoint.size }
    }

    /// Ends what is over: uploads, suggestions, sessions, kept answers; starts what may start now.
    func expire() throws {
        try accounts.expire()
        try idempotency.expire(now: clock.now())
        try approvals.expire()
        try releases.tick()
    }

    /// What is printed at start: the link that makes the first admin, or logs the developer in.
    ///
    /// - Returns: nil when people can log in already.
    func invitation(url: String) -> String? {
        do {
            if isDev, let user = AccountSettings.devUser {
                let (link, _) = try accounts.makeLoginLink(for: user, at: url, by: .system)
                return "DEV mode. Log in as dev (once, within 10 minutes):\n  \(link)\n"
            }
            guard try accounts.needsFirstAdmin() else { return nil }
            let (link, _) = try accounts.makeLoginLink(for: nil, at: url, by: .system)
            return "No admin can log in yet. Make the first admin (once, within 10 minutes):\n  \(link)\n"
        } catch {
            log.error("no login link could be made", ["error": "\(error)"])
            return nil
        }
    }

    /// Ends in order: stages and trials are cut off, changes of targets are waited for; then counts and the last checkpoint.
    func close() {
        streams.stop()
        releases.interrupt()
        releases.drain()
        do {
            try audit.flushRefusals(all: true)
            try accounts.authenticator.flush()
            try trail.system(.hubStop, Hub.version)
            try audit.publish()
        } catch {
            log.error("the last words could not be written", ["error": "\(error)"])
        }
        database.close()
        lock.withLock { $0 = nil }
    }
}
