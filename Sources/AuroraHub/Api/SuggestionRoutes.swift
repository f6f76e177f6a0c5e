import AuroraApprovals
import AuroraHTTP
import AuroraModel
import AuroraReleases
import AuroraTrust

/// The queues: what is proposed, what exactly it would do, who said what about it.
struct SuggestionRoutes {
    let approvals: Approvals
    let promoter: Promoter
    let targets: Targets
    let planner: PlanMaker
    let trials: AwaitedTrials
    let changes: ChangeAnswers
    let json: SuggestionJSON

    var routes: [Route] {
        [
            list, file, show, plan, diff, envelopes, vote("approve", .approve), vote("reject", .reject), countersign,
            start, withdraw,
        ]
    }

    // MARK: Looking

    private var list: Route {
        Route(
            .get, "/api/v1/suggestions", .right(.read), "List suggestions, newest first.",
            parameters: [
                .query("domain", "Only this domain's queue."),
                .query("state", "Only those in this state.", .choice(SuggestionState.allCases.map(\.rawValue))),
            ] + RouteParameter.paging,
            responses: [.list(of: "Suggestion")]
        ) { [self] context in
            let states = context.query("state").flatMap { SuggestionState(rawValue: $0) }.map { [$0] } ?? []
            var domain: Domain?
            if let name = context.query("domain") {
                domain = Domain(name)
                guard domain != nil else { throw Problem.badRequest("that is not a domain", subject: "domain") }
            }
            let page = try approvals.list(
                states: states, domain: domain, cursor: context.query("cursor"), limit: context.limit)
            let viewer = try context.sender()
            return .list(try page.items.map { try json.json($0, for: viewer) }, next: page.next)
        }
    }

    private var show: Route {
        Route(
            .get, "/api/v1/suggestions/{id}", .right(.read), "Show one suggestion.", responses: [.ok("Suggestion")]
        ) { [self] context in try answer(approvals.get(Self.id(context)), context) }
    }

    private var plan: Route {
        Route(
            .get, "/api/v1/suggestions/{id}/plan", .right(.read),
            "The plan's canonical bytes; their SHA-256 is what approvals sign.", responses: [.ok("Plan")]
        ) { [approvals] context in
            let suggestion = try approvals.get(Self.id(context))
            let tag = "\"\(suggestion.planDigest.hex)\""
            if let known = context.head.headers["If-None-Match"], EntityTag.list(known, contains: tag, weak: true) {
                return HTTPResponse(status: 304, headers: ["ETag": tag])
            }
            return HTTPResponse(
                status: 200, headers: ["ETag": tag, "Content-Type": "application/json"],
                body: .bytes(suggestion.plan.bytes))
        }
    }

    private var diff: Route {
        Route(
            .get, "/api/v1/suggestions/{id}/diff", .right(.read), "Every file that would be added, removed or changed.",
            responses: [.ok("Diff")]
        ) { [self] context in
            let suggestion = try approvals.get(Self.id(context))
            guard let diff = try planner.diff(of: suggestion.plan) else {
                throw Problem(
                    404, "diff_unavailable", "the trees of this plan are not here any more",
                    remedy: "the plan's numbers and digests still hold; ask for the change anew for a fresh diff",
                    subject: suggestion.id.text)
            }
            var object = diff.json.object ?? [:]
            object["plan"] = JSONValue(suggestion.planDigest)
            object["listing"] = JSONValue(suggestion.plan.files.listing)
            return .json(.object(object))
        }
    }

    private var envelopes: Route {
        Route(
            .get, "/api/v1/suggestions/{id}/approvals", .right(.read), "The votes with their signed statements (DSSE).",
            responses: [.list(of: "Vote")]
        ) { [approvals] context in
            let votes = try approvals.votes(on: Self.id(context))
            return .list(
                votes.map { vote in
                    var object = SuggestionJSON.json(vote).object ?? [:]
                    object["envelope"] = vote.envelope.json
                    return .object(object)
                }, next: nil)
        }
    }

    // MARK: Asking

    private var file: Route {
        Route(
            .post, "/api/v1/suggestions", .right(.request), "Ask for a change; its plan is made and filed.",
            body: .json([
                BodyField("action", .choice(Plan.Action.allCases.map(\.rawValue)), "promote or rollback."),
                .text("target", maximum: 64, "The target's name."),
                BodyField("release", .digest, required: false, "For promote: the SHA-256 of a staged release."),
                BodyField(
                    "generation", .integer(0...Int64.max), required: false, "For rollback: which generation."),
                .reason(),
            ]),
            responses: [
                RouteResponse(201, "Filed.", "Suggestion"),
                .ok("Suggestion", "That very plan waits already, or is active."),
            ]
        ) { [self] context in
            let request: NewSuggestionRequest
            do throws(JSONShapeError) { request = try NewSuggestionRequest(.object(context.fields)) } catch {
                throw Problem.badRequest("\(error)", subject: error.path)
            }
            guard let release = request.release else { return try filed(request, context) }
            return try trials.before(release, on: request.target, by: context.actor()) { try filed(request, context) }
        }
    }

