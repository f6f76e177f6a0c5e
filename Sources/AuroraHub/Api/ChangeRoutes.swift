import AuroraApprovals
import AuroraHTTP
import AuroraModel
import AuroraReleases

/// The one object of every long operation.
struct ChangeRoutes {
    let store: ChangeStore
    let answers: ChangeAnswers
    let streams: ChangeStreams
    let promoter: Promoter

    var routes: [Route] { [list, show, events, abort] }

    private var list: Route {
        Route(
            .get, "/api/v1/changes", .right(.read), "List changes, newest first.",
            parameters: [
                .query("state", "Only those in this state.", .choice(ChangeState.allCases.map(\.rawValue))),
                .query("target", "Only those of this target."),
            ] + RouteParameter.paging,
            responses: [.list(of: "Change")]
        ) { [store] context in
            let page = try store.list(
                state: context.query("state").flatMap { ChangeState(rawValue: $0) },
                target: context.query("target").map { try TargetName.require($0) }, cursor: context.query("cursor"),
                limit: context.limit)
            return .list(page.items.map(\.json), next: page.next)
        }
    }

    private var show: Route {
        Route(
            .get, "/api/v1/changes/{id}", .right(.read), "Show one change; Prefer: wait=N waits for its end.",
            parameters: [.header("Prefer", "wait=N, at most 60 seconds.")], responses: [.ok("Change")]
        ) { [self] context in
            try answers.shown(context.identifier("id", ChangeID.self), context)
        }
    }

    private var events: Route {
        Route(
            .get, "/api/v1/changes/{id}/events", .right(.read),
            "Follow a change as server-sent events; Last-Event-ID goes on where a lost stream ended.",
            parameters: [.header("Last-Event-ID", "The id of the last event seen.")],
            responses: [RouteResponse(200, "Events until the change ends.", contentType: "text/event-stream")]
        ) { [self] context in
            let id = try context.identifier("id", ChangeID.self)
            _ = try store.get(id)
            let last = context.head.headers["Last-Event-ID"].flatMap { Int64($0.trimmed) } ?? 0
            return try streams.open(id, after: last)
        }
    }

    private var abort: Route {
        Route(
            .post, "/api/v1/changes/{id}/abort", .account,
            "Stop a change before anything is switched or published: whoever may start changes, or began this one.",
            body: .json([.reason()]), responses: [.ok("Change")]
        ) { [self] context in
            let id = try context.identifier("id", ChangeID.self)
            let sender = try context.sender()
            let isOwn = try store.get(id).actor == sender.user.text && sender.rights.contains(.request)
            guard isOwn || sender.rights.contains(.start) else {
                throw Problem.forbidden(
                    "only an approver, or whoever began this change, may stop it", remedy: "ask one of them")
            }
            return .json(try promoter.abort(id, reason: context.text("reason"), by: context.actor()).json)
        }
    }
}
