import AuroraHTTP
import AuroraModel

/// One request on its way through the hub: what was sent, by whom, to which route.
struct RequestContext: Sendable {
    /// Names the request in the answer, the log and the audit entry.
    let id: String
    let head: RequestHead
    let port: HubPort
    let route: Route
    /// The values of the path's holes.
    let values: [String: String]
    /// Who sent it; nil only on open routes.
    let identity: Identity?
    /// The anti-forgery value of the session, for pages that make forms.
    let csrf: String?
    /// When the request was looked at, in milliseconds since 1970.
    let now: Int64
    /// The members of the body, checked against the route's fields.
    var fields = JSONObject()
    /// The body as it came, for the idempotency fingerprint.
    var bytes: [UInt8] = []

    /// Whoever sent the request.
    ///
    /// - Throws: 401 when nobody is known; the router has already refused that on every route with an access rule.
    func sender() throws(Problem) -> Identity {
        guard let identity else { throw .unauthenticated("this needs a login") }
        return identity
    }

    /// The first half of the audit entry.
    func actor() throws(Problem) -> Actor { try sender().actor(at: head.remoteAddress) }

    /// The value of a hole in the path.
    func value(_ name: String) -> String { values[name] ?? "" }

    /// An identifier in the path; one that breaks the rule of its kind names nothing, so it is 404.
    func identifier<Kind>(_ name: String, _ kind: Identifier<Kind>.Type) throws(Problem) -> Identifier<Kind> {
        guard let identifier = Identifier<Kind>(value(name)) else { throw .notFound(Kind.noun, value(name)) }
        return identifier
    }

    /// A digest in the path.
    func digest(_ name: String, _ what: String) throws(Problem) -> Digest {
        guard let digest = Digest(hex: value(name)) else { throw .notFound(what, value(name)) }
        return digest
    }

    // MARK: Members of the body, already checked

    func text(_ name: String) -> String { fields[name]?.string ?? "" }
    func optionalText(_ name: String) -> String? { fields[name]?.string }
    func optionalInteger(_ name: String) -> Int64? { fields[name]?.integer }
    func optionalBool(_ name: String) -> Bool? { fields[name]?.bool }
    func optionalDigest(_ name: String) -> Digest? { fields[name]?.string.flatMap { Digest(hex: $0) } }

    // MARK: Query

    func query(_ name: String) -> String? { head.queryValue(name) }

    func integerQuery(_ name: String) -> Int64? { query(name).flatMap { Int64($0) } }

    /// Entries per page: what `limit` says, or 50.
    var limit: Int { Int(integerQuery("limit") ?? 50) }

    /// How long the client is ready to wait for the end of a change (RFC 7240 `Prefer: wait=N`), 0 to 60 seconds.
    var preferredWait: Int {
        for preference in head.headers.values("Prefer").flatMap({ $0.split(separator: ",") }) {
            let text = String(preference).trimmed
            if text.hasPrefix("wait="), let seconds = Int(text.dropFirst(5)), seconds > 0 { return min(seconds, 60) }
        }
        return 0
    }
}
