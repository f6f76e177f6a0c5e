import AuroraTestSupport
import Testing

@testable import AuroraHTTP

/// S-13 S-20: the refusals libmicrohttpd 0.9.75 makes by itself, before any of our code knows of the request.
///
/// They cannot be dressed: the library has no hook for them, and what it logs beforehand names no connection. So what they
/// are is held fast here; docs/explanation/threat-model.md says why that is harmless.
@Suite struct LibraryAnswerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let status: Int
        let bytes: String
        var testDescription: String { name }
    }

    /// What must never come back.
    private static let marker = "marker<script>1</script>"
    private static let long = marker + String(repeating: "a", count: 80_000)
    private static let chunked = "POST / HTTP/1.1\r\nHost: x\r\nX: \(marker)\r\nTransfer-Encoding: chunked\r\n\r\n"

    static let cases = [
        Case(name: "a request line beyond the connection's memory", status: 414, bytes: "GET /\(long) HTTP/1.1\r\n"),
        Case(name: "a header beyond the connection's memory", status: 431, bytes: "GET / HTTP/1.1\r\nX: \(long)\r\n"),
        Case(
            name: "too many headers for the connection's memory", status: 431,
            bytes: "GET / HTTP/1.1\r\n" + String(repeating: "X: \(marker)\r\n", count: 2000)),
        Case(
            name: "a version other than 1.x", status: 505, bytes: "GET /\(marker) HTTP/2.0\r\nHost: \(marker)\r\n\r\n"),
        Case(name: "a header without a colon", status: 400, bytes: "GET / HTTP/1.1\r\nHost: x\r\n\(marker)\r\n\r\n"),
        Case(name: "a chunk size that is no number", status: 400, bytes: chunked + "zz\(marker)\r\n"),
        Case(name: "a chunk size beyond 64 bits", status: 413, bytes: chunked + "fffffffffffffffff\r\n\(marker)"),
        Case(name: "a chunk without its end", status: 400, bytes: chunked + "5\r\nhello\(marker)\r\n"),
    ]

    /// The bodies the library has, word for word.
    private static let bodies: Set<String> = [
        page("Request too big", "Your HTTP header was too big for the memory constraints of this webserver."),
        page("Request malformed", "Your HTTP request was syntactically incorrect."),
        page("Requested HTTP version is not supported", "Requested HTTP version is not supported."),
        page("Request malformed", "Your HTTP chunked encoding was syntactically incorrect."),
        page(
            "Request content too large", "The chunk size used in your HTTP chunked encoded request is too large."),
    ]

    private static func page(_ title: String, _ text: String) -> String {
        "<html><head><title>\(title)</title></head><body>\(text)</body></html>"
    }

    @Test("the library's own refusals hold nothing of the request, only fixed text, and close", arguments: cases)
    func fixed(refusal: Case) throws {
        let handler = TestHandler()
        let configuration = HTTPServerConfiguration.test { $0.commonHeaders = ["X-Content-Type-Options": "nosniff"] }
        try withServer(handler, configuration: configuration) { server in
            let client = try RawClient(port: server.boundPort)
            client.send(refusal.bytes)
            let (text, end) = client.readToEnd()
            let answer = try #require(Answer(Array(text.utf8), toHead: false), "\(text)")
            #expect(answer.status == refusal.status)
            #expect(answer.headers["connection"] == "close")
            #expect(Set(answer.headers.keys).isSubset(of: ["connection", "content-length", "date"]))
            #expect(Self.bodies.contains(answer.text), "\(answer.text) \(answer.headers)")
            #expect(!text.contains("marker"))
            #expect(text.utf8.count == answer.byteCount, "nothing follows")
            #expect(end != .stillOpen)
        }
    }
}
