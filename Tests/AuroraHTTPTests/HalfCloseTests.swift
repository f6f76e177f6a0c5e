import AuroraTestSupport
import Synchronization
import Testing

@testable import AuroraHTTP

/// S-21: a client that says it sends no more is noticed, also when it says so in one breath with its last bytes.
///
/// The library watches sockets edge-triggered. While its thread is held up, bytes and the end behind them become one
/// edge; it read the bytes, took the short read for an empty socket and never looked for the end.
@Suite struct HalfCloseTests {
    /// Limits so long that nothing but the end itself can end these connections.
    private static func patient(_ limits: inout HTTPLimits) {
        limits.headerTime = .seconds(3600)
        limits.idleTime = .seconds(3600)
        limits.progressTime = .seconds(3600)
        limits.heartbeatTime = .milliseconds(400)
    }

    /// A handler whose socket thread stands still in `GET /hold` until `gate` opens, after it opened `held`.
    private static func handler(held: Gate, gate: Gate, begin: @escaping TestHandler.Begin) -> TestHandler {
        TestHandler(
            begin: begin,
            fast: { head in
                guard !head.hasBody else { return nil }
                if head.target == "/hold" {
                    held.open()
                    gate.wait()
                }
                return HTTPResponse(text: "fast")
            })
    }

    private static func get(_ target: String) -> String { "GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n" }

    /// Lets the socket thread look at everything that happened so far.
    private static func turn(_ client: RawClient, times: Int = 3) throws {
        for _ in 0..<times {
            client.send(get("/"))
            _ = try client.readAnswer()
        }
    }

    @Test("64 uploads that end together with their last bytes are all reported lost, with every byte handed on")
    func uploads() throws {
        let held = Gate()
        let gate = Gate()
        let sinks = (0..<64).map { _ in CountingSink() }
        let handler = Self.handler(held: held, gate: gate) { head in
            .stream(sinks[Int(head.target.dropFirst()) ?? 0])
        }
        try withServer(handler, configuration: .test { Self.patient(&$0.limits) }) { server in
            let other = try RawClient(port: server.boundPort)
            let clients = try sinks.indices.map { index in
                let client = try RawClient(port: server.boundPort)
                client.send("PUT /\(index) HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
                client.send([UInt8](repeating: 0x61, count: 2000))
                return client
            }
            while handler.targets.count < clients.count { try Self.turn(other) }
            try Self.turn(other)
            other.send(Self.get("/hold"))
            #expect(held.wait())
            for client in clients {
                client.send([UInt8](repeating: 0x61, count: 3000))
                client.finishSending()
            }
            gate.open()
            for (client, sink) in zip(clients, sinks) {
                #expect(sink.ends.first { _ in true } == .connectionLost)
                #expect(sink.received.load(ordering: .relaxed) == 5000)
                #expect(client.readToEnd().end == .closed)
            }
        }
        for sink in sinks { #expect(sink.ends.all == [.connectionLost]) }
    }

    @Test("requests that end together with their client's sending are answered and closed", arguments: [1, 3])
    func requests(count: Int) throws {
        let held = Gate()
        let gate = Gate()
        let handler = Self.handler(held: held, gate: gate) { _ in .none }
        try withServer(handler, configuration: .test { Self.patient(&$0.limits) }) { server in
            let holder = try RawClient(port: server.boundPort)
            let clients = try (0..<32).map { _ in try RawClient(port: server.boundPort) }
            for client in clients { try Self.turn(client, times: 1) }
            holder.send(Self.get("/hold"))
            #expect(held.wait())
            for client in clients {
                client.send(String(repeating: Self.get("/"), count: count))
                client.finishSending()
            }
            gate.open()
            for client in clients {
                for _ in 0..<count { #expect(try client.readAnswer().text == "fast") }
                #expect(client.readToEnd().end == .closed)
            }
        }
    }

    @Test("a head that ends together with its client's sending closes the connection")
    func head() throws {
        let held = Gate()
        let gate = Gate()
        let handler = Self.handler(held: held, gate: gate) { _ in .none }
        try withServer(handler, configuration: .test { Self.patient(&$0.limits) }) { server in
            let holder = try RawClient(port: server.boundPort)
            let clients = try (0..<32).map { _ in try RawClient(port: server.boundPort) }
            for client in clients { client.send("GET / HTTP/1.1\r\nHo") }
            try Self.turn(holder)
            holder.send(Self.get("/hold"))
            #expect(held.wait())
            for client in clients {
                client.send("st: x\r\nX-")
                client.finishSending()
            }
            gate.open()
            for client in clients { #expect(client.readToEnd().end == .closed) }
        }
    }
}
