import AuroraHTTP
import AuroraModel
import AuroraReleases

/// Resumable uploads (draft-ietf-httpbis-resumable-upload).
struct UploadRoutes {
    let uploads: Uploads

    /// On 9711 under `/api/v1`, on 9710 without it.
    var routes: [Route] {
        [("/api/v1", HubPort.dashboard), ("", HubPort.updater)].flatMap { prefix, port in
            [create(prefix, port), status(prefix, port), append(prefix, port), cancel(prefix, port)]
        }
    }

    private static let contentTypes = ["application/partial-upload"]

    private func create(_ prefix: String, _ port: HubPort) -> Route {
        Route(
            .post, "\(prefix)/uploads", on: [port], .right(.upload),
            "Begin an upload that can be resumed for 24 hours.",
            parameters: [
                .query("filename", "The label of the file.", required: true),
                .header("Upload-Complete", "?1 when the body is the whole file, ?0 when more follows."),
                .header("Upload-Length", "The whole length in bytes, when it is known."),
                .header("Repr-Digest", "sha-256=:<base64>: of the whole file; checked at the end."),
            ],
            body: .stream(contentTypes: []) { [self] context in
                // All of the head is read before anything is made: a refused upload leaves nothing.
                let isLast = try Self.isComplete(context)
                let id = try begin(context)
                return try receiver(context, id: id, offset: 0, isLast: isLast, prefix: prefix, isNew: true)
            },
            responses: [
                RouteResponse(201, "Begun (Location), or stored when it was complete.", "UploadOrArtifact")
            ]
        ) { _ in .noContent }
    }

    private func begin(_ context: RequestContext) throws -> UploadID {
        let status = try uploads.create(
            UploadRequest(
                account: context.actor(), fileName: context.query("filename") ?? "",
                length: try Self.number("Upload-Length", context), declared: try DigestField.sha256(context.head)))
        return status.id
    }

    private func receiver(
        _ context: RequestContext, id: UploadID, offset: Int64, isLast: Bool, prefix: String, isNew: Bool
    ) throws -> ResumableReceiver {
        let writer = try uploads.resume(id, offset: offset, by: context.actor())
        return ResumableReceiver(writer, isLast: isLast, declared: try DigestField.sha256(context.head)) {
            outcome, context in
            switch outcome {
            case .stored(let artifact):
                var response = ArtifactRoutes.stored(artifact, context)
                response.status = isNew ? 201 : 200
                response.headers["Upload-Complete"] = "?1"
                response.headers["Upload-Offset"] = String(artifact.size)
                return response
            case .waiting(let status):
                var response = Self.answer(status)
                response.status = isNew ? 201 : 204
                response.headers["Location"] = "\(prefix)/uploads/\(status.id)"
                if !isNew { response.body = .none }
                return response
            }
        }
    }

    private func status(_ prefix: String, _ port: HubPort) -> Route {
        Route(
            .get, "\(prefix)/uploads/{id}", on: [port], .right(.upload), "How far an upload is (also as HEAD).",
            responses: [.ok("Upload")]
        ) { [uploads] context in
            let id = try context.identifier("id", UploadID.self)
            return Self.answer(try uploads.status(id, by: context.actor()))
        }
    }

    private func append(_ prefix: String, _ port: HubPort) -> Route {
        Route(
            .patch, "\(prefix)/uploads/{id}", on: [port], .right(.upload), "Append the next bytes.",
            parameters: [
                .header("Upload-Offset", "Where these bytes begin: what the hub has."),
                .header("Upload-Complete", "?1 when the file ends with these bytes."),
            ],
            body: .stream(contentTypes: Self.contentTypes) { [self] context in
                let id = try context.identifier("id", UploadID.self)
                guard let offset = try Self.number("Upload-Offset", context) else {
                    throw Problem.badRequest("the field Upload-Offset is missing", subject: "Upload-Offset")
                }
                let isLast = try Self.isComplete(context)
                return try receiver(context, id: id, offset: offset, isLast: isLast, prefix: prefix, isNew: false)
            },
            responses: [RouteResponse(204, "Appended; more is expected."), .ok("Artifact", "Complete and stored.")]
        ) { _ in .noContent }
    }

    private func cancel(_ prefix: String, _ port: HubPort) -> Route {
        Route(
            .delete, "\(prefix)/uploads/{id}", on: [port], .right(.upload), "Give an upload up; its bytes go.",
            responses: [.noContent]
        ) { [uploads] context in
            try uploads.cancel(context.identifier("id", UploadID.self), by: context.actor())
            return .noContent
        }
    }

    private static func answer(_ status: UploadStatus) -> HTTPResponse {
        var response = HTTPResponse.json([
            "id": .string(status.id.text), "offset": .integer(status.offset), "complete": .bool(status.isComplete),
            "length": JSONValue(status.length), "expires": JSONValue(status.expires),
            "filename": .string(status.fileName), "sha256": JSONValue(status.artifact),
        ])
        response.headers["Upload-Offset"] = String(status.offset)
        response.headers["Upload-Complete"] = status.isComplete ? "?1" : "?0"
        if let length = status.length { response.headers["Upload-Length"] = String(length) }
        return response
    }

    /// The draft makes a request without the field complete; so does a plain POST.
    private static func isComplete(_ context: RequestContext) throws(Problem) -> Bool {
        switch context.head.headers["Upload-Complete"]?.trimmed {
        case nil, "?1": return true
        case "?0": return false
        default:
            throw .badRequest(
                "the field Upload-Complete is not a boolean", subject: "Upload-Complete", remedy: "?0 or ?1")
        }
    }

    private static func number(_ name: String, _ context: RequestContext) throws(Problem) -> Int64? {
        guard let text = context.head.headers[name]?.trimmed else { return nil }
        guard let number = Int64(text), number >= 0 else {
            throw .badRequest("the field \(name) is not a number of bytes", subject: name)
        }
        return number
    }
}