    private func filed(_ request: NewSuggestionRequest, _ context: RequestContext) throws -> HTTPResponse {
        let outcome = try SuggestionFiling.file(
            request, with: promoter, targets: targets, by: context.actor(), source: .api)
        switch outcome {
        case .alreadyActive: return .json(["ok": true, "active": true])
        case .started(let change): return try changes.accepted(change, context)
        case .approvalRequired(let suggestion):
            var response = try answer(suggestion, context)
            response.status = suggestion.created.milliseconds >= context.now ? 201 : 200
            response.headers["Location"] = "/api/v1/suggestions/\(suggestion.id)"
            return response
        }
    }

    private var withdraw: Route {
        Route(
            .post, "/api/v1/suggestions/{id}/withdraw", .account,
            "Take a request back: whoever asked, or an approver or admin.", body: .json([.reason()]),
            responses: [.ok("Suggestion")]
        ) { [self] context in
            let sender = try context.sender()
            let suggestion = try approvals.get(Self.id(context))
            let isOwner = suggestion.requestedBy == sender.user && sender.rights.contains(.request)
            guard isOwner || sender.rights.contains(.vote) || sender.rights.contains(.configure) else {
                throw Problem.forbidden(
                    "only \(suggestion.requestedBy), an approver or an admin may withdraw this",
                    remedy: "ask one of them")
            }
            return try answer(
                approvals.withdraw(suggestion.id, reason: context.text("reason"), by: context.actor()), context)
        }
    }

    // MARK: Deciding

    private func vote(_ word: String, _ decision: ApprovalStatement.Decision) -> Route {
        Route(
            .post, "/api/v1/suggestions/{id}/\(word)", .right(.vote),
            "Say \(decision == .approve ? "yes" : "no") to exactly one plan.",
            body: .json([
                BodyField("plan", .digest, "The digest of the plan that was read."), .reason(),
                BodyField(
                    "envelope", .object, required: false,
                    "The statement signed with the operator's own key (DSSE); without it the hub countersigns."),
            ]),
            responses: [.ok("Suggestion", "Recorded; `change` is set when the change began.")]
        ) { [self] context in
            guard let plan = context.optionalDigest("plan") else { throw Problem.badRequest("no plan digest") }
            let suggestion = try cast(
                decision, on: Self.id(context), plan: plan, reason: context.text("reason"),
                envelope: context.fields["envelope"]?.compactBytes, context)
            return try answer(suggestion, context)
        }
    }

    /// Records a vote and starts the change if it was the last one needed.
    ///
    /// - Throws: what the rules of approval refuse; a stale plan's refusal names the fresh one.
    func cast(
        _ decision: ApprovalStatement.Decision, on id: SuggestionID, plan: Digest, reason: String,
        envelope: [UInt8]?, _ context: RequestContext
    ) throws -> Suggestion {
        let sender = try context.sender()
        let given = sender.isDev && reason.isEmpty ? "none given" : reason
        let actor = try context.actor()
        do {
            _ = try approvals.vote(
                on: id, plan: plan, decision: decision, voter: sender.user, reason: given, envelope: envelope,
                by: actor)
        } catch let refusal as Refusal where refusal.code == "plan_stale" {
            throw try promoter.staleRefusal(for: approvals.get(id), seen: plan, by: actor) ?? refusal
        }
        if decision == .approve { try promoter.approved(id, by: actor) }
        return try approvals.get(id)
    }

    private var countersign: Route {
        Route(
            .post, "/api/v1/suggestions/{id}/countersign", .right(.manageOwnAccount),
            "Add the ground segment's signature to a recorded approval.",
            body: .json([BodyField("envelope", .object, "The recorded envelope with one more signature.")]),
            responses: [.ok("Suggestion")]
        ) { [self] context in
            let id = try Self.id(context)
            let envelope = context.fields["envelope"]?.compactBytes ?? []
            _ = try approvals.countersign(id, envelope: envelope, by: context.actor())
            try promoter.approved(id, by: context.actor())
            return try answer(approvals.get(id), context)
        }
    }

    private var start: Route {
        Route(
            .post, "/api/v1/suggestions/{id}/start", .right(.start),
            "Start an approved change that waits to be started.",
            body: .json([]), responses: [RouteResponse(202, "Begun.", "Change")]
        ) { [self] context in
            try changes.accepted(promoter.start(Self.id(context), by: context.actor()), context)
        }
    }

    // MARK: Small parts

    private static func id(_ context: RequestContext) throws -> SuggestionID {
        try context.identifier("id", SuggestionID.self)
    }

    private func answer(_ suggestion: Suggestion, _ context: RequestContext) throws -> HTTPResponse {
        let value = try json.json(suggestion, for: context.sender())
        return .json(value, headers: ["ETag": EntityTag.of(value.compactBytes)])
    }
}
