import AuroraHTTP
import AuroraModel
import AuroraSystem

/// Decides who may call which route, the same way for every route, before any byte of a body is read.
///
/// The order matters: form and host first (they cost nothing), then who it is, then limits, then rights. A path that does
/// not exist is told apart from one that is forbidden only to whoever is logged in.
struct Gatekeeper: Sendable {
    let table: RouteTable
    let accounts: Accounts
    let hosts: HostCheck
    let limiter: RateLimiter
    let strangers: RateLimiter
    let clock: WallClock
    let isBehindProxy: Bool

    /// A request that may go on.
    struct Admission: Sendable {
        let route: Route
        let values: [String: String]
        let recognised: Authenticator.Recognised?
    }

    /// - Parameter isCounted: false when the same request has been counted before its body was read.
    func admit(_ head: RequestHead, port: HubPort, isCounted: Bool) throws -> Admission {
        try hosts.check(head)
        try CrossSiteCheck.checkOrigin(head, isBehindProxy: isBehindProxy)
        let match = table.find(method: head.method, segments: head.path, port: port)
        if case .route(let route, let values) = match, route.access == .open {
            if isCounted { try countStranger(head) }
            try BodyReader.checkContentType(head, of: route)
            try BodyReader.checkQuery(head, of: route)
            // Open pages look different to whoever is logged in, but a broken credential is no reason to refuse them.
            let recognised = try? accounts.authenticator.authenticate(head)
            return Admission(route: route, values: values, recognised: recognised ?? nil)
        }
        let recognised = try authenticate(head)
        if isCounted { try count(recognised.identity) }
        let (route, values) = try existing(match, head)
        guard recognised.identity.may(route.access) else {
            throw Problem.forbidden(
                "the role \(recognised.identity.role.rawValue) may not do this",
                rule: route.right.map { "\(route.name) needs the right \"\($0.rawValue)\"" } ?? route.name,
                remedy: "ask an admin, or use an account that may")
        }
        guard recognised.identity.hasFullRole || !route.needsFullRole else { throw Problem.narrowToken }
        try BodyReader.checkContentType(head, of: route)
        try BodyReader.checkQuery(head, of: route)
        try checkCSRF(head, route: route, recognised)
        return Admission(route: route, values: values, recognised: recognised)
    }

    /// The second look at the anti-forgery value, for plain forms that carry it as a field.
    func checkForm(_ context: RequestContext) throws(Problem) {
        guard let expected = context.csrf, Self.isPlainForm(context.head, context.route) else { return }
        try CrossSiteCheck.checkToken(context.head, sent: context.optionalText("csrf"), expected: expected)
    }

    private func authenticate(_ head: RequestHead) throws -> Authenticator.Recognised {
        do {
            if let recognised = try accounts.authenticator.authenticate(head) { return recognised }
            throw Problem.unauthenticated("this needs a login")
        } catch let problem as Problem where problem.status == 401 {
            try countStranger(head)
            throw problem
        }
    }

    private func existing(_ match: RouteTable.Match, _ head: RequestHead) throws(Problem)
        -> (Route, [String: String])
    {
        switch match {
        case .route(let route, let values): return (route, values)
        case .otherMethods(let methods):
            throw Problem(
                405, "method_not_allowed", "\(head.method.rawValue) is not answered here",
                remedy: "use \(methods.joined(separator: ", "))",
                headers: ["Allow": methods.joined(separator: ", ")])
        case .nothing: throw Problem.notFound("route", "/" + head.path.joined(separator: "/"))
        }
    }

    private func checkCSRF(_ head: RequestHead, route: Route, _ recognised: Authenticator.Recognised) throws(Problem) {
        guard let expected = recognised.csrf, head.method != .get else { return }
        if Self.isPlainForm(head, route) {
            guard head.headers["Origin"] != nil || head.headers["Sec-Fetch-Site"] == "same-origin" else {
                throw Problem(
                    403, "csrf_failed", "a form with a session cookie needs an Origin",
                    remedy: "use a browser that sends Origin")
            }
            return
        }
        try CrossSiteCheck.checkToken(head, sent: head.headers["X-CSRF-Token"], expected: expected)
    }

    /// A form without the header field: its anti-forgery value is in the body.
    private static func isPlainForm(_ head: RequestHead, _ route: Route) -> Bool {
        guard case .form = route.body, head.headers["X-CSRF-Token"] == nil else { return false }
        return BodyReader.mediaType(head) == "application/x-www-form-urlencoded"
    }

    private func count(_ identity: Identity) throws(Problem) {
        if let wait = limiter.take(identity.limitKey, now: clock.now()) {
            throw .throttled("rate_limited", "too many requests from this account", after: wait)
        }
    }

    private func countStranger(_ head: RequestHead) throws(Problem) {
        if let wait = strangers.take(SourceNetwork.name(of: head.remoteAddress), now: clock.now()) {
            throw .throttled("rate_limited", "too many requests without a login from this address", after: wait)
        }
    }
}
