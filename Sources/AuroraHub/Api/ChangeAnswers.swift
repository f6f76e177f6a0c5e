import AuroraApprovals
import AuroraHTTP
import AuroraModel

/// Answers about changes, at once or after waiting for their end.
struct ChangeAnswers: Sendable {
    let waits: ChangeWaits

    /// 202 with the change; after `Prefer: wait=N` as it stands at its end, or when the time is over.
    func accepted(_ change: Change, _ context: RequestContext) throws -> HTTPResponse {
        let seconds = context.preferredWait
        let location: HTTPHeaders = ["Location": "/api/v1/changes/\(change.id)"]
        guard seconds > 0 else { return .json(change.json, status: 202, headers: location) }
        return try waits.answer(about: change.id, within: seconds) { latest in
            var headers = location
            headers["Preference-Applied"] = "wait=\(seconds)"
            return .json(latest.json, status: 202, headers: headers)
        }
    }

    /// 200 with the change, after `Prefer: wait=N` as above.
    func shown(_ id: ChangeID, _ context: RequestContext) throws -> HTTPResponse {
        try waits.answer(about: id, within: context.preferredWait) { .json($0.json) }
    }
}
