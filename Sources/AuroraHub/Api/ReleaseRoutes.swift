import AuroraApprovals
import AuroraHTTP
import AuroraModel
import AuroraReleases

/// Staged releases: verified, unpacked, never active by being staged.
struct ReleaseRoutes {
    let releases: Releases
    let changes: ChangeAnswers

    var routes: [Route] { [list, show, stage, tryOut, delete] }

    private var list: Route {
        Route(
            .get, "/api/v1/releases", .right(.read), "List what is staged, newest first.",
            parameters: RouteParameter.paging, responses: [.list(of: "Release")]
        ) { [releases] context in
            let page = try releases.stager.releases(after: context.query("cursor"), limit: context.limit)
            return .list(page.items.map(Self.json), next: page.next)
        }
    }

    private var show: Route {
        Route(
            .get, "/api/v1/releases/{sha256}", .right(.read), "Show one staged release.", responses: [.ok("Release")]
        ) { [releases] context in
            .json(Self.json(try releases.stager.release(context.digest("sha256", "release"))))
        }
    }

    private var stage: Route {
        Route(
            .post, "/api/v1/releases", .right(.stage), "Verify an artifact and unpack it where it can be activated.",
            body: .json([
                .text("artifact", maximum: 255, "The SHA-256 of an artifact, or its file name."),
                .text("target", maximum: 64, required: false, "The target it is for; all when left out."),
            ]),
            responses: [RouteResponse(202, "Begun; the change tells what comes of it.", "Change")]
        ) { [self] context in
            let target = try context.optionalText("target").map { try TargetName.require($0) }
            let change = try releases.stager.stageInBackground(
                ArtifactName(context.text("artifact")), for: target, by: context.actor())
            return try changes.accepted(change, context)
        }
    }

    private var tryOut: Route {
        Route(
            .post, "/api/v1/releases/{sha256}/trial", .right(.tryOut),
            "Run the staged tree's health command in a sandboxed copy without network.",
            body: .json([.text("target", maximum: 64, "The target whose command is run.")]),
            responses: [RouteResponse(202, "Begun; the change tells what comes of it.", "Change")]
        ) { [self] context in
            let release = try releases.stager.release(context.digest("sha256", "release"))
            let target = try releases.targets.find(TargetName.require(context.text("target")))
            let change = try releases.trials.runInBackground(
                release.artifact, on: target.name, by: context.actor())
            return try changes.accepted(change, context)
        }
    }

    private var delete: Route {
        Route(
            .delete, "/api/v1/releases/{sha256}", .right(.delete),
            "Take a staged release out of the list; its artifact stays and can be staged again.",
            responses: [.noContent]
        ) { [releases] context in
            try releases.deletions.release(context.digest("sha256", "release"), by: context.actor())
            return .noContent
        }
    }

    static func json(_ release: StagedRelease) -> JSONValue {
        [
            "sha256": JSONValue(release.artifact), "tree": JSONValue(release.tree),
            "name": JSONValue(release.name?.text), "version": JSONValue(release.version?.description),
            "hardwareIDs": JSONValue(release.hardwareIDs), "signature": release.verdict.json,
            "entries": .integer(release.entries), "bytes": .integer(release.bytes),
            "filename": JSONValue(release.fileName), "stagedBy": .string(release.stagedBy),
            "staged": JSONValue(release.staged),
        ]
    }
}
