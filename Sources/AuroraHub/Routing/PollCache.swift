import AuroraHTTP
import AuroraSystem
import Synchronization

/// Answers of lists that many clients poll, serialised once and given out until something changes.
///
/// The prototype read a directory per request and became 15 times slower at 1,000 entries. Here the state of a list is
/// named by a version (the number of commits to the database), so a kept answer is right as long as the version is the
/// same, and nobody has to remember to invalidate it. One answer is kept per port and route, however a client spells the
/// path, so clients cannot fill the memory. Safe from any thread.
final class PollCache: Sendable {
    private struct Kept {
        let version: Int64
        let response: PreparedResponse
    }

    private let kept = Mutex<[String: Kept]>([:])
    /// One thread makes an answer, the others wait for it: a long list is not made once for each client that asks.
    private let making = KeyedLock<String>()
    private let version: @Sendable () -> Int64
    private let headers: HTTPHeaders

    /// - Parameter version: a cheap look at the number that grows with every change; called on the socket thread.
    init(tls: Bool, version: @escaping @Sendable () -> Int64) {
        self.version = version
        headers = SecurityHeaders.fields(tls: tls)
    }

    /// How many answers are kept.
    var count: Int { kept.withLock { $0.count } }

    /// The kept answer of a target such as `/list`, written exactly as its route is, if it still holds.
    func current(_ port: HubPort, target: String) -> PreparedResponse? {
        guard target.utf8.count <= 64 else { return nil }
        let now = version()
        return kept.withLock { kept in
            guard let entry = kept[Self.key(port, target)], entry.version == now else { return nil }
            return entry.response
        }
    }

    /// The answer of a list route: the kept one, or a new one made by `build` and kept under the route's path.
    func answer(_ context: RequestContext, build: () throws -> [UInt8]) throws -> HTTPResponse {
        var fields = headers
        fields["Content-Type"] = "application/json"
        guard context.head.query.isEmpty, !context.head.isHead, context.values.isEmpty else {
            return HTTPResponse(status: 200, headers: fields, body: .bytes(try build()))
        }
        let path = context.route.pattern.text
        let key = Self.key(context.port, path)
        let prepared = try making.withLock(key) {
            if let prepared = current(context.port, target: path) { return prepared }
            // Read before the list is: a change in between makes the kept answer old at once, never wrong.
            let before = version()
            let prepared = PreparedResponse(headers: fields, bytes: try build())
            kept.withLock { $0[key] = Kept(version: before, response: prepared) }
            return prepared
        }
        return HTTPResponse(prepared: prepared)
    }

    private static func key(_ port: HubPort, _ target: String) -> String { "\(port.rawValue) \(target)" }
}
