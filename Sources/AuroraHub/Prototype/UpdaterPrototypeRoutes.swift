import AuroraApprovals
import AuroraHTTP
import AuroraModel
import AuroraReleases

/// The prototype's updater on 9710: same paths and keys, now authenticated, verified and gated.
struct UpdaterPrototypeRoutes {
    let stager: Stager
    let targets: Targets
    let promoter: Promoter
    let trials: AwaitedTrials
    let suggestions: PrototypeSuggestions
    let changes: ChangeAnswers
    let polls: PollCache

    var routes: [Route] { [list, names, promote, approve] }

    private var list: Route {
        Route(
            .get, "/list", on: [.updater], .right(.read), family: .prototypeUpdater, "Digests of what is staged.",
            responses: [.ok("Staged")]
        ) { [self] context in try polls.answer(context) { try Self.staged(stager) } }
    }

    /// `{"staged":[…]}`; digests need no escaping, so the list is written directly.
    static func staged(_ stager: Stager) throws -> [UInt8] {
        let digests = try stager.stagedDigests()
        var bytes = Array("{\"staged\":[".utf8)
        bytes.reserveCapacity(bytes.count + digests.count * 67 + 4)
        for (index, digest) in digests.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(UInt8(ascii: "\""))
            bytes.append(contentsOf: digest.utf8)
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(contentsOf: "]}\n".utf8)
        return bytes
    }

    private var names: Route {
        Route(
            .get, "/suggestions", on: [.updater], .right(.read), family: .prototypeUpdater, "Names of what waits.",
            responses: [.ok("SuggestionNames")]
        ) { [self] context in
            try polls.answer(context) {
                let names = try suggestions.open().map { JSONValue.string($0.name) }
                return JSONValue.object(["suggestions": .array(names)]).compactBytes + [0x0A]
            }
        }
    }

    private var promote: Route {
        Route(
            .post, "/promote", on: [.updater], .right(.request), family: .prototypeUpdater,
            "Make a staged digest active, or file the suggestion that asks for it.",
            parameters: [
                .query("hash", "The SHA-256 of a staged artifact."),
                .query("target", "A target's name or path; may be left out when there is only one."),
                .query("reason", "Why; a standard sentence when left out."),
            ],
            responses: [
                .ok("Ok", "Active."),
                RouteResponse(409, "approval_required names the suggestion.", contentType: "application/problem+json"),
            ]
        ) { [self] context in
            guard let text = context.query("hash"), !text.isEmpty else {
                throw Problem.badRequest("hash required", subject: "hash", remedy: "send ?hash=<sha256>")
            }
            guard let digest = Digest(hex: text) else { throw Problem.notFound("staged release", text) }
            _ = try stager.release(digest)
            let target = try targets.find(context.query("target"))
            let reason = context.query("reason") ?? "requested through POST /promote"
            let actor = try context.actor()
            return try trials.before(digest, on: target.name, by: actor) {
                try answer(promoter.promote(digest, on: target.name, by: actor, reason: reason), context)
            }
        }
    }

    private func answer(_ outcome: PromoteOutcome, _ context: RequestContext) throws -> HTTPResponse {
        switch outcome {
        case .alreadyActive: return .json(["ok": true])
        case .started(let change): return try changes.waits.answer(about: change.id, within: 60, Self.finished)
        case .approvalRequired(let suggestion):
            throw try suggestions.routes.json.approvalRequired(suggestion, for: context.sender())
        }
    }

    /// The prototype answered after the promote was done; so does this, with the truth about how it ended.
    @Sendable
    private static func finished(_ end: Change) throws -> HTTPResponse {
        switch end.state {
        case .done, .queued, .running: return .json(["ok": true, "change": .string(end.id.text)])
        default:
            throw Problem.conflict(
                end.errorCode ?? "change_\(end.state.rawValue)",
                end.errorMessage ?? "the change ended as \(end.state.rawValue)", subject: end.id.text,
                remedy: "aurora change show \(end.id)")
        }
    }

    private var approve: Route {
        Route(
            .post, "/approve", on: [.updater], .right(.vote), family: .prototypeUpdater,
            "Vote yes on a suggestion, or on the promote of a staged digest; the answer holds the signed statement.",
            body: .form([
                .text("file", maximum: 255, "The suggestion's name or id, or the staged digest it promotes."),
                .reason(required: false),
                .text("target", required: false, "For a digest: the target's name or path."),
            ]),
            responses: [.ok("Approved")]
        ) { [self] context in
            let name = context.text("file")
            return try suggestions.approve(
                name, target: context.optionalText("target"), reason: context.optionalText("reason"), context
            ) { approved in
                .json([
                    "ok": true, "applied": .string(name), "signed_token": .string(approved.token),
                    "suggestion": .string(approved.suggestion.id.text),
                    "state": .string(approved.suggestion.state.rawValue),
                    "change": JSONValue(approved.suggestion.change?.text),
                ])
            }
        }
    }
}
