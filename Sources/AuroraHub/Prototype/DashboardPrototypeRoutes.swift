import AuroraApprovals
import AuroraAudit
import AuroraHTTP
import AuroraModel
import AuroraReleases

/// The prototype's dashboard backend on 9711: same paths and keys, now authenticated, verified and gated.
struct DashboardPrototypeRoutes {
    let stager: Stager
    let uploads: Uploads
    let audit: AuditLog
    let suggestions: PrototypeSuggestions
    let domains: [Domain]
    let polls: PollCache

    var routes: [Route] { [list, upload, stage, queues, approve, lastLines] }

    private var list: Route {
        Route(
            .get, "/api/updater/list", .right(.read), family: .prototypeDashboard, "Digests of what is staged.",
            responses: [.ok("Staged")]
        ) { [self] context in try polls.answer(context) { try UpdaterPrototypeRoutes.staged(stager) } }
    }

    private var upload: Route {
        Route(
            .post, "/api/updater/upload", .right(.upload), family: .prototypeDashboard,
            "Upload a file as the part \"artifact\" of a form.",
            body: .multipart(field: "artifact") { [uploads] context in
                try ArtifactReceiver(uploads, fileName: nil, context: context) { artifact, _ in
                    .json([
                        "ok": true, "filename": .string(artifact.fileName), "sha256": JSONValue(artifact.digest),
                        "size": .integer(artifact.size),
                    ])
                }
            },
            responses: [.ok("Uploaded")]
        ) { _ in .noContent }
    }

    private var stage: Route {
        Route(
            .post, "/api/updater/stage", .right(.stage), family: .prototypeDashboard,
            "Verify and unpack an uploaded file; the answer comes when it is done.",
            body: .form([.text("filename", maximum: 255, "The file's name, or its SHA-256.")]),
            responses: [.ok("Staging")]
        ) { [stager] context in
            let staged = Awaited<StagedRelease>()
            _ = try stager.stageInBackground(
                ArtifactName(context.text("filename")), by: context.actor(), onEnd: staged.give)
            return staged.answer { .json(["ok": true, "staging": .string($0.artifact.hex)]) }
        }
    }

    private var queues: Route {
        Route(
            .get, "/api/suggestions/list", .right(.read), family: .prototypeDashboard, "Names of what waits, by queue.",
            responses: [.ok("SuggestionFolders")]
        ) { [self] context in
            try polls.answer(context) {
                var folders = JSONObject(domains.map { (Self.folder($0), .array([])) })
                for (name, suggestion) in try suggestions.open() {
                    let folder = Self.folder(suggestion.domain)
                    folders[folder] = .array((folders[folder]?.array ?? []) + [.string(name)])
                }
                return JSONValue.object(folders).compactBytes + [0x0A]
            }
        }
    }

    /// The prototype's key of a queue; its own agents' folder is the domain `core` today.
    static func folder(_ domain: Domain) -> String {
        domain == .core ? "agents/suggestions" : "\(domain)/suggestions"
    }

    private var approve: Route {
        Route(
            .post, "/api/suggestions/approve", .right(.vote), family: .prototypeDashboard,
            "Vote yes on a suggestion, or on the promote of a staged digest.",
            parameters: [
                .query("file", "The suggestion's name or id, with or without its queue, or a staged digest."),
                .query("reason", "Why."), .query("target", "For a digest: the target's name or path."),
            ],
            body: .form([.reason(required: false)]), responses: [.ok("Ok")]
        ) { [suggestions] context in
            guard let file = context.query("file"), !file.isEmpty else {
                throw Problem.badRequest("file required", subject: "file", remedy: "send ?file=<suggestion>")
            }
            return try suggestions.approve(
                file, target: context.query("target"),
                reason: context.query("reason") ?? context.optionalText("reason"), context
            ) { approved in
                .json([
                    "ok": true, "suggestion": .string(approved.suggestion.id.text),
                    "state": .string(approved.suggestion.state.rawValue),
                    "change": JSONValue(approved.suggestion.change?.text),
                ])
            }
        }
    }

    private var lastLines: Route {
        Route(
            .get, "/api/audit/last", .right(.read), family: .prototypeDashboard, "The newest lines of the audit log.",
            parameters: [.query("n", "How many, 200 when left out; 0 is none.", .integer(0...10_000))],
            responses: [.ok("AuditLines")]
        ) { [audit] context in
            .json(["lines": JSONValue(try audit.last(Int(context.integerQuery("n") ?? 200)))])
        }
    }
}
