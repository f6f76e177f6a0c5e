import AuroraHTTP
import AuroraModel

/// An answer that refuses, as RFC 9457 problem details with a stable code and what to do next.
struct Problem: Error, Sendable {
    let status: Int
    /// Stable, lower-case with underscores; clients branch on it.
    let code: String
    let detail: String
    let remedy: String
    let subject: String
    let rule: String
    /// Further members, such as the fresh plan of a stale approval.
    var members: JSONObject
    /// Further header fields, such as `Retry-After`.
    var headers: HTTPHeaders

    init(
        _ status: Int, _ code: String, _ detail: String, remedy: String, subject: String = "", rule: String = "",
        members: JSONObject = [:], headers: HTTPHeaders = [:]
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.remedy = remedy
        self.subject = subject
        self.rule = rule
        self.members = members
        self.headers = headers
    }

    /// What a domain module refused.
    init(_ refusal: Refusal) {
        self.init(
            Self.status(of: refusal.kind), refusal.code, refusal.message, remedy: refusal.remedy,
            subject: refusal.subject, rule: refusal.rule, members: refusal.details.object ?? [:])
        if case .throttled = refusal.kind { headers["Retry-After"] = "10" }
        if case .unauthenticated = refusal.kind { headers["WWW-Authenticate"] = Self.challenge }
    }

    /// An error of any kind: refusals keep their words, everything else says nothing about the inside (S-32).
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let refusal as Refusal: self.init(refusal)
        case let error as JSONShapeError: self = .badRequest("\(error)", subject: error.path)
        case let error as JSONError: self = .badRequest("the body is \(error)")
        default: self = .inside
        }
    }

    private static func status(of kind: Refusal.Kind) -> Int {
        switch kind {
        case .badRequest: 400
        case .unauthenticated: 401
        case .forbidden: 403
        case .notFound: 404
        case .conflict: 409
        case .tooLarge: 413
        case .unprocessable: 422
        case .throttled: 429
        case .insufficientStorage: 507
        case .unavailable: 503
        }
    }

    private static let challenge = "Bearer realm=\"aurora\""
}

// MARK: The hub's own problems

extension Problem {
    /// A fault of the hub; the log has the details under the request's id.
    static let inside = Problem(
        500, "internal", "the hub could not do this because of a fault of its own",
        remedy: "look into the hub's log for the request id in \"instance\", then try again")

    /// A request that waited when the hub was told to stop.
    static let stopping = Problem(
        503, "server_stopping", "the hub is stopping before this request was answered",
        remedy: "send it again when the hub is back; what it began is in the changes and in the audit log",
        headers: ["Retry-After": "10"])

    static func badRequest(_ detail: String, subject: String = "", remedy: String = "correct the request") -> Problem {
        Problem(400, "bad_request", detail, remedy: remedy, subject: subject)
    }

    static func unauthenticated(_ detail: String, code: String = "unauthenticated") -> Problem {
        Problem(
            401, code, detail, remedy: "log in, or send \"Authorization: Bearer <token>\" with a valid token",
            headers: ["WWW-Authenticate": challenge])
    }

    static func forbidden(_ detail: String, rule: String = "", remedy: String) -> Problem {
        Problem(403, "forbidden", detail, remedy: remedy, rule: rule)
    }

    /// A token that was made for less than its user may do tried to change the account itself.
    static let narrowToken = forbidden(
        "this token is scoped below its user's role",
        rule: "accounts are managed with a session or a token of the user's full role",
        remedy: "log in, or use a token of your full role")

    static func notFound(_ what: String, _ name: String = "") -> Problem {
        let shown = name.printable(limit: 80)
        return Problem(
            404, "not_found", shown.isEmpty ? "there is no \(what) here" : "there is no \(what) \"\(shown)\"",
            remedy: "list what exists and use a name or id from there", subject: shown)
    }

    static func conflict(
        _ code: String, _ detail: String, subject: String = "", remedy: String, members: JSONObject = [:]
    ) -> Problem {
        Problem(409, code, detail, remedy: remedy, subject: subject, members: members)
    }

    static func throttled(_ code: String, _ detail: String, after seconds: Int) -> Problem {
        Problem(
            429, code, detail, remedy: "wait \(seconds) seconds, then try again",
            headers: ["Retry-After": String(seconds)])
    }
}

// MARK: As an answer

extension Problem {
    /// The titles of the statuses the hub uses.
    private static let titles: [Int: String] = [
        400: "Bad request", 401: "Not authenticated", 403: "Forbidden", 404: "Not found", 405: "Method not allowed",
        406: "Not acceptable", 409: "Conflict", 411: "Length required", 412: "Precondition failed", 413: "Too large",
        414: "Target too long", 415: "Unsupported media type", 416: "Range not satisfiable", 417: "Expectation failed",
        421: "Misdirected request", 422: "Cannot be processed", 428: "Precondition required",
        429: "Too many requests", 431: "Header fields too large", 500: "Internal fault", 501: "Not implemented",
        503: "Not available", 505: "Version not supported", 507: "Insufficient storage",
    ]

    /// The answer; prototype routes get their old error member beside the problem's.
    func response(requestID: String, family: Route.Family) -> HTTPResponse {
        if case .page = family {
            return ErrorPage.response(self, title: Self.titles[status] ?? "Refused", requestID: requestID)
        }
        var body: JSONObject = [
            "type": .string("urn:aurora:problem:\(code)"),
            "title": .string(ProblemCatalogue.kind(of: code)?.title ?? Self.titles[status] ?? "Refused"),
            "status": .integer(Int64(status)),
            "detail": .string(detail),
            "code": .string(code),
            "remedy": .string(remedy),
            "instance": .string(requestID),
        ]
        if !subject.isEmpty { body["subject"] = .string(subject) }
        if !rule.isEmpty { body["rule"] = .string(rule) }
        for member in members.members where body[member.key] == nil { body[member.key] = member.value }
        if case .prototypeUpdater = family { body["error"] = .string(detail) }
        var response = HTTPResponse.json(.object(body), status: status)
        response.headers["Content-Type"] = "application/problem+json"
        response.headers.fill(from: headers)
        return response
    }
}

extension HTTPResponse {
    /// JSON with its content type and a line end, as people with curl expect.
    static func json(_ value: JSONValue, status: Int = 200, headers: HTTPHeaders = [:]) -> HTTPResponse {
        var response = HTTPResponse(status: status, headers: headers, body: .bytes(value.compactBytes + [0x0A]))
        response.headers["Content-Type"] = "application/json"
        return response
    }

    /// 204 without a body.
    static let noContent = HTTPResponse(status: 204)
}
