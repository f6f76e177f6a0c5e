import AuroraModel

/// Speaks the native API of one hub; every command that needs a hub goes through here.
///
/// Synchronous: a call returns when the whole answer is there. Refusals of the hub come as ``CommandError``.
struct HubClient: Sendable {
    /// Where the hub is, without a slash at the end.
    let base: String
    /// The access token, where there is one.
    let token: String?
    /// Headers of every request, such as a session's.
    var headers: [(name: String, value: String)] = []
    private let transport: Transport
    private let console: Console?

    init(base: String, token: String?, console: Console? = nil, transport: @escaping Transport) {
        self.base = base
        self.token = token
        self.console = console
        self.transport = transport
    }

    // MARK: Requests

    /// The same hub for somebody else.
    func with(token: String) -> HubClient {
        HubClient(base: base, token: token, console: console, transport: transport)
    }

    /// Sends a request and takes any answer.
    func exchange(_ request: HubRequest) throws -> HubResponse {
        var request = request
        request.headers += headers
        if let token { request.headers.append(("Authorization", "Bearer \(token)")) }
        let response = try transport(base, request)
        console?.detail("\(request.method) \(request.target) → \(response.status)")
        return response
    }

    /// Sends a request and takes only a success.
    func send(_ request: HubRequest) throws -> HubResponse {
        let response = try exchange(request)
        guard (200..<300).contains(response.status) else {
            throw HubProblem.error(response, asked: request.method, request.target)
        }
        return response
    }

    /// The JSON behind a path.
    func get(_ target: String, wait: Int? = nil) throws -> JSONValue {
        var request = HubRequest(method: "GET", target: target)
        if let wait { request.headers.append(("Prefer", "wait=\(wait)")) }
        return try send(request).json()
    }

    /// Sends members as JSON and returns the JSON of the answer.
    @discardableResult
    func post(_ target: String, _ members: [(String, JSONValue)] = [], method: String = "POST") throws -> JSONValue {
        let body = JSONValue.object(JSONObject(members.filter { !$0.1.isNull }))
        return try send(HubRequest(method: method, target: target, body: .json(body))).json()
    }

    /// Every item of a list, page after page.
    ///
    /// - Parameter limit: stops after that many; nil takes all.
    func list(_ path: String, _ query: [(String, String?)] = [], limit: Int? = nil) throws -> [JSONValue] {
        var items: [JSONValue] = []
        var cursor: String?
        repeat {
            let size = min(500, limit.map { $0 - items.count } ?? 500)
            let page = try get(path + URLText.query(query + [("limit", String(size)), ("cursor", cursor)]))
            items += page.list("items")
            cursor = page["next"]?.string
        } while cursor != nil && items.count < limit ?? .max
        return items
    }
}

extension Invocation {
    /// The hub the line, the environment or the default names, with the credentials that belong to it.
    func hub() throws -> HubClient {
        let base = hubAddress
        return HubClient(
            base: base, token: try Credentials(surroundings).token(for: base, line: line), console: console,
            transport: try transport())
    }

    /// The hub without credentials.
    func anonymousHub() throws -> HubClient {
        HubClient(base: hubAddress, token: nil, console: console, transport: try transport())
    }

    /// The address of the hub: flag, then environment, then this machine.
    var hubAddress: String {
        var address = line.value("hub") ?? surroundings.environment["AURORA_HUB"] ?? "http://localhost:9711"
        while address.hasSuffix("/") { address.removeLast() }
        return address.contains("://") ? address : "http://" + address
    }
}
