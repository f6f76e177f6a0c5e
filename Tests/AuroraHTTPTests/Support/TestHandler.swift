import Synchronization
import Testing

@testable import AuroraHTTP

/// A handler made of closures that also remembers which targets reached it.
final class TestHandler: HTTPHandler {
    typealias Begin = @Sendable (RequestHead) -> BodyPlan
    typealias Respond = @Sendable (HTTPRequest) -> HTTPResponse

    private let onBegin: Begin
    private let onRespond: Respond
    private let onFast: @Sendable (RequestHead) -> HTTPResponse?
    private let seen = Mutex<[String]>([])

    init(
        begin: @escaping Begin = { $0.hasBody ? .collect(maximum: 1 << 20) : .none },
        fast: @escaping @Sendable (RequestHead) -> HTTPResponse? = { _ in nil },
        respond: @escaping Respond = { request in
            HTTPResponse(text: "\(request.head.method.rawValue) \(request.head.target) \(request.bytes.count)\n")
        }
    ) {
        onBegin = begin
        onFast = fast
        onRespond = respond
    }

    /// The targets of all requests that reached `begin`, in order.
    var targets: [String] { seen.withLock { $0 } }

    func fast(_ head: RequestHead) -> HTTPResponse? { onFast(head) }

    func begin(_ head: RequestHead) -> BodyPlan {
        seen.withLock { $0.append(head.target) }
        return onBegin(head)
    }

    func respond(_ request: HTTPRequest) -> HTTPResponse { onRespond(request) }

    func failed(_ error: any Error, head: RequestHead) -> HTTPResponse {
        HTTPResponse(status: 507, text: "sink: \(error)\n")
    }
}

/// Runs `body` against a server on a free loopback port and stops it after.
func withServer<Result>(
    _ handler: TestHandler = TestHandler(), configuration: HTTPServerConfiguration = .test { _ in },
    _ body: (HTTPServer) throws -> Result
) throws -> Result {
    let server = HTTPServer(configuration: configuration, handler: handler)
    try server.start()
    defer { server.stop(drain: .seconds(5)) }
    return try body(server)
}

extension HTTPServerConfiguration {
    /// A loopback server on a free port with few workers, and what `change` makes of it.
    static func test(_ change: (inout HTTPServerConfiguration) -> Void) -> HTTPServerConfiguration {
        var configuration = HTTPServerConfiguration()
        configuration.workerThreads = 4
        change(&configuration)
        return configuration
    }
}
