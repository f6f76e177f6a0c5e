import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraHTTP

@Suite struct StopTests {
    private func start(_ handler: TestHandler) throws -> HTTPServer {
        let server = HTTPServer(configuration: HTTPServerConfiguration(), handler: handler)
        try server.start()
        return server
    }

    private let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test("a stopping server finishes what runs, ends streams, closes the idle and refuses the new")
    func drains() throws {
        let inside = Gate()
        let goOn = Gate()
        let stream = EventStream()
        let server = try start(
            TestHandler(respond: { request in
                if request.head.path == ["events"] {
                    return HTTPResponse(status: 200, body: .events(stream))
                }
                if request.head.path == ["slow"] {
                    inside.open()
                    goOn.wait()
                }
                return HTTPResponse(text: "done")
            }))
        let port = server.boundPort
        let idle = try RawClient(port: port)
        idle.send(request)
        #expect(try idle.readAnswer().status == 200)
        let events = try RawClient(port: port)
        events.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(events.read(until: "200 OK"))
        let slow = try RawClient(port: port)
        slow.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(inside.wait())
        let results = Collected<Bool>()
        let stopper = try #require(ServiceThread(name: "stopper") { results.add(server.stop(drain: .seconds(10))) })
        #expect(idle.readToEnd().end == .closed)
        #expect(events.readToEnd().text.hasSuffix("0\r\n\r\n"))
        #expect(results.all == [], "the slow request still runs")
        goOn.open()
        let answer = try slow.readAnswer()
        #expect(answer.text == "done")
        #expect(answer.headers["connection"] == "close")
        #expect(results.first { _ in true } == true)
        stopper.join()
        #expect(throws: RawClient.ClientFailure.self) { try RawClient(port: port) }
    }

    @Test("after the deadline a request that hangs is cut off and stop says so")
    func deadline() throws {
        let inside = Gate()
        let server = try start(
            TestHandler(begin: { _ in
                inside.open()
                return .collect(maximum: 100)
            }))
        let client = try RawClient(port: server.boundPort)
        client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
        #expect(inside.wait())
        #expect(server.stop(drain: .milliseconds(50)) == false)
        #expect(client.readToEnd().end == .closed)
    }

    @Test("a handler that never returns does not hang stop")
    func stuckHandler() throws {
        let inside = Gate()
        let goOn = Gate()
        let server = try start(
            TestHandler(respond: { _ in
                inside.open()
                goOn.wait()
                return HTTPResponse(text: "late")
            }))
        let client = try RawClient(port: server.boundPort)
        client.send(request)
        #expect(inside.wait())
        #expect(server.stop(drain: .milliseconds(20)) == false)
        goOn.open()
        #expect(client.readToEnd().end != .stillOpen)
    }

    @Test("a server is started once")
    func startsOnce() throws {
        let server = try start(TestHandler())
        #expect(throws: HTTPServerError.self) { try server.start() }
        #expect(server.stop())
        #expect(server.stop(), "stopping twice is harmless")
        #expect(server.boundPort == 0)
        #expect(throws: HTTPServerError.self) { try server.start() }
    }

    @Test("uploads under way are told that the server stops")
    func uploadsAreTold() throws {
        let sink = CountingSink()
        let begun = Gate()
        let server = try start(
            TestHandler(begin: { _ in
                begun.open()
                return .stream(sink)
            }))
        let client = try RawClient(port: server.boundPort)
        client.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
        #expect(begun.wait())
        #expect(server.stop(drain: .milliseconds(20)) == false)
        #expect(sink.ends.first { _ in true } == .stopping)
    }
}
