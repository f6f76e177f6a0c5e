import AuroraTestSupport
import Testing

@testable import AuroraHTTP

@Suite struct MethodTests {
    @Test("HEAD is answered as GET without the body, and the connection is kept (defect 27)")
    func head() throws {
        let handler = TestHandler(respond: { request in
            HTTPResponse(text: request.head.isHead && request.head.method == .get ? "hello" : "other")
        })
        try withServer(handler) { server in
            let client = try RawClient(port: server.boundPort)
            client.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n")
            let answer = try client.readAnswer(toHead: true)
            #expect(answer.status == 200)
            #expect(answer.headers["content-length"] == "5")
            client.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.readAnswer().text == "other")
        }
    }

    @Test("S-05: TRACE and CONNECT are 405, unknown methods 501, and method overrides are not looked at")
    func methods() throws {
        try withServer { server in
            for (method, status) in [
                ("TRACE", 405), ("CONNECT", 405), ("BREW", 501), ("get", 501), ("PROPFIND", 501), ("PATCH", 200),
                ("DELETE", 200), ("OPTIONS", 200), ("PUT", 200),
            ] {
                let client = try RawClient(port: server.boundPort)
                client.send("\(method) / HTTP/1.1\r\nHost: x\r\nX-HTTP-Method-Override: DELETE\r\n\r\n")
                let answer = try client.readAnswer()
                #expect(answer.status == status, "\(method)")
                if status == 200 { #expect(answer.text.hasPrefix(method)) }
            }
        }
    }

    @Test("an HTTP/1.0 client is answered and closed, or kept when it asks")
    func oldClients() throws {
        try withServer { server in
            let closing = try RawClient(port: server.boundPort)
            closing.send("GET /old HTTP/1.0\r\n\r\n")
            let (text, end) = closing.readToEnd()
            #expect(text.contains("GET /old 0"))
            #expect(end == .closed)
            let kept = try RawClient(port: server.boundPort)
            kept.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(try kept.readAnswer().headers["connection"]?.lowercased() == "keep-alive")
            kept.send("GET /2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(try kept.readAnswer().status == 200)
        }
    }

    @Test("Expect: 100-continue is answered only once the body is wanted")
    func expectContinue() throws {
        let handler = TestHandler(begin: { head in
            head.path == ["no"] ? .reject(HTTPResponse(status: 401, text: "no")) : .collect(maximum: 100)
        })
        try withServer(handler) { server in
            let wanted = try RawClient(port: server.boundPort)
            wanted.send("POST /yes HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            #expect(try wanted.readAnswer().status == 100)
            wanted.send("hello")
            #expect(try wanted.readAnswer().text == "POST /yes 5\n")
            let unwanted = try RawClient(port: server.boundPort)
            unwanted.send("POST /no HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            #expect(try unwanted.readAnswer().status == 401)
            #expect(unwanted.readToEnd().end == .closed)
        }
    }

    @Test("a handler may answer before the body is read; the answer arrives although the client keeps sending")
    func earlyAnswer() throws {
        let handler = TestHandler(begin: { _ in .reject(HTTPResponse(status: 401, text: "log in first")) })
        try withServer(handler) { server in
            let client = try RawClient(port: server.boundPort)
            client.send("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n")
            let megabyte = [UInt8](repeating: 0x61, count: 1_000_000)
            for _ in 0..<8 { client.send(megabyte) }
            let (text, end) = client.readToEnd()
            #expect(text.hasPrefix("HTTP/1.1 401 "))
            #expect(text.hasSuffix("log in first"))
            #expect(end == .closed)
        }
    }

    @Test("a body where none is expected is refused")
    func unexpectedBody() throws {
        try withServer(TestHandler(begin: { _ in .none })) { server in
            let client = try RawClient(port: server.boundPort)
            client.send("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
            let (text, end) = client.readToEnd()
            #expect(text.hasPrefix("HTTP/1.1 413 "))
            #expect(end == .closed)
        }
    }

    @Test("a malformed body still gets an answer (defect 28, at the transport)")
    func malformedBodyIsAnswered() throws {
        let handler = TestHandler(respond: { request in
            HTTPResponse(status: request.bytes.first == UInt8(ascii: "{") ? 200 : 400, text: "not an object")
        })
        try withServer(handler) { server in
            for body in ["[1]", "{", "", "\0\u{01}", "nonsense"] {
                let client = try RawClient(port: server.boundPort)
                client.send(
                    "POST /approve HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
                #expect(try client.readAnswer().status == (body == "{" ? 200 : 400))
            }
        }
    }

    @Test("the fast path answers without a worker and may decline")
    func fastPath() throws {
        let prepared = PreparedResponse(headers: ["ETag": "\"a\""], bytes: Array("fast".utf8))
        let handler = TestHandler(fast: { $0.path == ["poll"] ? HTTPResponse(prepared: prepared) : nil })
        try withServer(handler, configuration: .test { $0.commonHeaders = ["X-Common": "yes"] }) { server in
            let client = try RawClient(port: server.boundPort)
            for _ in 0..<3 {
                client.send("GET /poll HTTP/1.1\r\nHost: x\r\n\r\n")
                let answer = try client.readAnswer()
                #expect(answer.text == "fast")
                #expect(answer.headers["etag"] == "\"a\"")
                #expect(answer.headers["x-common"] == "yes")
            }
            client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.readAnswer().text == "GET /slow 0\n")
            #expect(handler.targets == ["/slow"])
        }
    }

    @Test("both loopback addresses are served, and the head says who asks")
    func bothLoopbacks() throws {
        let handler = TestHandler(respond: { HTTPResponse(text: $0.head.remoteAddress) })
        try withServer(handler) { server in
            let four = try RawClient(port: server.boundPort)
            four.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try four.readAnswer().text == "127.0.0.1")
            let six = try RawClient(port: server.boundPort, isIPv6: true)
            six.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try six.readAnswer().text == "::1")
        }
    }

    @Test("an address that is taken or is none gives an error that names it")
    func listenErrors() throws {
        try withServer { server in
            var configuration = HTTPServerConfiguration(address: .numeric("127.0.0.1"), port: server.boundPort)
            let second = HTTPServer(configuration: configuration, handler: TestHandler())
            let error = try #require(#expect(throws: HTTPServerError.self) { try second.start() })
            #expect("\(error)".contains("127.0.0.1 port \(server.boundPort)"))
            configuration.address = .numeric("localhost")
            #expect(throws: HTTPServerError.address("localhost")) {
                try HTTPServer(configuration: configuration, handler: TestHandler()).start()
            }
        }
    }

    @Test("every finished request is reported, refused ones too")
    func reports() throws {
        let finished = Collected<FinishedRequest>()
        let refused = Collected<TransportRefusal>()
        try withServer(
            configuration: .test {
                $0.onFinished = { finished.add($0) }
                $0.onRefusal = {
                    refused.add($0)
                    return HTTPResponse(status: $0.status, text: "own")
                }
            }
        ) { server in
            let client = try RawClient(port: server.boundPort)
            client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try client.readAnswer()
            client.send("GET /../a HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(client.readToEnd().text.hasSuffix("own"))
        }
        #expect(finished.all.map(\.status) == [200, 400])
        #expect(finished.all.first?.head?.target == "/a")
        #expect(refused.all.map(\.code) == [.pathUnsafe])
        #expect(refused.all.first?.remoteAddress == "127.0.0.1")
    }
}
