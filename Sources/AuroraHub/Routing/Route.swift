import AuroraHTTP
import AuroraModel

/// One thing the hub answers: the table of these serves requests, writes OpenAPI and drives the role-matrix test.
struct Route: Sendable {
    /// Who may call it.
    enum Access: Hashable, Sendable {
        /// Nobody needs to say who they are: health, login, the login page and its assets.
        case open
        /// Any account.
        case account
        /// An account that has this right.
        case right(Right)
    }

    /// Which rules of form apply.
    enum Family: Sendable {
        /// `/api/v1`: strict members and parameters, problem+json.
        case native
        /// The prototype's routes on 9710: errors carry `error`, unknown parameters are ignored.
        case prototypeUpdater
        /// The prototype's routes on 9711: errors carry `detail`, unknown parameters are ignored.
        case prototypeDashboard
        /// Pages for people: errors are problem+json unless the page makes its own.
        case page
    }

    /// What comes after the head.
    enum Body: Sendable {
        /// Nothing is expected; up to 64 KiB of anything is read and ignored.
        case none
        /// A JSON object with exactly these members.
        case json([BodyField])
        /// The same members as a form or as JSON (prototype and plain HTML forms).
        case form([BodyField])
        /// A body that is streamed somewhere: the handler's `sink` makes the receiver before any byte is read.
        case stream(contentTypes: [String], @Sendable (RequestContext) throws -> any UploadReceiver)
        /// `multipart/form-data` whose part `field` is streamed.
        case multipart(field: String, @Sendable (RequestContext) throws -> any UploadReceiver)
    }

    typealias Handler = @Sendable (RequestContext) throws -> HTTPResponse

    let method: HTTPMethod
    let pattern: RoutePattern
    let ports: Set<HubPort>
    let access: Access
    let family: Family
    let summary: String
    let parameters: [RouteParameter]
    let body: Body
    let responses: [RouteResponse]
    /// Whether it changes something, so that every call of it leaves an audit entry.
    let isAudited: Bool
    /// Whether the answer holds a secret, so that it is never kept for a repeated idempotency key (S-06).
    let answersSecret: Bool
    /// Whether it manages an account, so that a token scoped below its user's role must not call it.
    let needsFullRole: Bool
    let handler: Handler

    init(
        _ method: HTTPMethod, _ path: String, on ports: Set<HubPort> = [.dashboard], _ access: Access,
        family: Family = .native, _ summary: String, parameters: [RouteParameter] = [], body: Body = .none,
        responses: [RouteResponse], audited: Bool? = nil, answersSecret: Bool = false,
        fullRole: Bool = false, handler: @escaping Handler
    ) {
        self.method = method
        pattern = RoutePattern(path)
        self.ports = ports
        self.access = access
        self.family = family
        self.summary = summary
        self.parameters = parameters
        self.body = body
        self.responses = responses
        isAudited = audited ?? (method != .get)
        self.answersSecret = answersSecret
        needsFullRole = fullRole
        self.handler = handler
    }

    /// `GET /api/v1/users/{name}`: how the route is called in logs and metrics.
    var name: String { "\(method.rawValue) \(pattern.text)" }

    /// The right it needs, or nil when it needs none or only an account.
    var right: Right? {
        if case .right(let right) = access { right } else { nil }
    }
}

/// One documented answer.
struct RouteResponse: Sendable {
    let status: Int
    let summary: String
    /// Name of a schema in `ResponseSchemas`, or nil when there is no JSON body.
    let schema: String?
    let contentType: String

    init(_ status: Int, _ summary: String, _ schema: String? = nil, contentType: String = "application/json") {
        self.status = status
        self.summary = summary
        self.schema = schema
        self.contentType = contentType
    }
}
