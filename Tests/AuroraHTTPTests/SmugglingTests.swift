import AuroraTestSupport
import Testing

@testable import AuroraHTTP

/// S-18, CWE-444: what could be framed in two ways gets one answer, and nothing after it becomes a request.
@Suite struct SmugglingTests {
    struct Attack: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: String
        var status = 400
        var testDescription: String { name }
    }

    private static let host = "Host: localhost\r\n"

    static let attacks: [Attack] = [
        Attack(
            name: "two Content-Length",
            bytes: "POST / HTTP/1.1\r\n\(host)Content-Length: 5\r\nContent-Length: 0\r\n\r\n"),
        Attack(
            name: "two equal Content-Length",
            bytes: "POST / HTTP/1.1\r\n\(host)Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
        Attack(
            name: "Content-Length and chunked",
            bytes: "POST / HTTP/1.1\r\n\(host)Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        Attack(
            name: "chunked and Content-Length",
            bytes: "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"),
        Attack(name: "list in Content-Length", bytes: "POST / HTTP/1.1\r\n\(host)Content-Length: 5, 5\r\n\r\nhello"),
        Attack(name: "sign in Content-Length", bytes: "POST / HTTP/1.1\r\n\(host)Content-Length: +5\r\n\r\nhello"),
        Attack(name: "negative Content-Length", bytes: "POST / HTTP/1.1\r\n\(host)Content-Length: -5\r\n\r\nhello"),
        Attack(name: "hexadecimal Content-Length", bytes: "POST / HTTP/1.1\r\n\(host)Content-Length: 0x5\r\n\r\nhello"),
        Attack(name: "empty Content-Length", bytes: "POST / HTTP/1.1\r\n\(host)Content-Length: \r\n\r\n"),
        Attack(
            name: "Content-Length beyond 64 bits",
            bytes: "POST / HTTP/1.1\r\n\(host)Content-Length: 99999999999999999999999\r\n\r\nhello"),
        Attack(
            name: "two Host", bytes: "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n"),
        Attack(name: "no Host", bytes: "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n"),
        Attack(name: "Host with a path", bytes: "GET / HTTP/1.1\r\nHost: localhost/x\r\n\r\n"),
        Attack(name: "Host with a blank", bytes: "GET / HTTP/1.1\r\nHost: local host\r\n\r\n"),
        Attack(
            name: "Transfer-Encoding gzip, chunked",
            bytes: "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        Attack(
            name: "Transfer-Encoding identity",
            bytes: "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: identity\r\n\r\n"),
        Attack(
            name: "Transfer-Encoding xchunked",
            bytes: "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: xchunked\r\n\r\n"),
        Attack(
            name: "two Transfer-Encoding",
            bytes: "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        Attack(
            name: "Transfer-Encoding with a vertical tab",
            bytes: "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: \u{0B}chunked\r\n\r\n0\r\n\r\n"),
        Attack(
            name: "Transfer-Encoding in HTTP/1.0",
            bytes: "POST / HTTP/1.0\r\n\(host)Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        Attack(
            name: "blank before the colon",
            bytes: "POST / HTTP/1.1\r\n\(host)Content-Length : 5\r\n\r\nhello"),
        Attack(name: "tab before the colon", bytes: "POST / HTTP/1.1\r\n\(host)Content-Length\t: 5\r\n\r\nhello"),
        Attack(name: "name with a blank", bytes: "GET / HTTP/1.1\r\n\(host)X Y: 5\r\n\r\n"),
        Attack(name: "empty name", bytes: "GET / HTTP/1.1\r\n\(host): 5\r\n\r\n"),
        Attack(name: "header without a colon", bytes: "GET / HTTP/1.1\r\n\(host)nonsense\r\n\r\n"),
        Attack(name: "folded header", bytes: "GET / HTTP/1.1\r\n\(host)X: a\r\n b\r\n\r\n"),
        Attack(
            name: "folded Transfer-Encoding",
            bytes: "POST / HTTP/1.1\r\n\(host)Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
        Attack(name: "folded first header", bytes: "GET / HTTP/1.1\r\n Host: localhost\r\n\(host)\r\n"),
        Attack(name: "bare line feed after the request line", bytes: "GET / HTTP/1.1\n\(host)\r\n"),
        Attack(name: "bare line feed after a header", bytes: "GET / HTTP/1.1\r\n\(host)X: y\nZ: a\r\n\r\n"),
        Attack(name: "bare line feeds at the end", bytes: "GET / HTTP/1.1\r\nHost: localhost\n\n"),
        Attack(name: "bare carriage return in a value", bytes: "GET / HTTP/1.1\r\n\(host)X: a\rb\r\n\r\n"),
        Attack(name: "carriage return at the end of a name", bytes: "GET / HTTP/1.1\r\n\(host)X\r: a\r\n\r\n"),
        Attack(name: "NUL in a value", bytes: "GET / HTTP/1.1\r\n\(host)X: a\0b\r\n\r\n"),
        Attack(
            name: "NUL after a length", bytes: "POST / HTTP/1.1\r\n\(host)Content-Length: 5\08\r\n\r\nhello"),
        Attack(name: "NUL in a name", bytes: "GET / HTTP/1.1\r\n\(host)X\0Y: a\r\n\r\n"),
        Attack(name: "line that starts with NUL", bytes: "POST / HTTP/1.1\r\n\(host)\0Content-Length: 5\r\n\r\nhello"),
        Attack(name: "NUL in the target", bytes: "GET /a\0b HTTP/1.1\r\n\(host)\r\n"),
        Attack(name: "NUL in the method", bytes: "GET\0X / HTTP/1.1\r\n\(host)\r\n"),
        Attack(name: "control character in a value", bytes: "GET / HTTP/1.1\r\n\(host)X: a\u{01}b\r\n\r\n"),
        Attack(name: "DEL in a value", bytes: "GET / HTTP/1.1\r\n\(host)X: a\u{7F}b\r\n\r\n"),
        Attack(name: "two blanks before the target", bytes: "GET  / HTTP/1.1\r\n\(host)\r\n"),
        Attack(name: "two blanks after the target", bytes: "GET /  HTTP/1.1\r\n\(host)\r\n"),
        Attack(name: "blank in the target", bytes: "GET /a b HTTP/1.1\r\n\(host)\r\n"),
        Attack(name: "tab for a blank", bytes: "GET\t/ HTTP/1.1\r\n\(host)\r\n", status: 400),
        Attack(name: "absolute target", bytes: "GET http://evil/ HTTP/1.1\r\n\(host)\r\n"),
        Attack(name: "authority target", bytes: "GET localhost:80 HTTP/1.1\r\n\(host)\r\n"),
        Attack(name: "asterisk target", bytes: "OPTIONS * HTTP/1.1\r\n\(host)\r\n"),
        Attack(name: "no version", bytes: "GET /\r\n\(host)\r\n"),
        Attack(name: "HTTP/0.9", bytes: "GET / HTTP/0.9\r\n\(host)\r\n", status: 505),
        Attack(name: "HTTP/1.2", bytes: "GET / HTTP/1.2\r\n\(host)\r\n", status: 505),
        Attack(name: "HTTP/2.0", bytes: "GET / HTTP/2.0\r\n\(host)\r\n", status: 505),
        Attack(name: "lower-case version", bytes: "GET / http/1.1\r\n\(host)\r\n"),
        Attack(name: "blank after the version", bytes: "GET / HTTP/1.1 \r\n\(host)\r\n"),
        Attack(name: "unknown expectation", bytes: "GET / HTTP/1.1\r\n\(host)Expect: magic\r\n\r\n", status: 417),
    ]

    static let chunkAttacks: [Attack] = [
        Attack(name: "size that is no number", bytes: "zz\r\nhello\r\n0\r\n\r\n"),
        Attack(name: "size with a sign", bytes: "+5\r\nhello\r\n0\r\n\r\n"),
        Attack(name: "size with 0x", bytes: "0x5\r\nhello\r\n0\r\n\r\n"),
        Attack(name: "negative size", bytes: "-5\r\nhello\r\n0\r\n\r\n"),
        Attack(name: "size beyond 64 bits", bytes: "fffffffffffffffff\r\nhello\r\n0\r\n\r\n", status: 413),
        Attack(name: "empty size", bytes: "\r\nhello\r\n0\r\n\r\n"),
        Attack(name: "no line end after the data", bytes: "5\r\nhelloXX0\r\n\r\n"),
        Attack(name: "blank in the size", bytes: "5 5\r\nhello\r\n0\r\n\r\n"),
        Attack(name: "trailer without a colon", bytes: "5\r\nhello\r\n0\r\nnonsense\r\n\r\n"),
    ]

    private static let second = "GET /second HTTP/1.1\r\nHost: localhost\r\n\r\n"

    /// The number of status lines in what came back.
    private func answers(_ text: String) -> Int {
        text.components(separatedBy: "HTTP/1.").count - 1
    }

    @Test("S-18: an ambiguous head gets one refusal and the connection is closed", arguments: attacks)
    func ambiguousHead(attack: Attack) throws {
        let handler = TestHandler()
        try withServer(handler) { server in
            let client = try RawClient(port: server.boundPort)
            client.send(attack.bytes + Self.second)
            let (text, end) = client.readToEnd()
            #expect(end == .closed)
            #expect(text.isEmpty || text.hasPrefix("HTTP/1.1 \(attack.status) "), "\(text.prefix(200))")
            #expect(answers(text) <= 1)
            #expect(handler.targets == [])
        }
    }

    @Test("S-18: the same heads are refused when they arrive in two pieces", arguments: attacks)
    func ambiguousHeadInPieces(attack: Attack) throws {
        let handler = TestHandler()
        try withServer(handler) { server in
            let client = try RawClient(port: server.boundPort)
            let bytes = Array(attack.bytes.utf8)
            let middle = bytes.count - 6
            client.send(Array(bytes[..<middle]))
            // A second connection gets an answer, so the first piece has been read when the second is sent.
            let other = try RawClient(port: server.boundPort)
            other.send("GET /other HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try other.readAnswer().status == 200)
            client.send(Array(bytes[middle...]) + Array(Self.second.utf8))
            let (text, end) = client.readToEnd()
            // A refusal in the first piece resets what is sent after; the answer itself is never doubled.
            #expect(end != .stillOpen)
            #expect(answers(text) <= 1, "\(text.prefix(600))")
            #expect(handler.targets == ["/other"])
        }
    }

    @Test("S-18: a broken chunk gets one refusal and the connection is closed", arguments: chunkAttacks)
    func brokenChunk(attack: Attack) throws {
        let handler = TestHandler()
        try withServer(handler) { server in
            let client = try RawClient(port: server.boundPort)
            client.send(
                "POST /first HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + attack.bytes + Self.second)
            let (text, end) = client.readToEnd()
            #expect(end == .closed)
            #expect(text.hasPrefix("HTTP/1.1 \(attack.status) "), "\(text.prefix(200))")
            #expect(answers(text) == 1)
            #expect(!handler.targets.contains("/second"))
        }
    }

    struct Hidden: Sendable, CustomTestStringConvertible {
        let name: String
        let chunks: String
        var testDescription: String { name }
    }

    @Test(
        "S-18: what the library hides in chunks gives one request, one answer and no second request",
        arguments: [
            Hidden(name: "extension", chunks: "5;a=b\r\nhello\r\n0\r\n\r\n"),
            Hidden(name: "bare line feed after a size", chunks: "5\nhello\r\n0\r\n\r\n"),
            Hidden(name: "bare line feed after an extension", chunks: "5;\nhello\r\n0\r\n\r\n"),
            Hidden(name: "bare line feed after the data", chunks: "5\r\nhello\n0\r\n\r\n"),
            Hidden(name: "bare line feeds at the end", chunks: "5\r\nhello\r\n0\n\n"),
            Hidden(name: "trailer that names another length", chunks: "5\r\nhello\r\n0\r\nContent-Length: 99\r\n\r\n"),
            Hidden(name: "trailer line that starts with NUL", chunks: "5\r\nhello\r\n0\r\n\0X: y\r\n\r\n"),
            Hidden(name: "leading zeros", chunks: "0000005\r\nhello\r\n00\r\n\r\n"),
        ])
    func hiddenInChunks(hidden: Hidden) throws {
        let handler = TestHandler()
        try withServer(handler) { server in
            let client = try RawClient(port: server.boundPort)
            client.send(
                "POST /first HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + hidden.chunks + Self.second)
            let (text, end) = client.readToEnd()
            #expect(end == .closed)
            #expect(answers(text) == 1)
            #expect(text.hasPrefix("HTTP/1.1 200 ") && text.hasSuffix("POST /first 5\n"), "\(text)")
            #expect(handler.targets == ["/first"])
        }
    }

    @Test("two well-formed requests sent at once get two answers in order")
    func pipelining() throws {
        try withServer { server in
            let client = try RawClient(port: server.boundPort)
            client.send("POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello" + Self.second)
            #expect(try client.readAnswer().text == "POST /1 5\n")
            #expect(try client.readAnswer().text == "GET /second 0\n")
        }
    }

    @Test("bytes that are not HTTP at all are closed without an answer")
    func rogueBytes() throws {
        try withServer(configuration: .test { $0.limits.headerTime = .milliseconds(300) }) { server in
            for bytes in ["\u{16}\u{03}\u{01}\u{02}\0\u{01}\0", "GARBAGE\r\n\r\n", "\0\0\0\0", "\r\n\r\n"] {
                let client = try RawClient(port: server.boundPort)
                client.send(bytes)
                let (text, end) = client.readToEnd()
                #expect(end != .stillOpen)
                #expect(text.isEmpty)
            }
        }
    }

    @Test("a refusal is problem+json with the common headers and is reported")
    func refusalFormat() throws {
        try withServer(configuration: .test { $0.commonHeaders = ["X-Content-Type-Options": "nosniff"] }) { server in
            let client = try RawClient(port: server.boundPort)
            client.send("GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n")
            let answer = try client.readAnswer()
            #expect(answer.headers["content-type"] == "application/problem+json")
            #expect(answer.headers["x-content-type-options"] == "nosniff")
            #expect(answer.headers["connection"] == "close")
            #expect(answer.text.contains(#""code":"path_unsafe""#))
        }
    }
}

extension String {
    /// The parts between `separator`s.
    fileprivate func components(separatedBy separator: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return parts + [rest]
    }
}
