import AuroraApprovals
import AuroraHTTP
import AuroraModel
import AuroraReleases
import AuroraSystem

/// Artifacts: whole uploads, lists, downloads.
struct ArtifactRoutes {
    let releases: Releases

    var routes: [Route] {
        [
            put("/api/v1/artifacts/{filename}", [.dashboard]), put("/artifacts/{filename}", [.updater]), list, show,
            content, delete,
        ]
    }

    private func put(_ path: String, _ ports: Set<HubPort>) -> Route {
        Route(
            .put, path, on: ports, .right(.upload),
            "Upload a file; .asc, .sha256 and .release.json files pair with their artifact by name.",
            parameters: [
                .header("Repr-Digest", "sha-256=:<base64>: of the file; checked."),
                .header("Content-Digest", "The same, for clients that have only this one."),
            ],
            body: .stream(contentTypes: []) { [releases] context in
                try ArtifactReceiver(
                    releases.uploads, fileName: context.value("filename"), context: context, answer: Self.stored)
            },
            responses: [RouteResponse(201, "Stored durably.", "Artifact")]
        ) { _ in .noContent }
    }

    /// The answer about a stored file.
    static func stored(_ artifact: StoredArtifact, _ context: RequestContext) -> HTTPResponse {
        var response = HTTPResponse.json(
            [
                "sha256": JSONValue(artifact.digest), "size": .integer(artifact.size),
                "filename": .string(artifact.fileName), "uploadedBy": JSONValue(context.identity?.user.text),
                "created": JSONValue(Timestamp(milliseconds: context.now)), "duplicate": .bool(!artifact.isNew),
            ], status: 201)
        response.headers["Location"] = "/api/v1/artifacts/\(artifact.digest.hex)"
        response.headers["Repr-Digest"] = DigestField.text(artifact.digest)
        return response
    }

    private var list: Route {
        Route(
            .get, "/api/v1/artifacts", .right(.read), "List what was uploaded, newest first.",
            parameters: RouteParameter.paging, responses: [.list(of: "Artifact")]
        ) { [releases] context in
            let page = try releases.artifacts.artifacts(after: context.query("cursor"), limit: context.limit)
            return .list(page.items.map(Self.json), next: page.next)
        }
    }

    private var show: Route {
        Route(
            .get, "/api/v1/artifacts/{sha256}", .right(.read), "Show one artifact.", responses: [.ok("Artifact")]
        ) { [releases] context in
            let digest = try context.digest("sha256", "artifact")
            guard let record = try releases.artifacts.artifact(digest) else {
                throw Problem.notFound("artifact", digest.hex)
            }
            return .json(Self.json(record))
        }
    }

    static func json(_ record: ArtifactRecord) -> JSONValue {
        [
            "sha256": JSONValue(record.digest), "size": .integer(record.size),
            "filename": JSONValue(record.labels.last?.name), "uploadedBy": .string(record.uploadedBy),
            "created": JSONValue(record.uploaded), "duplicate": false, "staged": .bool(record.isStaged),
            "filenames": JSONValue(record.labels.map(\.name)),
        ]
    }

    private var delete: Route {
        Route(
            .delete, "/api/v1/artifacts/{sha256}", .right(.delete),
            "Delete an artifact that no release, target or open suggestion needs; its bytes go.",
            responses: [.noContent]
        ) { [releases] context in
            try releases.deletions.artifact(context.digest("sha256", "artifact"), by: context.actor())
            return .noContent
        }
    }

    private var content: Route {
        Route(
            .get, "/api/v1/artifacts/{sha256}/content", on: [.dashboard, .updater], .right(.read),
            "Download an artifact; ranges and If-None-Match are understood.",
            parameters: [.header("Range", "One range of bytes.")],
            responses: [
                RouteResponse(200, "The whole file.", contentType: "application/octet-stream"),
                RouteResponse(206, "The range.", contentType: "application/octet-stream"),
                RouteResponse(304, "Unchanged."),
            ]
        ) { [releases] context in
            let digest = try context.digest("sha256", "artifact")
            guard let blob = try releases.blobs.open(digest) else { throw Problem.notFound("artifact", digest.hex) }
            let tag = "\"\(digest.hex)\""
            let length = UInt64(blob.size)
            return try FileAnswer.make(
                context.head, descriptor: try blob.descriptor.duplicate().release(), length: length, tag: tag,
                headers: [
                    "Content-Type": "application/octet-stream", "Content-Disposition": "attachment",
                    "Cache-Control": "private, no-cache", "Repr-Digest": DigestField.text(digest),
                ])
        }
    }
}
