import AuroraActivation
import AuroraApprovals
import AuroraAudit
import AuroraHTTP
import AuroraModel
import AuroraReleases

/// The pages of the dashboard.
///
/// They read what the native API answers; their forms do what its routes do.
struct DashboardRoutes {
    let releases: Releases
    let approvals: Approvals
    let changes: ChangeStore
    let accounts: Accounts
    let audit: AuditRoutes
    let suggestions: SuggestionJSON
    let isFirstStart: @Sendable () -> Bool

    /// Newest entries of a list that a page shows.
    static let pageLength = 50

    var routes: [Route] {
        [overview, suggestionList, suggestion, target, changeList, change, auditLog, login] + assets
    }

    // MARK: Pages

    private var overview: Route {
        page("/", "The overview: what waits, targets, releases, the log.") { [self] context, viewer in
            let staged = try releases.stager.releases(after: nil, limit: Self.pageLength)
            let uploaded = try releases.artifacts.artifacts(after: nil, limit: Self.pageLength)
            let overview = OverviewPage(
                viewer: viewer, suggestions: try list(open: true, after: nil, context).items,
                targets: try releases.targets.all().map {
                    TargetRoutes.json(try releases.targets.find($0.description.name))
                },
                releases: staged.items.map(ReleaseRoutes.json),
                artifacts: uploaded.items.filter { !$0.isStaged }.map(ArtifactRoutes.json).filter(\.isArtifact),
                audit: try audit.stateJSON())
            return ("Overview", overview.content)
        }
    }

    private var suggestionList: Route {
        page("/suggestions", "All suggestions.", parameters: [.query("cursor", "Where the page before ended.")]) {
            [self] context, _ in
            let found = try list(open: false, after: context.query("cursor"), context)
            return ("Suggestions", SuggestionsPage.content(found.items, next: found.next))
        }
    }

    private var suggestion: Route {
        page("/suggestions/{id}", "One suggestion with plan, files and decisions.") { [self] context, viewer in
            let suggestion = try approvals.get(context.identifier("id", SuggestionID.self))
            let json = try suggestions.json(suggestion, for: context.sender())
            let page = SuggestionPage(
                viewer: viewer, suggestion: json, plan: suggestion.plan.json,
                diff: try releases.planner.diff(of: suggestion.plan)?.json ?? .null, votes: json["votes"]?.array ?? [])
            return (SuggestionsPage.title(json), page.content)
        }
    }

    private var target: Route {
        page("/targets/{name}", "One target: generations, promote, roll back.") { [self] context, viewer in
            let name = try context.identifier("name", TargetName.self)
            var json = TargetRoutes.json(try releases.targets.find(name)).object ?? [:]
            let drift = try releases.targets.status(name).drift
            json["drift"] = drift.map { .array($0.map(\.planDrift.json)) } ?? .null
            let staged = try releases.stager.releases(after: nil, limit: Self.pageLength)
            let page = TargetPage(
                viewer: viewer, target: .object(json), releases: staged.items.map(ReleaseRoutes.json))
            return ("Target \(name)", page.content)
        }
    }

    private var changeList: Route {
        page("/changes", "All changes.", parameters: [.query("cursor", "Where the page before ended.")]) {
            [self] context, _ in
            let found = try changes.list(cursor: context.query("cursor"), limit: Self.pageLength)
            return ("Changes", ChangePage.list(found.items.map(\.json), next: found.next))
        }
    }

    private var change: Route {
        page("/changes/{id}", "One change with its steps; it follows while the change runs.") { [self] context, _ in
            let change = try changes.get(context.identifier("id", ChangeID.self))
            return ("Change \(change.id)", ChangePage.one(change.json))
        }
    }

    private var auditLog: Route {
        page("/audit", "The audit log, newest first.", parameters: [.query("before", "Show entries before this one.")])
        {
            [self] context, _ in
            let size = try audit.audit.size
            let end = min(max(context.integerQuery("before") ?? size, 0), size)
            let start = max(end - Int64(Self.pageLength), 0)
            let entries = try audit.audit.entries(from: start, limit: Int(end - start)).reversed().map(\.json)
            let content = AuditPage.content(
                state: try audit.stateJSON(), entries: entries, older: start > 0 ? String(start) : nil)
            return ("Audit log", content)
        }
    }

    private var login: Route {
        Route(
            .get, "/login", .open, family: .page, "Log in with a one-time code or a password.",
            responses: [.page]
        ) { [accounts, isFirstStart] _ in
            let viewer = Viewer.stranger(isDev: accounts.settings.isDev)
            return .page(
                Page.document("Log in", for: viewer, content: LoginPage.content(isFirst: isFirstStart())))
        }
    }

    // MARK: Parts

    /// A page for whoever may read; what an act before it said is shown on top.
    private func page(
        _ path: String, _ summary: String, parameters: [RouteParameter] = [],
        _ make: @escaping @Sendable (RequestContext, Viewer) throws -> (title: String, content: [HTML])
    ) -> Route {
        Route(
            .get, path, .right(.read), family: .page, summary, parameters: parameters, responses: [.page]
        ) { [accounts] context in
            let viewer = try Viewer(context, isDev: accounts.settings.isDev)
            let made = try make(context, viewer)
            return .page(Page.document(made.title, for: viewer, content: made.content))
        }
    }

    private func list(
        open: Bool, after cursor: String?, _ context: RequestContext
    ) throws -> (items: [JSONValue], next: String?) {
        let states = open ? SuggestionState.allCases.filter(\.isOpen) : []
        let found = try approvals.list(states: states, domain: nil, cursor: cursor, limit: Self.pageLength)
        let viewer = try context.sender()
        return (try found.items.map { try suggestions.json($0, for: viewer) }, found.next)
    }

    private var assets: [Route] {
        DashboardAssets.current.all.map { asset in
            Route(
                .get, asset.path, .open, family: .page, "A file of the dashboard; its name changes with its content.",
                responses: [RouteResponse(200, "The file.", contentType: asset.contentType)]
            ) { _ in
                HTTPResponse(
                    status: 200,
                    headers: [
                        "Content-Type": asset.contentType, "Cache-Control": "public, max-age=31536000, immutable",
                    ], body: .bytes(asset.bytes))
            }
        }
    }
}

extension JSONValue {
    /// Whether an uploaded file is something that can be staged, by its name: sidecars only pair with one.
    fileprivate var isArtifact: Bool {
        let name = self["filename"]?.string ?? ""
        return ![".asc", ".sig", ".sha256", ".release.json"].contains { name.hasSuffix($0) }
    }
}

extension Viewer {
    /// Whoever sent the request.
    init(_ context: RequestContext, isDev: Bool) throws {
        let identity = try context.sender()
        self.init(
            name: identity.user.text, role: identity.role, rights: identity.rights, csrf: context.csrf ?? "",
            isDev: isDev)
    }
}

extension HTTPResponse {
    /// A page for people.
    static func page(_ document: HTML, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: ["Content-Type": "text/html; charset=utf-8"],
            body: .bytes(Array(document.markup.utf8)))
    }

    /// Sends the browser to another page, with GET.
    static func seeOther(_ path: String) -> HTTPResponse {
        HTTPResponse(status: 303, headers: ["Location": path])
    }
}

extension RouteResponse {
    static let page = RouteResponse(200, "A page.", contentType: "text/html")
    static let seeOther = RouteResponse(303, "Done; the page to look at next.", contentType: "text/html")
}
