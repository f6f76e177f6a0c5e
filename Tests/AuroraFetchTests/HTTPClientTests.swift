import AuroraHTTP
import AuroraSystem
import AuroraTestSupport
import Synchronization
import Testing

@testable import AuroraFetch

/// A server for the client to talk to.
private final class PeerHandler: HTTPHandler {
    let sink = Mutex<[UInt8]>([])
    private let files: String

    init(files: String = "/nonexistent") {
        self.files = files
    }

    func begin(_ head: RequestHead) -> BodyPlan {
        head.path == ["refuse"]
            ? .reject(HTTPResponse(status: 401, text: "who are you"))
            : head.hasBody ? .collect(maximum: 64 << 20) : .none
    }

    func respond(_ request: HTTPRequest) -> HTTPResponse {
        let head = request.head
        switch head.path.first {
        case "echo":
            return HTTPResponse(
                status: 200,
                headers: [
                    "X-Method": head.isHead ? "HEAD" : head.method.rawValue, "X-Length": "\(request.bytes.count)",
                    "X-Sent": head.headers["X-Sent"] ?? "-", "X-Agent": head.headers["User-Agent"] ?? "-",
                ], body: .bytes(request.bytes))
        case "big":
            return HTTPResponse(status: 200, body: .bytes([UInt8](repeating: 0x62, count: 1 << 20)))
        case "moved":
            return HTTPResponse(status: 302, headers: ["Location": head.queryValue("to") ?? "/echo"])
        case "file":
            do {
                let file = try Descriptor.open("\(files)/served", .readOnly)
                let size = try file.stat().size
                return .file(adopting: file.release(), size: UInt64(size), entityTag: "\"v1\"", for: head)
            } catch {
                return HTTPResponse(status: 404, text: "no file")
            }
        case "events":
            let stream = EventStream()
            for number in 1...5 { stream.send(ServerEvent(id: "\(number)", data: "line \(number)")) }
            if head.queryValue("end") != nil { stream.close() }
            return HTTPResponse(status: 200, headers: ["Content-Type": "text/event-stream"], body: .events(stream))
        case "hang":
            return HTTPResponse(status: 200, body: .events(EventStream()))
        default:
            return HTTPResponse(status: 404, text: "not here")
        }
    }
}

@Suite struct HTTPClientTests {
    private func withPeer<Result>(
        files: String = "/nonexistent", _ body: (_ base: String) throws -> Result
    ) throws -> Result {
        let server = HTTPServer(configuration: HTTPServerConfiguration(), handler: PeerHandler(files: files))
        try server.start()
        defer { server.stop() }
        return try body("http://127.0.0.1:\(server.boundPort)")
    }

    @Test(
        "methods, bodies and headers arrive as given and the answer comes back",
        arguments: [
            "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE",
        ])
    func methods(method: String) throws {
        try withPeer { base in
            let client = HTTPClient()
            for body in [[], Array("hello".utf8)] where body.isEmpty || method != "HEAD" {
                let answer = try client.perform(
                    ClientRequest(
                        method: method, url: base + "/echo", headers: [("X-Sent", "v 1")],
                        body: body.isEmpty ? .none : .bytes(body)))
                #expect(answer.status == 200)
                #expect(answer.header("x-method") == method)
                #expect(answer.header("X-LENGTH") == "\(body.count)")
                #expect(answer.header("x-sent") == "v 1")
                #expect(answer.header("x-agent") == "aurora")
                #expect(answer.body == body)
            }
        }
    }

    @Test("an answer of any status is an answer")
    func statuses() throws {
        try withPeer { base in
            let answer = try HTTPClient().perform(ClientRequest(url: base + "/none"))
            #expect(answer.status == 404)
            #expect(answer.text == "not here")
        }
    }

