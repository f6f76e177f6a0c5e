import AuroraHTTP
import AuroraModel
import AuroraSystem

/// Answers the requests of one port from the route table.
final class HubHandler: HTTPHandler {
    let port: HubPort
    let gatekeeper: Gatekeeper
    let idempotency: Idempotency
    let polls: PollCache
    let reporter: Reporter
    let headers: HTTPHeaders
    private let addresses: ClientAddress
    private let clock: WallClock

    init(
        port: HubPort, gatekeeper: Gatekeeper, idempotency: Idempotency, polls: PollCache, reporter: Reporter,
        addresses: ClientAddress, tls: Bool, clock: WallClock
    ) {
        self.port = port
        self.gatekeeper = gatekeeper
        self.idempotency = idempotency
        self.polls = polls
        self.reporter = reporter
        headers = SecurityHeaders.fields(tls: tls)
        self.addresses = addresses
        self.clock = clock
    }

    // MARK: On the socket thread

    func fast(_ head: RequestHead) -> HTTPResponse? {
        guard head.method == .get, !head.isHead, let prepared = polls.current(port, target: head.target),
            let identity = gatekeeper.accounts.authenticator.remembered(head), identity.rights.contains(.read),
            (try? gatekeeper.hosts.check(head)) != nil,
            gatekeeper.limiter.take(identity.limitKey, now: clock.now()) == nil
        else { return nil }
        reporter.metrics.answeredFast(route: "GET \(head.target)")
        return HTTPResponse(prepared: prepared)
    }

    // MARK: On worker threads

    func begin(_ head: RequestHead) -> BodyPlan {
        // Without a body everything is decided in `respond`, so that a refusal does not cost the connection.
        guard head.hasBody else { return .none }
        let start = ContinuousClock.now
        let id = RequestID.make()
        do {
            let head = try addresses.placed(head)
            let admission = try gatekeeper.admit(head, port: port, isCounted: true)
            return try plan(context(id, head, admission))
        } catch {
            return .reject(refuse(error, id: id, head: head, context: nil, start: start))
        }
    }

    private func plan(_ context: RequestContext) throws -> BodyPlan {
        switch context.route.body {
        case .none: return .collect(maximum: 64 << 10)
        case .json, .form: return .collect(maximum: BodyReader.maximumBytes)
        case .stream(_, let make): return .stream(RouteSink(context: context, receiver: try make(context)))
        case .multipart(let field, let make):
            return .multipart(RouteFormSink(context: context, receiver: try make(context), field: field))
        }
    }

    func respond(_ request: HTTPRequest) -> HTTPResponse {
        let start = ContinuousClock.now
        let id = RequestID.make()
        var known: RequestContext?
        var request = request
        do {
            request.head = try addresses.placed(request.head)
            // Looked at again after a body: the login may have been revoked while it arrived.
            let admission = try gatekeeper.admit(request.head, port: port, isCounted: !request.head.hasBody)
            var context = context(id, request.head, admission)
            known = context
            let response = try answer(request, &context)
            return end(id, context, start) { response }
        } catch {
            if let receiver = Self.receiver(of: request) { receiver.cancel() }
            return refuse(error, id: id, head: request.head, context: known, start: start)
        }
    }

    /// Finishes an answer or a refusal, now or, for what is parked, when it goes on.
    private func end(
        _ id: String, _ context: RequestContext, _ start: ContinuousClock.Instant, _ make: () throws -> HTTPResponse
    ) -> HTTPResponse {
        do {
            let response = try make()
            guard case .parked(let parked) = response.body else {
                return finish(response, id: id, head: context.head, context: context, start: start)
            }
            return HTTPResponse(parked: parked.wrapped { [self] make in end(id, context, start, make) })
        } catch {
            return refuse(error, id: id, head: context.head, context: context, start: start)
        }
    }

    func failed(_ error: any Error, head: RequestHead) -> HTTPResponse {
        let id = RequestID.make()
        let head = (try? addresses.placed(head)) ?? head
        let admission = try? gatekeeper.admit(head, port: port, isCounted: false)
        let context = admission.map { self.context(id, head, $0) }
        return refuse(error, id: id, head: head, context: context, start: .now)
    }

