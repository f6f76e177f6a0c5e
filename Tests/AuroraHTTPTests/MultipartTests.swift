import AuroraTestSupport
import Synchronization
import Testing

@testable import AuroraHTTP

/// Writes down what happens, parts' bytes as counts.
final class RecordingSink: MultipartSink {
    private let log = Mutex<[String]>([])
    private let count = Atomic<Int>(0)
    let ends = Collected<BodyAbort>()

    var lines: [String] { log.withLock { $0 } }

    func partBegan(_ part: MultipartPart) throws {
        count.store(0, ordering: .relaxed)
        log.withLock { $0.append("\(part.name)|\(part.filename ?? "-")|\(part.contentType ?? "-")") }
    }

    func partData(_ bytes: UnsafeRawBufferPointer) throws {
        count.add(bytes.count, ordering: .relaxed)
    }

    func partEnded() throws {
        log.withLock { $0.append("= \(count.load(ordering: .relaxed))") }
    }

    func aborted(_ reason: BodyAbort) {
        ends.add(reason)
    }
}

@Suite struct MultipartTests {
    private func post(_ body: [UInt8], type: String = "multipart/form-data; boundary=XX") throws -> (
        Answer, RecordingSink
    ) {
        let sink = RecordingSink()
        let handler = TestHandler(begin: { _ in .multipart(sink) }, respond: { _ in HTTPResponse(text: "done") })
        return try withServer(handler) { server in
            let client = try RawClient(port: server.boundPort)
            client.send(
                "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\n\r\n")
            client.send(body)
            return (try client.readAnswer(seconds: 30), sink)
        }
    }

    private func field(_ name: String, _ value: String) -> String {
        "--XX\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
    }

    @Test("fields and files arrive part by part")
    func parts() throws {
        let file =
            "--XX\r\nContent-Disposition: form-data; name=\"artifact\"; filename=\"a b.tar\"\r\n"
            + "Content-Type: application/x-tar\r\n\r\n\r\n--X\r\n--XY\r\n\r\n"
        let (answer, sink) = try post(Array((field("a", "12345") + field("empty", "") + file + "--XX--\r\n").utf8))
        #expect(answer.status == 200)
        #expect(
            sink.lines == ["a|-|-", "= 5", "empty|-|-", "= 0", "artifact|a b.tar|application/x-tar", "= 13"])
    }

    @Test("a file of 64 MiB in a form arrives whole")
    func bigFile() throws {
        let head = "--XX\r\nContent-Disposition: form-data; name=\"artifact\"; filename=\"big\"\r\n\r\n"
        let bytes = Array(head.utf8) + [UInt8](repeating: 0x0D, count: 64 << 20) + Array("\r\n--XX--\r\n".utf8)
        let (answer, sink) = try post(bytes)
        #expect(answer.status == 200)
        #expect(sink.lines == ["artifact|big|-", "= \(64 << 20)"])
    }

    @Test(
        "a form that is cut off or broken is 400 and the sink is told",
        arguments: [
            "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nhello", "nonsense", "--XX", "--XX\r\n\r\nx",
        ])
    func broken(body: String) throws {
        let (answer, sink) = try post(Array(body.utf8))
        #expect(answer.status == 400)
        #expect(answer.text.contains("body_malformed"))
        #expect(sink.ends.first { _ in true } == .refused)
    }

    @Test(
        "what is no form is 415",
        arguments: [
            "application/json", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=XX",
        ])
    func otherTypes(type: String) throws {
        let (answer, sink) = try post(Array(field("a", "b").utf8), type: type)
        #expect(answer.status == 415)
        #expect(sink.ends.first { _ in true } == .refused)
    }

    @Test("an abort in the middle of a form is told to the sink")
    func aborted() throws {
        let sink = RecordingSink()
        try withServer(TestHandler(begin: { _ in .multipart(sink) })) { server in
            let client = try RawClient(port: server.boundPort)
            client.send(
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=XX\r\n"
                    + "Content-Length: 100000\r\n\r\n" + field("a", "b"))
            client.reset()
            #expect(sink.ends.first { _ in true } == .connectionLost)
        }
    }

    @Test("small URL-encoded forms are decoded from a collected body")
    func urlEncoded() throws {
        let handler = TestHandler(respond: { request in
            HTTPResponse(text: request.formFields.map { "\($0.map { "\($0.name)=\($0.value)" })" } ?? "broken")
        })
        try withServer(handler) { server in
            let client = try RawClient(port: server.boundPort)
            client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\nfilename=a+b%2Ftar&c")
            #expect(try client.readAnswer().text == #"["filename=a b/tar", "c="]"#)
            client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=%")
            #expect(try client.readAnswer().text == "broken")
        }
    }
}
