import AuroraTestSupport
import Testing

@testable import AuroraHTTP

/// S-21 and S-22, CWE-400: slow and many clients cost little and are cut off; others do not notice.
@Suite struct SlowClientTests {
    private func isHealthy(_ server: HTTPServer) throws -> Bool {
        let client = try RawClient(port: server.boundPort)
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        return try client.readAnswer().status == 200
    }

    @Test("S-21: silent clients do not stop the server and are cut off (defect 31)")
    func silentClients() throws {
        try withServer(configuration: .test { $0.limits.headerTime = .milliseconds(400) }) { server in
            let silent = try (0..<100).map { _ in try RawClient(port: server.boundPort) }
            #expect(try isHealthy(server))
            for client in silent { #expect(client.readToEnd().end == .closed) }
        }
    }

    @Test("S-21: headers that come too slowly are cut off, byte by byte or after the request line")
    func slowHeaders() throws {
        try withServer(configuration: .test { $0.limits.headerTime = .milliseconds(400) }) { server in
            for start in ["G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: x\r\nX: "] {
                let client = try RawClient(port: server.boundPort)
                client.send(start)
                let begin = ContinuousClock.now
                // Always a little more, so that the connection is never quiet.
                while client.readToEnd(seconds: 0.05).end == .stillOpen {
                    client.send("a")
                    try #require(ContinuousClock.now - begin < .seconds(120), "the server cuts nobody off")
                }
                #expect(try isHealthy(server))
            }
        }
    }

    @Test("S-21: a body that comes too slowly is cut off and the sink told why")
    func slowBody() throws {
        let sink = CountingSink()
        let handler = TestHandler(begin: { $0.hasBody ? .stream(sink) : .none })
        try withServer(handler, configuration: .test { $0.limits.progressTime = .milliseconds(300) }) { server in
            let client = try RawClient(port: server.boundPort)
            client.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
            let begin = ContinuousClock.now
            while client.readToEnd(seconds: 0.05).end == .stillOpen {
                client.send("a")
                try #require(ContinuousClock.now - begin < .seconds(120), "the server cuts nobody off")
            }
            #expect(sink.ends.first { _ in true } == .tooSlow)
            #expect(try isHealthy(server))
        }
    }

    @Test("S-21: an answer that is taken too slowly is cut off")
    func slowRead() throws {
        let finished = Collected<FinishedRequest>()
        let body = [UInt8](repeating: 0x61, count: 32 << 20)
        let handler = TestHandler(respond: { request in
            request.head.path == ["big"] ? HTTPResponse(status: 200, body: .bytes(body)) : HTTPResponse(text: "ok")
        })
        try withServer(
            handler,
            configuration: .test {
                $0.limits.progressTime = .milliseconds(300)
                $0.onFinished = { finished.add($0) }
            }
        ) { server in
            let client = try RawClient(port: server.boundPort, receiveBuffer: 4096)
            client.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
            let cut = try #require(finished.first { $0.head?.path == ["big"] })
            #expect(!cut.isComplete)
            #expect(try isHealthy(server))
        }
    }

    @Test("S-21: a client that takes its time, but not too much, gets everything")
    func steadyClient() throws {
        try withServer(configuration: .test { $0.limits.progressTime = .seconds(1) }) { server in
            let client = try RawClient(port: server.boundPort)
            client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n")
            for _ in 0..<19 {
                client.send(String(repeating: "a", count: 1000))
                #expect(client.readToEnd(seconds: 0.08).end == .stillOpen)
            }
            client.send(String(repeating: "a", count: 1000))
            #expect(try client.readAnswer().text == "POST / 20000\n")
        }
    }

    @Test("S-21: an idle connection is closed after its time")
    func idleConnection() throws {
        try withServer(configuration: .test { $0.limits.idleTime = .milliseconds(300) }) { server in
            let client = try RawClient(port: server.boundPort)
            client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.readAnswer().status == 200)
            #expect(client.readToEnd().end == .closed)
        }
    }

    @Test("S-21: a handler may take longer than any limit on the client")
    func slowHandler() throws {
        let other = Gate()
        let handler = TestHandler(respond: { request in
            if request.head.path == ["slow"] { other.wait() }
            return HTTPResponse(text: "ok")
        })
        try withServer(
            handler,
            configuration: .test {
                $0.limits.headerTime = .milliseconds(100)
                $0.limits.idleTime = .milliseconds(100)
                $0.limits.progressTime = .milliseconds(100)
            }
        ) { server in
            let client = try RawClient(port: server.boundPort)
            client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            // A silent connection runs into the limit meanwhile: by then the slow handler has had longer than it.
            #expect(try RawClient(port: server.boundPort).readToEnd().end == .closed)
            #expect(try RawClient(port: server.boundPort).readToEnd().end == .closed)
            other.open()
            #expect(try client.readAnswer().text == "ok")
        }
    }

    @Test("S-22: connections over the limit per address are closed, and it recovers")
    func flood() throws {
        try withServer(configuration: .test { $0.limits.connectionsPerAddress = 20 }) { server in
            var clients: [RawClient] = []
            for _ in 0..<20 {
                let client = try RawClient(port: server.boundPort)
                client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try client.readAnswer().status == 200)
                clients.append(client)
            }
            for _ in 0..<30 {
                let extra = try RawClient(port: server.boundPort)
                #expect(extra.readToEnd().end != .stillOpen)
            }
            // ::1 is another address.
            let other = try RawClient(port: server.boundPort, isIPv6: true)
            other.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try other.readAnswer().status == 200)
            clients.removeAll()
            #expect(eventually { (try? isHealthy(server)) == true })
        }
    }

    @Test("S-22: the total of connections is bounded, and it recovers")
    func total() throws {
        try withServer(configuration: .test { $0.limits.connections = 10 }) { server in
            var clients = try (0..<10).map { _ in try RawClient(port: server.boundPort) }
            for client in clients {
                client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try client.readAnswer().status == 200)
            }
            let extra = try RawClient(port: server.boundPort)
            extra.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(throws: (any Error).self) { try extra.readAnswer(seconds: 0.3) }
            clients.removeAll()
            #expect(eventually { (try? isHealthy(server)) == true })
        }
    }
}
