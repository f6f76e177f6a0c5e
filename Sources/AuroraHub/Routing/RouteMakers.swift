import AuroraApprovals
import AuroraAudit
import AuroraDatabase
import AuroraHTTP
import AuroraModel
import AuroraReleases

/// Puts the groups of routes together; a new group is one line here.
struct RouteMakers {
    let releases: Releases
    let approvals: Approvals
    let changes: ChangeStore
    let accounts: Accounts
    let audit: AuditLog
    let streams: ChangeStreams
    let waits: ChangeWaits
    let trials: AwaitedTrials
    let polls: PollCache
    let database: Database
    let log: Log
    let domains: [Domain]
    let auditFolder: String
    let isFirstStart: @Sendable () -> Bool

    var routes: [Route] { accountRoutes + changeRoutes + prototypeRoutes + dashboardRoutes }

    private var answers: ChangeAnswers { ChangeAnswers(waits: waits) }
    private var suggestionJSON: SuggestionJSON { SuggestionJSON(approvals: approvals) }

    private var suggestionRoutes: SuggestionRoutes {
        SuggestionRoutes(
            approvals: approvals, promoter: releases.promoter, targets: releases.targets, planner: releases.planner,
            trials: trials, changes: answers, json: suggestionJSON)
    }

    private var accountRoutes: [Route] {
        SessionRoutes(accounts: accounts, settings: accounts.settings).routes
            + UserRoutes(accounts: accounts).routes + TokenRoutes(accounts: accounts).routes
            + AuditRoutes(audit: audit, folder: auditFolder).routes
            + PolicyRoutes(
                approvals: approvals, domains: domains, targets: releases.targets.all().map(\.description)
            ).routes
    }

    private var changeRoutes: [Route] {
        ArtifactRoutes(releases: releases).routes + UploadRoutes(uploads: releases.uploads).routes
            + ReleaseRoutes(releases: releases, changes: answers).routes
            + TargetRoutes(
                targets: releases.targets, promoter: releases.promoter, trials: trials, changes: answers,
                suggestions: suggestionJSON
            ).routes
            + suggestionRoutes.routes
            + ChangeRoutes(
                store: changes, answers: answers, streams: streams, promoter: releases.promoter
            ).routes
    }

    private var dashboardRoutes: [Route] {
        let sessions = SessionRoutes(accounts: accounts, settings: accounts.settings)
        return DashboardRoutes(
            releases: releases, approvals: approvals, changes: changes, accounts: accounts,
            audit: AuditRoutes(audit: audit, folder: auditFolder), suggestions: suggestionJSON,
            isFirstStart: isFirstStart
        ).routes
            + DashboardForms(
                releases: releases, accounts: accounts, sessions: sessions, trials: trials,
                suggestions: suggestionRoutes
            ).routes
    }

    private var prototypeRoutes: [Route] {
        let names = PrototypeSuggestions(
            approvals: approvals, targets: releases.targets, stager: releases.stager, routes: suggestionRoutes,
            database: database)
        return UpdaterPrototypeRoutes(
            stager: releases.stager, targets: releases.targets, promoter: releases.promoter, trials: trials,
            suggestions: names, changes: answers, polls: polls
        ).routes
            + DashboardPrototypeRoutes(
                stager: releases.stager, uploads: releases.uploads, audit: audit, suggestions: names, domains: domains,
                polls: polls
            ).routes
    }
}

extension RouteTable {
    /// The table with one more route, which describes all of them.
    static func withDescription(_ routes: [Route], version: String) -> RouteTable {
        let description = Route(
            .get, "/api/v1/openapi.json", .right(.read), "This description.", responses: [.ok("Any")]
        ) { _ in .json([:]) }
        let bytes = OpenAPIDocument(table: RouteTable(routes + [description]), version: version).json.prettyBytes
        let served = Route(
            .get, "/api/v1/openapi.json", description.access, description.summary, responses: description.responses
        ) { context in
            let tag = EntityTag.of(bytes)
            if let known = context.head.headers["If-None-Match"], EntityTag.list(known, contains: tag, weak: true) {
                return HTTPResponse(status: 304, headers: ["ETag": tag])
            }
            return HTTPResponse(
                status: 200, headers: ["Content-Type": "application/json", "ETag": tag], body: .bytes(bytes))
        }
        return RouteTable(routes + [served])
    }
}