    @Test("a large upload that is refused early still brings the refusal back")
    func earlyRefusal() throws {
        try withPeer { base in
            let body = [UInt8](repeating: 0, count: 20 << 20)
            let answer = try HTTPClient().perform(
                ClientRequest(method: "PUT", url: base + "/refuse", headers: [("Expect", "")], body: .bytes(body)))
            #expect(answer.status == 401)
            #expect(answer.text == "who are you")
        }
    }

    @Test("a header or an address that could carry another request is not sent")
    func injection() throws {
        for headers in [[("X", "a\r\nY: b")], [("X\r\nY", "b")], [("", "b")], [("A: B", "c")], [("X", "a\0b")]] {
            #expect(throws: FetchError.self) {
                try HTTPClient().perform(ClientRequest(url: "http://127.0.0.1:1/", headers: headers))
            }
        }
        for url in ["file:///etc/passwd", "ftp://localhost/", "nonsense", "", "http://"] {
            let error = try #require(
                #expect(throws: FetchError.self) { try HTTPClient().perform(ClientRequest(url: url)) })
            guard case .request = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test("an answer over the limit is an error, not memory")
    func tooLarge() throws {
        try withPeer { base in
            let error = try #require(
                #expect(throws: FetchError.self) {
                    try HTTPClient().perform(
                        ClientRequest(url: base + "/big?token=abc"), download: .memory(limit: 1000))
                })
            guard case .tooLarge(limit: 1000, let doing) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(doing.hasPrefix("GET http://127.0.0.1:") && doing.hasSuffix("/big"), "no query in messages")
        }
    }

    @Test("a server that is not there is unreachable, with libcurl's code and text")
    func unreachable() throws {
        let port = try withPeer { $0 }
        let error = try #require(
            #expect(throws: FetchError.self) { try HTTPClient().perform(ClientRequest(url: port + "/")) })
        #expect(error.isUnreachable)
        guard case .transfer(let code, let message, _) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(code == 7)
        #expect(!message.isEmpty)
    }

    @Test("a server that does not answer runs into the timeout")
    func timeout() throws {
        try withPeer { base in
            var configuration = ClientConfiguration()
            configuration.timeout = .milliseconds(200)
            let error = try #require(
                #expect(throws: FetchError.self) {
                    try HTTPClient(configuration: configuration).perform(ClientRequest(url: base + "/hang"))
                })
            #expect(error.isTimeout)
        }
    }

    @Test("redirects are followed only when asked and only to the same origin")
    func redirects() throws {
        try withPeer { base in
            let plain = try HTTPClient().perform(ClientRequest(url: base + "/moved"))
            #expect(plain.status == 302)
            var configuration = ClientConfiguration()
            configuration.sameOriginRedirects = 2
            let client = HTTPClient(configuration: configuration)
            let followed = try client.perform(ClientRequest(url: base + "/moved", headers: [("X-Sent", "kept")]))
            #expect(followed.status == 200)
            #expect(followed.header("X-Sent") == "kept")
            let port = base.split(separator: ":").last ?? ""
            for other in ["http://localhost:\(port)/echo", "https://127.0.0.1:\(port)/echo", "http://127.0.0.1:1/echo"]
            {
                #expect(try client.perform(ClientRequest(url: base + "/moved?to=\(other)")).status == 302)
            }
            #expect(try client.perform(ClientRequest(url: base + "/moved?to=/moved")).status == 200)
        }
    }

    @Test("a file is uploaded from an offset with progress, and can be stopped")
    func fileUpload() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/up"
            try write(String(repeating: "x", count: 3_000_000), to: path)
            try withPeer { base in
                let seen = Mutex<[UInt64]>([])
                let answer = try HTTPClient().perform(
                    ClientRequest(
                        method: "PUT", url: base + "/echo",
                        body: .file(path: path, offset: 1_000_000) { done, total in
                            seen.withLock { $0.append(done) }
                            return total == 2_000_000
                        }))
                #expect(answer.header("X-Length") == "2000000")
                #expect(seen.withLock { $0.last } == 2_000_000)
                #expect(throws: FetchError.cancelled(doing: "PUT \(base)/echo")) {
                    try HTTPClient().perform(
                        ClientRequest(method: "PUT", url: base + "/echo", body: .file(path: path) { _, _ in false }))
                }
                #expect(throws: FetchError.file(path: directory + "/no", operation: "opening", code: 2)) {
                    try HTTPClient().perform(
                        ClientRequest(method: "PUT", url: base + "/echo", body: .file(path: directory + "/no")))
                }
            }
        }
    }

    @Test("a download is resumed where it stopped, starts again when the file changed, and leaves the file on errors")
    func resumedDownload() throws {
        try withTemporaryDirectory { directory in
            try write("0123456789", to: directory + "/served")
            let path = directory + "/down"
            try withPeer(files: directory) { base in
                let client = HTTPClient()
                let request = ClientRequest(url: base + "/file")
                #expect(try client.perform(request, download: .file(path: path)).status == 200)
                #expect(try readText(path) == "0123456789")
                try write("01234", to: path)
                let resumed = try client.perform(request, download: .file(path: path, resume: true, ifRange: "\"v1\""))
                #expect(resumed.status == 206)
                #expect(try readText(path) == "0123456789")
                try write("abcde", to: path)
                let again = try client.perform(request, download: .file(path: path, resume: true, ifRange: "\"v0\""))
                #expect(again.status == 200)
                #expect(try readText(path) == "0123456789")
                let complete = try client.perform(request, download: .file(path: path, resume: true))
                #expect(complete.status == 416)
                #expect(complete.header("Content-Range") == "bytes */10")
                let missing = try client.perform(ClientRequest(url: base + "/none"), download: .file(path: path))
                #expect(missing.status == 404)
                #expect(missing.text == "not here")
                #expect(try readText(path) == "0123456789")
            }
        }
    }

    @Test("lines of a stream arrive one by one, until the end or until the reader has enough")
    func lines() throws {
        try withPeer { base in
            let lines = Mutex<[String]>([])
            let answer = try HTTPClient().perform(
                ClientRequest(url: base + "/events?end"),
                download: .lines { line in
                    lines.withLock { $0.append(line) }
                    return true
                })
            #expect(answer.status == 200)
            #expect(lines.withLock { $0 }.prefix(3) == ["id: 1", "data: line 1", ""])
            #expect(lines.withLock { $0.count } == 15)
            let some = Mutex(0)
            _ = try HTTPClient().perform(
                ClientRequest(url: base + "/events"),
                download: .lines { _ in
                    some.withLock {
                        $0 += 1
                        return $0 < 4
                    }
                })
            #expect(some.withLock { $0 } == 4)
        }
    }

    @Test("line ends of every kind and split anywhere give the same lines")
    func lineSplitter() {
        var splitter = LineSplitter()
        var lines: [String] = []
        for piece in ["a", "b\r", "\nc\n", "\n", "d"] {
            _ = Array(piece.utf8).withUnsafeBytes {
                splitter.take($0) {
                    lines.append($0)
                    return true
                }
            }
        }
        splitter.flush {
            lines.append($0)
            return true
        }
        #expect(lines == ["ab", "c", "", "d"])
    }

    @Test("one client serves many threads at once")
    func threads() async throws {
        try await withThrowingTaskGroup(of: Int.self) { group in
            let server = HTTPServer(configuration: HTTPServerConfiguration(), handler: PeerHandler())
            try server.start()
            defer { server.stop() }
            let client = HTTPClient()
            let base = "http://127.0.0.1:\(server.boundPort)"
            for number in 0..<40 {
                group.addTask {
                    let body = [UInt8](repeating: UInt8(number), count: 1000 + number)
                    return try client.perform(ClientRequest(method: "POST", url: base + "/echo", body: .bytes(body)))
                        .body.count
                }
            }
            var sum = 0
            for try await count in group { sum += count }
            #expect(sum == 40 * 1000 + 780)
        }
    }
}