    private func answer(_ request: HTTPRequest, _ context: inout RequestContext) throws -> HTTPResponse {
        switch request.body {
        case .stream(let sink as RouteSink): return try sink.receiver.complete(context)
        case .multipart(let sink as RouteFormSink):
            guard sink.isComplete else { throw Problem.badRequest("the form has no file") }
            return try sink.receiver.complete(context)
        default: break
        }
        switch context.route.body {
        case .stream(_, let make): return try make(context).complete(context)
        case .multipart(let field, _): throw Problem.badRequest("the form has no part named \"\(field)\"")
        case .none, .json, .form: break
        }
        let isToken = context.identity.map { !$0.isSession } ?? false
        context.bytes = request.bytes
        context.fields = try BodyReader.fields(request, of: context.route, isToken: isToken)
        try gatekeeper.checkForm(context)
        let ready = context
        guard context.head.method != .get else { return try ready.route.handler(ready) }
        return try idempotency.perform(ready) { try ready.route.handler(ready) }
    }

    private static func receiver(of request: HTTPRequest) -> (any UploadReceiver)? {
        switch request.body {
        case .stream(let sink as RouteSink): sink.receiver
        case .multipart(let sink as RouteFormSink): sink.receiver
        default: nil
        }
    }

    private func context(_ id: String, _ head: RequestHead, _ admission: Gatekeeper.Admission) -> RequestContext {
        RequestContext(
            id: id, head: head, port: port, route: admission.route, values: admission.values,
            identity: admission.recognised?.identity, csrf: admission.recognised?.csrf, now: clock.now())
    }

    // MARK: Answers

    private func finish(
        _ response: HTTPResponse, id: String, head: RequestHead, context: RequestContext, start: ContinuousClock.Instant
    ) -> HTTPResponse {
        let response = dressed(response, id: id)
        reporter.answered(response.status, id: id, head: head, context: context, duration: start.duration(to: .now))
        return response
    }

    private func refuse(
        _ error: any Error, id: String, head: RequestHead, context: RequestContext?, start: ContinuousClock.Instant
    ) -> HTTPResponse {
        let problem = Problem(error)
        let family = context?.route.family ?? family(of: head)
        let response = dressed(problem.response(requestID: id, family: family), id: id)
        if problem.status >= 500 { reporter.fault(error, id: id, head: head) }
        let identity =
            context?.identity ?? (problem.status == 401 ? nil : gatekeeper.known(head))
        reporter.refused(problem, id: id, head: head, port: port, context: context, identity: identity)
        reporter.answered(response.status, id: id, head: head, context: context, duration: start.duration(to: .now))
        return response
    }

    /// The answer to what the server refused before any route was looked for; told on the socket thread, never blocks.
    func transportRefused(_ refusal: TransportRefusal) -> HTTPResponse {
        let problem = Problem(
            refusal.status, refusal.code.rawValue, refusal.detail, remedy: "send a well-formed HTTP/1.1 request")
        reporter.transportRefused(code: problem.code, address: refusal.remoteAddress)
        let id = RequestID.make()
        var response = dressed(problem.response(requestID: id, family: port.family), id: id)
        response.closesConnection = true
        return response
    }

    /// The manner of an error before a route was admitted: the path still tells which kind of client it is.
    private func family(of head: RequestHead) -> Route.Family {
        if case .route(let route, _) = gatekeeper.table.find(method: head.method, segments: head.path, port: port) {
            return route.family
        }
        return port.family
    }

    private func dressed(_ response: HTTPResponse, id: String) -> HTTPResponse {
        var response = response
        if case .prepared = response.body { return response }
        response.headers.fill(from: headers)
        response.headers["X-Request-Id"] = id
        return response
    }
}

extension HubPort {
    /// How errors look where no route says it.
    fileprivate var family: Route.Family { self == .updater ? .prototypeUpdater : .native }
}

extension Gatekeeper {
    /// Who sent a request that was refused, if that can be told.
    func known(_ head: RequestHead) -> Identity? {
        let recognised = try? accounts.authenticator.authenticate(head)
        return (recognised ?? nil)?.identity
    }
}

/// Names a request in its answer, in the log and in the audit entry: 80 random bits.
enum RequestID {
    static func make() -> String { "rq-" + TokenID(random: SecureRandom.bytes(10)).text.dropFirst(3) }
}
