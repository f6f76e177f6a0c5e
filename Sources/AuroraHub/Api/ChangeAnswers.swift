import AuroraApprovals
import AuroraHTTP
import AuroraModel
import Glibc

/// Answers about changes, at once or after waiting for their end.
struct ChangeAnswers: Sendable {
    let store: ChangeStore

    /// 202 with the change; after `Prefer: wait=N` as it stands at its end, or when the time is over.
    func accepted(_ change: Change, _ context: RequestContext) throws -> HTTPResponse {
        let seconds = context.preferredWait
        let latest = seconds > 0 ? try wait(for: change.id, seconds: seconds) : change
        var headers: HTTPHeaders = ["Location": "/api/v1/changes/\(change.id)"]
        if seconds > 0 { headers["Preference-Applied"] = "wait=\(seconds)" }
        return .json(latest.json, status: 202, headers: headers)
    }

    /// The change when it ended, or as it stands when the time is over.
    func wait(for id: ChangeID, seconds: Int) throws -> Change {
        let end = ContinuousClock.now + .seconds(seconds)
        var pause: UInt32 = 5000
        while true {
            let change = try store.get(id)
            guard !change.state.isFinal, ContinuousClock.now < end else { return change }
            usleep(pause)
            pause = min(pause * 3 / 2, 100_000)
        }
    }
}
