import AuroraTestSupport
import Testing

@testable import AuroraHTTP

/// S-20, CWE-400: heads are bounded in line length, number and sum.
@Suite struct SizeTests {
    private func status(of head: String, memory: Int = HTTPLimits().connectionMemoryBytes) throws -> Int {
        try withServer(configuration: .test { $0.limits.connectionMemoryBytes = memory }) { server in
            let client = try RawClient(port: server.boundPort)
            client.send(head + "\r\n")
            return try client.readAnswer().status
        }
    }

    private let start = "GET / HTTP/1.1\r\nHost: x\r\n"

    @Test(
        "S-20: a request line up to 8 KiB is taken, a longer one is 414", arguments: [8000, 8300, 9000, 20_000, 80_000])
    func requestLine(size: Int) throws {
        let head = "GET /" + String(repeating: "a", count: size) + " HTTP/1.1\r\nHost: x\r\n"
        #expect(try status(of: head) == (size < 8192 ? 200 : 414))
    }

    @Test(
        "S-20: a header line up to 8 KiB is taken, a longer one is 431", arguments: [8000, 8300, 9000, 20_000, 80_000])
    func headerLine(size: Int) throws {
        let head = start + "X: " + String(repeating: "a", count: size) + "\r\n"
        #expect(try status(of: head) == (size < 8192 ? 200 : 431))
    }

    @Test("S-20: 60 headers are taken, more than 200 are 431", arguments: [60, 201, 300, 3000])
    func headerCount(count: Int) throws {
        let head = start + String(repeating: "X: y\r\n", count: count)
        #expect(try status(of: head) == (count <= 60 ? 200 : 431))
    }

    @Test("S-20: with memory for them, 190 headers and 60 KiB in all are taken and the limits still hold")
    func largerMemory() throws {
        let large = 128 * 1024
        let line = "X: " + String(repeating: "a", count: 290) + "\r\n"
        #expect(try status(of: start + String(repeating: line, count: 190), memory: large) == 200)
        #expect(try status(of: start + String(repeating: "X: y\r\n", count: 201), memory: large) == 431)
        let long = "X: " + String(repeating: "a", count: 8000) + "\r\n"
        #expect(try status(of: start + String(repeating: long, count: 9), memory: large) == 431)
        #expect(try status(of: start + "X: " + String(repeating: "a", count: 8300) + "\r\n", memory: large) == 431)
    }

    @Test("S-20: thousands of query arguments and cookies are only bytes of a line")
    func manyArguments() throws {
        try withServer { server in
            let client = try RawClient(port: server.boundPort)
            client.send("GET /?" + String(repeating: "a&", count: 3500) + " HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.readAnswer().status == 200)
            client.send(start + "Cookie: " + String(repeating: "a=b; ", count: 1400) + "\r\n\r\n")
            #expect(try client.readAnswer().status == 200)
        }
    }

    @Test("a body larger than its plan allows is 413, declared or not, before it is read whole")
    func bodyTooLarge() throws {
        let handler = TestHandler(begin: { _ in .collect(maximum: 1000) })
        try withServer(handler) { server in
            let declared = try RawClient(port: server.boundPort)
            declared.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\nstart")
            let (text, end) = declared.readToEnd()
            #expect(text.hasPrefix("HTTP/1.1 413 "))
            #expect(end == .closed)
            let chunked = try RawClient(port: server.boundPort)
            chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "200\r\n" + String(repeating: "a", count: 512) + "\r\n"
            for _ in 0..<10 { chunked.send(chunk) }
            #expect(chunked.readToEnd().text.hasPrefix("HTTP/1.1 413 "))
        }
    }
}
