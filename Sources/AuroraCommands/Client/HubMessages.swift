import AuroraModel

/// One request to the hub's API.
struct HubRequest: Sendable {
    /// What is sent.
    enum Body: Sendable {
        case none
        case json(JSONValue)
        case bytes([UInt8], type: String)
        /// A file, streamed; told how many bytes have gone.
        case file(path: String, progress: @Sendable (Int64) -> Void)
    }

    var method: String
    /// Path and query, already percent-encoded.
    var target: String
    var headers: [(name: String, value: String)] = []
    var body: Body = .none
    /// Seconds until the answer must be complete; nil waits as long as something moves.
    var timeout: Int?
}

/// One answer of the hub.
struct HubResponse: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    /// The first value of a header, whatever its case.
    func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }

    /// The body as JSON; null when there is none.
    func json() throws(CommandError) -> JSONValue {
        if body.isEmpty { return .null }
        do {
            return try JSONParser.parse(body, maximumBytes: 256 << 20, allowsFractions: true)
        } catch {
            throw CommandError(
                "the hub's answer is not JSON", cause: "\(error)",
                remedy: "is something else than Aurora listening there?", code: "bad_answer", exit: .unreachable)
        }
    }
}

/// Sends requests to one hub; the shape lets tests answer without a network.
typealias Transport = @Sendable (_ base: String, HubRequest) throws -> HubResponse

/// Makes text fit into a URL.
enum URLText {
    /// One path segment or query value: everything but the unreserved characters of RFC 3986 is escaped.
    static func encode(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.append(Character(UnicodeScalar(byte)))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                result += "%" + (hex.count == 1 ? "0" : "") + hex
            }
        }
        return result
    }

    /// A path of escaped segments.
    static func path(_ segments: String...) -> String {
        segments.map { "/" + encode($0) }.joined()
    }

    /// `?a=b&c=d` of the pairs that have a value; empty when none has.
    static func query(_ pairs: [(String, String?)]) -> String {
        let parts = pairs.compactMap { name, value in value.map { "\(encode(name))=\(encode($0))" } }
        return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
    }
}
