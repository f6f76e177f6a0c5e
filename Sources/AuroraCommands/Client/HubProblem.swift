import AuroraModel

/// Turns a refusal of the hub into the error of a command: same words, an exit code for scripts.
enum HubProblem {
    /// The error for an answer that is not a success.
    static func error(_ response: HubResponse, asked method: String, _ target: String) -> CommandError {
        let problem = (try? response.json()) ?? .null
        let code = problem["code"]?.string ?? "http_\(response.status)"
        let detail = problem["detail"]?.string ?? problem["title"]?.string
        return CommandError(
            detail ?? "the hub answered \(response.status) to \(method) \(target)",
            cause: problem["rule"]?.string ?? "",
            remedy: remedy(code, problem),
            code: code,
            exit: exit(status: response.status, code: code),
            requestID: problem["instance"]?.string ?? response.header("X-Request-Id"),
            details: extras(of: problem))
    }

    /// The exit code of a refusal: by its stable code where that says more than the status.
    static func exit(status: Int, code: String) -> ExitCode {
        switch code {
        case "approval_required": return .approvalPending
        case "approval_rejected", "approval_expired", "suggestion_closed": return .approvalRefused
        case "unsigned", "signature_bad", "checksum_mismatch", "digest_mismatch", "release_file_mismatch",
            "artifact_changed":
            return .verificationFailed
        default: break
        }
        if code.hasPrefix("archive_") || code.hasPrefix("signature_") { return .verificationFailed }
        switch status {
        case 401: return .notAuthenticated
        case 403: return .forbidden
        case 404: return .notFound
        case 409, 412: return .conflict
        case 408, 504: return .stillRunning
        case 502, 503: return .unreachable
        default: return .failure
        }
    }

    /// What the problem says beyond the members every problem has.
    private static func extras(of problem: JSONValue) -> JSONValue {
        let usual: Set<String> = [
            "type", "title", "status", "detail", "code", "remedy", "rule", "subject", "instance", "error",
        ]
        let members = problem.object?.members.filter { !usual.contains($0.key) } ?? []
        return members.isEmpty ? .null : .object(JSONObject(members.map { ($0.key, $0.value) }))
    }

    private static func remedy(_ code: String, _ problem: JSONValue) -> String {
        if let remedy = problem["remedy"]?.string, !remedy.isEmpty { return remedy }
        switch code {
        case "unauthenticated", "invalid_token", "session_expired": return "aurora login"
        default: return ""
        }
    }
}
