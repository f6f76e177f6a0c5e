import AuroraSystem
import AuroraTestSupport
import Glibc
import Synchronization
import Testing

@testable import AuroraHTTP

/// Counts what it gets, and can be slow or fail.
final class CountingSink: BodySink {
    let received = Atomic<Int>(0)
    let largest = Atomic<Int>(0)
    let ends = Collected<BodyAbort>()
    private let failAfter: Int
    private let gate: Gate?

    struct Full: Error {}

    init(failAfter: Int = .max, gate: Gate? = nil) {
        self.failAfter = failAfter
        self.gate = gate
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws {
        gate?.wait()
        received.add(bytes.count, ordering: .relaxed)
        if bytes.count > largest.load(ordering: .relaxed) { largest.store(bytes.count, ordering: .relaxed) }
        if received.load(ordering: .relaxed) > failAfter { throw Full() }
    }

    func aborted(_ reason: BodyAbort) {
        ends.add(reason)
    }
}

@Suite struct UploadTests {
    private func handler(_ sink: CountingSink) -> TestHandler {
        TestHandler(
            begin: { _ in .stream(sink) },
            respond: { _ in HTTPResponse(text: "\(sink.received.load(ordering: .relaxed))") })
    }

    /// The most memory this process ever had resident, in KiB.
    static func peakMemory() -> Int {
        guard let file = fopen("/proc/self/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if text.hasPrefix("VmHWM:") { return Int(text.filter(\.isNumber)) ?? 0 }
        }
        return 0
    }

    /// Uploads 256 MiB and checks what arrived and how much memory the process came to need.
    static func uploadInBoundedMemory(isChunked: Bool) throws {
        let sink = CountingSink()
        let piece = [UInt8](repeating: 0x61, count: 1 << 20)
        let handler = TestHandler(
            begin: { _ in .stream(sink) },
            respond: { _ in HTTPResponse(text: "\(sink.received.load(ordering: .relaxed))") })
        try withServer(handler) { server in
            let client = try RawClient(port: server.boundPort)
            let before = peakMemory()
            let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(256 << 20)"
            client.send("PUT /big HTTP/1.1\r\nHost: x\r\n\(framing)\r\n\r\n")
            for _ in 0..<256 {
                if isChunked { client.send("100000\r\n") }
                client.send(piece)
                if isChunked { client.send("\r\n") }
            }
            if isChunked { client.send("0\r\n\r\n") }
            #expect(try client.readAnswer(seconds: 60).text == "\(256 << 20)")
            #expect(sink.largest.load(ordering: .relaxed) < 256 * 1024)
            #expect(sink.ends.all == [])
            #expect(peakMemory() - before < 8 * 1024, "\(peakMemory() - before) KiB more")
        }
    }

    // A process of its own, for other tests beside this one need memory too.
    @Test("S-24: an upload of 256 MiB, with a length or in chunks, needs less than 8 MiB")
    func largeUpload() async {
        await #expect(processExitsWith: .success) {
            try UploadTests.uploadInBoundedMemory(isChunked: false)
            try UploadTests.uploadInBoundedMemory(isChunked: true)
        }
    }

    @Test("a sink that is busy slows the sender down instead of filling memory")
    func backPressure() throws {
        let gate = Gate()
        let sink = CountingSink(gate: gate)
        try withServer(handler(sink)) { server in
            let client = try RawClient(port: server.boundPort)
            client.send("PUT /big HTTP/1.1\r\nHost: x\r\nContent-Length: \(64 << 20)\r\n\r\n")
            let sent = Atomic<Int>(0)
            let isDone = Gate()
            let carried = UncheckedClient(client)
            let thread = try #require(
                ServiceThread(name: "sender") {
                    let piece = [UInt8](repeating: 0x61, count: 1 << 20)
                    for _ in 0..<64 {
                        carried.client.send(piece)
                        sent.add(1 << 20, ordering: .relaxed)
                    }
                    isDone.open()
                })
            // Another request is served while the sink blocks, and the sender is stuck in the socket buffers.
            let other = try RawClient(port: server.boundPort)
            other.send("PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
            #expect(try other.readAnswer().text == "0")
            gate.open()
            #expect(isDone.wait())
            thread.join()
            #expect(try client.readAnswer(seconds: 30).text == "\(64 << 20)")
        }
    }

    @Test("an upload that breaks off is reported once, after the bytes that arrived")
    func aborted() throws {
        let sink = CountingSink()
        try withServer(handler(sink)) { server in
            let client = try RawClient(port: server.boundPort)
            client.send("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
            client.send([UInt8](repeating: 0x61, count: 300_000))
            client.finishSending()
            #expect(sink.ends.first { _ in true } == .connectionLost)
            #expect(sink.received.load(ordering: .relaxed) == 300_000)
            #expect(client.readToEnd().end == .closed)
        }
        #expect(sink.ends.all == [.connectionLost])
    }

    @Test("a sink that fails ends the upload with the handler's answer at once", arguments: [false, true])
    func failingSink(isChunked: Bool) throws {
        let sink = CountingSink(failAfter: 200_000)
        try withServer(handler(sink)) { server in
            let client = try RawClient(port: server.boundPort)
            let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(32 << 20)"
            client.send("PUT /a HTTP/1.1\r\nHost: x\r\n\(framing)\r\n\r\n")
            let piece = [UInt8](repeating: 0x61, count: 1 << 20)
            for _ in 0..<32 {
                if isChunked { client.send("100000\r\n") }
                client.send(piece)
                if isChunked { client.send("\r\n") }
            }
            let (text, _) = client.readToEnd()
            #expect(text.hasPrefix("HTTP/1.1 507 "))
            #expect(text.contains("Full"))
            #expect(sink.ends.all == [.refused])
            #expect(sink.received.load(ordering: .relaxed) < 1 << 20)
        }
    }

    @Test("a sink that fails on the last bytes gets the handler's answer too")
    func failingAtEnd() throws {
        let sink = CountingSink(failAfter: 4)
        try withServer(handler(sink)) { server in
            let client = try RawClient(port: server.boundPort)
            client.send("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
            let answer = try client.readAnswer()
            #expect(answer.status == 507)
            #expect(sink.ends.first { _ in true } == .refused)
        }
    }

    @Test("40 uploads at once through 4 workers all arrive whole")
    func parallelUploads() throws {
        let handler = TestHandler(
            begin: { _ in .stream(CountingSink()) },
            respond: { request in
                guard case .stream(let sink as CountingSink) = request.body else { return HTTPResponse(status: 500) }
                return HTTPResponse(text: "\(sink.received.load(ordering: .relaxed))")
            })
        try withServer(handler) { server in
            let clients = try (0..<40).map { _ in try RawClient(port: server.boundPort) }
            let piece = [UInt8](repeating: 0x61, count: 50_000)
            for client in clients { client.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n") }
            for _ in 0..<10 {
                for client in clients { client.send(piece) }
            }
            for client in clients { #expect(try client.readAnswer().text == "500000") }
        }
    }
}

/// Lends a client to one other thread while this one does not use it.
struct UncheckedClient: @unchecked Sendable {
    let client: RawClient

    init(_ client: RawClient) {
        self.client = client
    }
}
