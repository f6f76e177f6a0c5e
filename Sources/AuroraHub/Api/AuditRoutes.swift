import AuroraAudit
import AuroraHTTP
import AuroraModel
import AuroraSystem

/// The audit log, for people and for verifiers that are not ours.
struct AuditRoutes {
    let audit: AuditLog
    /// The folder with checkpoint and tiles.
    let folder: String

    var routes: [Route] { [entries, last, state, key, verify, checkpoint, tile] }

    private var entries: Route {
        Route(
            .get, "/api/v1/audit/entries", .right(.read), "Entries in order.",
            parameters: [
                .query("from", "The first entry's number, 0 when left out.", .integer(0...Int64.max))
            ] + RouteParameter.paging,
            responses: [.list(of: "AuditEntry")]
        ) { [audit] context in
            let cursor = context.query("cursor")
            guard cursor == nil || Int64(cursor ?? "") != nil else {
                throw Problem.badRequest("the cursor is not one of this list", subject: "cursor")
            }
            let start = cursor.flatMap { Int64($0) } ?? context.integerQuery("from") ?? 0
            let found = try audit.entries(from: start, limit: context.limit)
            let next = found.count == context.limit ? found.last.map { $0.number + 1 } : nil
            let hasMore = try next.map { try $0 < audit.size } ?? false
            return .list(found.map(\.json), next: hasMore ? next.map { String($0) } : nil)
        }
    }

    private var last: Route {
        Route(
            .get, "/api/v1/audit/last", .right(.read), "The newest entries, oldest of them first.",
            parameters: [.query("n", "How many, 200 when left out.", .integer(0...10_000))],
            responses: [.ok("AuditLast")]
        ) { [audit] context in
            let count = min(context.integerQuery("n") ?? 200, 1000)
            let found = count == 0 ? [] : try audit.entries(from: audit.size - count, limit: Int(count))
            return .json([
                "items": .array(found.map(\.json)), "lines": JSONValue(found.map(\.legacyLine)),
            ])
        }
    }

    private var state: Route {
        Route(
            .get, "/api/v1/audit/state", .right(.read), "How the log stands and when it was last verified.",
            responses: [.ok("AuditState")]
        ) { [self] _ in .json(try stateJSON()) }
    }

    func stateJSON() throws -> JSONValue {
        let state = try audit.verificationState()
        let note = (try? DurableFile.read(folder + "/checkpoint", limit: 64 << 10)).map {
            String(decoding: $0, as: UTF8.self)
        }
        return [
            "size": .integer(state.size), "root": JSONValue(state.root), "checkpoint": JSONValue(note),
            "published": .integer(state.signedSize), "verified": .bool(state.report?.isSound ?? false),
            "checkedAt": JSONValue(state.checkedAt),
            "problem": JSONValue(state.report.flatMap { $0.isSound ? nil : $0.summary }),
            "key": .string(state.verifierKey),
        ]
    }

    private var verify: Route {
        Route(
            .post, "/api/v1/audit/verify", .right(.read), "Verify rows and published tiles completely, now.",
            responses: [.ok("AuditState")], audited: false
        ) { [self] _ in
            try audit.verifyNow()
            return .json(try stateJSON())
        }
    }

    private var key: Route {
        Route(
            .get, "/api/v1/audit/key", .right(.read), "The key that verifies the log's checkpoints.",
            responses: [.ok("AuditKey")]
        ) { [audit] _ in
            .json(["origin": .string(audit.verifierKey.name), "key": .string("\(audit.verifierKey)")])
        }
    }

    // MARK: Tiles (C2SP tlog-tiles)

    private var checkpoint: Route {
        Route(
            .get, "/audit/checkpoint", on: [.updater, .dashboard], .right(.read), "The newest signed checkpoint.",
            responses: [RouteResponse(200, "A signed note.", contentType: "text/plain")]
        ) { [self] _ in try file("checkpoint", type: "text/plain; charset=utf-8", isFixed: false) }
    }

    private var tile: Route {
        Route(
            .get, "/audit/tile/{path*}", on: [.updater, .dashboard], .right(.read), "A hash tile or an entry bundle.",
            responses: [RouteResponse(200, "The tile.", contentType: "application/octet-stream")]
        ) { [self] context in
            let parts = context.value("path").split(separator: "/", omittingEmptySubsequences: false)
            let isClean = parts.allSatisfy { part in
                !part.isEmpty && !part.hasPrefix(".")
                    && part.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2E }
            }
            guard isClean else { throw Problem.notFound("tile", context.value("path")) }
            // A full tile never changes; a partial one is replaced by a wider one under another name.
            return try file("tile/" + parts.joined(separator: "/"), type: "application/octet-stream", isFixed: true)
        }
    }

    private func file(_ name: String, type: String, isFixed: Bool) throws -> HTTPResponse {
        guard let bytes = try? DurableFile.read("\(folder)/\(name)", limit: 64 << 20) else {
            throw Problem.notFound("tile", name)
        }
        var response = HTTPResponse(status: 200, body: .bytes(bytes))
        response.headers["Content-Type"] = type
        if isFixed { response.headers["Cache-Control"] = "private, max-age=31536000, immutable" }
        return response
    }
}
