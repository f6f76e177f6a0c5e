import AuroraTestSupport
import Synchronization
import Testing

@testable import AuroraHTTP

/// Requests that wait for something cost memory, not threads.
@Suite struct ParkingTests {
    private struct Late: Error {}

    /// Parks `GET /wait`, and answers everything else at once.
    private static func handler(
        _ wakers: Collected<Waker>, _ answer: @escaping @Sendable (WakeReason) throws -> HTTPResponse
    ) -> TestHandler {
        TestHandler(respond: { request in
            guard request.head.path == ["wait"] else { return HTTPResponse(text: "at once") }
            let waker = Waker()
            wakers.add(waker)
            return HTTPResponse(parked: ParkedAnswer(waker, answer: answer))
        })
    }

    private static let oneWorker = HTTPServerConfiguration.test { $0.workerThreads = 1 }

    private static func get(_ target: String) -> String { "GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n" }

    private static func waiting(_ count: Int, at server: HTTPServer, _ wakers: Collected<Waker>) throws -> [RawClient] {
        let clients = try (0..<count).map { _ in try RawClient(port: server.boundPort) }
        for client in clients { client.send(get("/wait")) }
        #expect(wakers.waitFor(count))
        return clients
    }

    @Test("64 requests wait on a server of one worker, which answers others meanwhile")
    func noWorkerIsHeld() throws {
        let wakers = Collected<Waker>()
        try withServer(
            Self.handler(wakers) { HTTPResponse(text: "woken \($0)") }, configuration: Self.oneWorker
        ) { server in
            let clients = try Self.waiting(64, at: server, wakers)
            let other = try RawClient(port: server.boundPort)
            for _ in 0..<3 {
                other.send(Self.get("/other"))
                #expect(try other.readAnswer().text == "at once")
            }
            for waker in wakers.all { waker.wake() }
            for client in clients { #expect(try client.readAnswer().text == "woken ready") }
            // The connections are as good as before.
            for client in clients { client.send(Self.get("/other")) }
            for client in clients { #expect(try client.readAnswer().text == "at once") }
        }
    }

    @Test("a waker used before its request is parked, and used twice, gives one answer")
    func wokenEarly() throws {
        let handler = TestHandler(respond: { request in
            guard request.head.path == ["wait"] else { return HTTPResponse(text: "at once") }
            let waker = Waker()
            waker.wake()
            waker.wake()
            return HTTPResponse(parked: ParkedAnswer(waker) { _ in HTTPResponse(text: "once") })
        })
        try withServer(handler, configuration: Self.oneWorker) { server in
            let client = try RawClient(port: server.boundPort)
            client.send(Self.get("/wait") + Self.get("/other"))
            #expect(try client.readAnswer().text == "once")
            #expect(try client.readAnswer().text == "at once")
        }
    }

    @Test("what goes on may wait again, and an error becomes the handler's answer")
    func again() throws {
        let wakers = Collected<Waker>()
        let handler = Self.handler(wakers) { _ in
            let second = Waker()
            wakers.add(second)
            return HTTPResponse(parked: ParkedAnswer(second) { _ in throw Late() })
        }
        try withServer(handler, configuration: Self.oneWorker) { server in
            let client = try Self.waiting(1, at: server, wakers)[0]
            wakers.all[0].wake()
            #expect(wakers.waitFor(2))
            wakers.all[1].wake()
            let answer = try client.readAnswer()
            #expect(answer.status == 507 && answer.text.contains("Late"))
        }
    }

    @Test("an answer parked after a body was collected comes whole")
    func afterBody() throws {
        let wakers = Collected<Waker>()
        let handler = TestHandler(respond: { request in
            let waker = Waker()
            wakers.add(waker)
            return HTTPResponse(parked: ParkedAnswer(waker) { _ in HTTPResponse(text: "\(request.bytes.count)") })
        })
        try withServer(handler, configuration: Self.oneWorker) { server in
            let client = try RawClient(port: server.boundPort)
            client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n")
            client.send([UInt8](repeating: 0x61, count: 50_000))
            #expect(wakers.waitFor(1))
            wakers.all[0].wake()
            #expect(try client.readAnswer().text == "50000")
        }
    }

    @Test("a stop wakes what waits, tells it why, and delivers its answer")
    func stop() throws {
        let wakers = Collected<Waker>()
        let server = HTTPServer(
            configuration: Self.oneWorker, handler: Self.handler(wakers) { HTTPResponse(text: "woken \($0)") })
        try server.start()
        let clients = try Self.waiting(64, at: server, wakers)
        #expect(server.stop(drain: .seconds(120)))
        for client in clients {
            #expect(try client.readAnswer().text == "woken stopping")
            #expect(client.readToEnd().end == .closed)
        }
        // Too late to mean anything.
        for waker in wakers.all { waker.wake() }
    }
}
