import AuroraTestSupport
import Glibc
import Synchronization
import Testing

@testable import AuroraHTTP

@Suite struct EventStreamTests {
    private func handler(_ streams: Collected<EventStream>, closed: Collected<Bool> = Collected()) -> TestHandler {
        TestHandler(respond: { request in
            guard request.head.path == ["events"] else { return HTTPResponse(text: "other") }
            let stream = EventStream(maximumBufferedBytes: 64 * 1024) { closed.add(true) }
            streams.add(stream)
            return HTTPResponse(
                status: 200, headers: ["Content-Type": "text/event-stream", "Cache-Control": "no-store"],
                body: .events(stream))
        })
    }

    private let request = "GET /events HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test("events arrive as they are sent and the stream ends in order")
    func events() throws {
        let streams = Collected<EventStream>()
        let closed = Collected<Bool>()
        try withServer(handler(streams, closed: closed)) { server in
            let client = try RawClient(port: server.boundPort)
            client.send(request)
            #expect(client.read(until: "text/event-stream"))
            let stream = try #require(streams.first { _ in true })
            #expect(stream.send(ServerEvent(id: "1", name: "progress", data: "a\nb")))
            #expect(client.read(until: "id: 1\nevent: progress\ndata: a\ndata: b\n\n"))
            stream.send(ServerEvent(data: "last"))
            stream.close()
            let (text, end) = client.readToEnd(seconds: 1)
            #expect(text.hasSuffix("data: last\n\n\r\n0\r\n\r\n"))
            #expect(end == .stillOpen, "the connection can be used again")
            #expect(closed.first { $0 } == true)
            #expect(!stream.send(ServerEvent(data: "late")))
            client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.readAnswer().text == "other")
        }
    }

    @Test("line breaks in an event cannot start another field")
    func noInjection() {
        let event = ServerEvent(id: "1\ndata: x", name: "a\r\nb", data: "one\r\ntwo\rthree\n\nfour")
        let text = String(decoding: event.bytes, as: UTF8.self)
        #expect(text == "id: 1data: x\nevent: ab\ndata: one\ndata: two\ndata: three\ndata: \ndata: four\n\n")
    }

    @Test("a reader that left is noticed without anything being sent")
    func readerLeaves() throws {
        let streams = Collected<EventStream>()
        let closed = Collected<Bool>()
        try withServer(
            handler(streams, closed: closed), configuration: .test { $0.limits.progressTime = .milliseconds(200) }
        ) { server in
            let client = try RawClient(port: server.boundPort)
            client.send(request)
            #expect(client.read(until: "text/event-stream"))
            client.finishSending()
            #expect(closed.first { $0 } == true)
            #expect(try #require(streams.all.first).isClosed)
        }
    }

    @Test("a quiet stream gets heartbeats and is not cut for being quiet")
    func heartbeat() throws {
        let streams = Collected<EventStream>()
        try withServer(
            handler(streams),
            configuration: .test {
                $0.limits.heartbeatTime = .milliseconds(50)
                $0.limits.progressTime = .milliseconds(100)
                $0.limits.idleTime = .milliseconds(100)
            }
        ) { server in
            let client = try RawClient(port: server.boundPort)
            client.send(request)
            let beats = String(repeating: "3\r\n:\n\n\r\n", count: 8)
            #expect(client.read(until: beats))
            #expect(try !#require(streams.all.first).isClosed)
        }
    }

    @Test("a reader that does not read is cut off instead of filling memory")
    func readerIsStuck() throws {
        let streams = Collected<EventStream>()
        let closed = Collected<Bool>()
        try withServer(
            handler(streams, closed: closed), configuration: .test { $0.limits.progressTime = .milliseconds(300) }
        ) { server in
            let client = try RawClient(port: server.boundPort, receiveBuffer: 4096)
            client.send(request)
            let stream = try #require(streams.first { _ in true })
            let event = ServerEvent(data: String(repeating: "a", count: 1000))
            var sent = 0
            while stream.send(event) { sent += 1 }
            #expect(sent < 20_000)
            #expect(closed.first { $0 } == true)
        }
    }

    @Test("2,000 idle streams are open at once, take no time, and all wake")
    func manyStreams() throws {
        let streams = Collected<EventStream>()
        let count = 2000
        var files = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        files.rlim_cur = min(files.rlim_max, 16_384)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        try withServer(handler(streams), configuration: .test { $0.limits.connectionsPerAddress = 4000 }) { server in
            let clients = try (0..<count).map { _ in
                let client = try RawClient(port: server.boundPort)
                client.send(request)
                return client
            }
            for client in clients { #expect(client.read(until: "text/event-stream")) }
            let other = try RawClient(port: server.boundPort)
            other.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try other.readAnswer().text == "other")
            #expect(streams.all.count == count)
            for stream in streams.all { stream.send(ServerEvent(data: "wake")) }
            for client in clients { #expect(client.read(until: "data: wake")) }
        }
    }
}
