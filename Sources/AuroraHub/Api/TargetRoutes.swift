import AuroraActivation
import AuroraApprovals
import AuroraHTTP
import AuroraModel
import AuroraReleases

/// Targets: what is active, what was, and asking for another.
struct TargetRoutes {
    let targets: Targets
    let promoter: Promoter
    let trials: AwaitedTrials
    let changes: ChangeAnswers
    let suggestions: SuggestionJSON

    var routes: [Route] { [list, show, promote, rollback, clearBlock] }

    private var list: Route {
        Route(
            .get, "/api/v1/targets", .right(.read), "List the targets (without drift, which takes time).",
            responses: [.list(of: "Target")]
        ) { [self] _ in
            .list(targets.all().map(json), next: nil)
        }
    }

    private var show: Route {
        Route(
            .get, "/api/v1/targets/{name}", .right(.read),
            "Show one target: generations, the active one, drift, blocked trees.", responses: [.ok("Target")]
        ) { [self] context in
            let name = try context.identifier("name", TargetName.self)
            let status = try targets.status(name)
            guard case .object(var object) = json(try targets.find(name.text)) else { throw Problem.inside }
            object["drift"] = status.drift.map { .array($0.map(\.planDrift.json)) } ?? .null
            object["release"] = status.release.map(ReleaseRoutes.json) ?? .null
            return .json(.object(object))
        }
    }

    private var promote: Route {
        Route(
            .post, "/api/v1/targets/{name}/promote", .right(.request),
            "Make a staged release active, or file the suggestion that asks for it.",
            body: .json([
                BodyField("release", .digest, "The SHA-256 of a staged release."), .reason(),
            ]),
            responses: [
                RouteResponse(202, "Approved before and begun.", "Change"),
                .ok("PromoteNothing", "It is active already."),
                RouteResponse(
                    409, "approval_required: the suggestion was filed.", contentType: "application/problem+json"),
            ]
        ) { [self] context in
            let name = try context.identifier("name", TargetName.self)
            guard let release = context.optionalDigest("release") else { throw Problem.badRequest("no release") }
            let actor = try context.actor()
            return try trials.before(release, on: name, by: actor) {
                try answer(promoter.promote(release, on: name, by: actor, reason: context.text("reason")), context)
            }
        }
    }

    private var rollback: Route {
        Route(
            .post, "/api/v1/targets/{name}/rollback", .right(.request),
            "Take the last change back at once (approvers), or ask for another generation.",
            body: .json([
                .reason(),
                BodyField("generation", .integer(0...Int64.max), required: false, "Another than the one before."),
            ]),
            responses: [
                RouteResponse(202, "Begun.", "Change"),
                .ok("PromoteNothing", "That generation is active already."),
                RouteResponse(
                    409, "approval_required: the suggestion was filed.", contentType: "application/problem+json"),
            ]
        ) { [self] context in
            let name = try context.identifier("name", TargetName.self)
            let reason = context.text("reason")
            let generation = context.optionalInteger("generation")
            if try context.sender().rights.contains(.rollBack) {
                let outcome = try promoter.rollback(name, to: generation, by: context.actor(), reason: reason)
                return try answer(outcome, context)
            }
            let outcome = try SuggestionFiling.file(
                NewSuggestionRequest(
                    action: .rollback, target: name, release: nil, generation: generation, reason: reason),
                with: promoter, targets: targets, by: context.actor(), source: .api)
            return try answer(outcome, context)
        }
    }

    /// The three ends of a request for a change.
    func answer(_ outcome: PromoteOutcome, _ context: RequestContext) throws -> HTTPResponse {
        switch outcome {
        case .alreadyActive: return .json(["ok": true, "active": true])
        case .started(let change): return try changes.accepted(change, context)
        case .approvalRequired(let suggestion):
            throw try suggestions.approvalRequired(suggestion, for: context.sender())
        }
    }

    private var clearBlock: Route {
        Route(
            .delete, "/api/v1/targets/{name}/blocked/{digest}", .right(.rollBack),
            "Let a tree that failed be tried again.", body: .json([.reason()]), responses: [.noContent]
        ) { [targets] context in
            try targets.clearBlock(
                context.digest("digest", "blocked tree"), on: context.identifier("name", TargetName.self),
                reason: context.text("reason"), by: context.actor())
            return .noContent
        }
    }

    // MARK: JSON

    /// A target with the policy that holds for it.
    private func json(_ target: Target) -> JSONValue {
        var object = Self.json(target).object ?? [:]
        object["policy"] = PolicyRoutes.json(suggestions.approvals.policies.policy(for: target.description))
        return .object(object)
    }

    static func json(_ target: Target) -> JSONValue {
        let state = target.engine.state
        let description = target.description
        return [
            "name": .string(description.name.text), "path": .string(description.path),
            "kind": .string(description.kind.rawValue), "domain": .string(description.domain.name),
            "safety": .string(description.safetyClass.rawValue),
            "active": target.engine.active.map(Self.json) ?? .null,
            "generations": .array(state.generations.reversed().map(Self.json)), "drift": .null,
            "blocked": JSONValue(state.blocked.map(\.tree.hex)), "degraded": .bool(state.degraded != nil),
            "degradedReason": JSONValue(state.degraded), "busy": JSONValue(target.change?.text),
            "rollbackTarget": target.engine.rollbackTarget.map { .integer(Int64($0.number)) } ?? .null,
        ]
    }

    static func json(_ generation: Generation) -> JSONValue {
        [
            "number": .integer(Int64(generation.number)), "tree": JSONValue(generation.treeDigest),
            "plan": JSONValue(generation.planDigest), "artifact": JSONValue(generation.artifact),
            "label": .string(generation.label), "version": .string(generation.label),
            "state": .string(generation.state.rawValue),
            "time": JSONValue(Timestamp(milliseconds: generation.created)),
        ]
    }
}
