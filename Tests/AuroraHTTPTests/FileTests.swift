import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraHTTP

@Suite struct FileTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let fields: String
        let status: Int
        var body = ""
        var contentRange: String?
        var testDescription: String { fields }
    }

    private static let tag = "\"abc\""

    @Test(
        "a file is served whole, in the one range asked for, or not at all",
        arguments: [
            Case(fields: "", status: 200, body: "0123456789"),
            Case(fields: "Range: bytes=0-3\r\n", status: 206, body: "0123", contentRange: "bytes 0-3/10"),
            Case(fields: "Range: bytes=4-\r\n", status: 206, body: "456789", contentRange: "bytes 4-9/10"),
            Case(fields: "Range: bytes=-3\r\n", status: 206, body: "789", contentRange: "bytes 7-9/10"),
            Case(fields: "Range: bytes=-30\r\n", status: 206, body: "0123456789", contentRange: "bytes 0-9/10"),
            Case(fields: "Range: bytes=8-100\r\n", status: 206, body: "89", contentRange: "bytes 8-9/10"),
            Case(fields: "Range: bytes=9-9\r\n", status: 206, body: "9", contentRange: "bytes 9-9/10"),
            Case(fields: "Range: bytes=10-\r\n", status: 416, contentRange: "bytes */10"),
            Case(fields: "Range: bytes=-0\r\n", status: 416, contentRange: "bytes */10"),
            Case(fields: "Range: bytes=18446744073709551615-\r\n", status: 416, contentRange: "bytes */10"),
            Case(fields: "Range: bytes=0-1,3-4\r\n", status: 200, body: "0123456789"),
            Case(fields: "Range: bytes=5-2\r\n", status: 200, body: "0123456789"),
            Case(fields: "Range: bytes=a-b\r\n", status: 200, body: "0123456789"),
            Case(fields: "Range: bytes=99999999999999999999-\r\n", status: 200, body: "0123456789"),
            Case(fields: "Range: lines=1-2\r\n", status: 200, body: "0123456789"),
            Case(fields: "Range: bytes=0-1\r\nRange: bytes=2-3\r\n", status: 200, body: "0123456789"),
            Case(
                fields: "Range: bytes=0-1\r\nIf-Range: \"abc\"\r\n", status: 206, body: "01",
                contentRange: "bytes 0-1/10"),
            Case(fields: "Range: bytes=0-1\r\nIf-Range: \"old\"\r\n", status: 200, body: "0123456789"),
            Case(fields: "If-None-Match: \"abc\"\r\n", status: 304),
            Case(fields: "If-None-Match: \"x\", W/\"abc\"\r\n", status: 304),
            Case(fields: "If-None-Match: *\r\n", status: 304),
            Case(fields: "If-None-Match: \"old\"\r\n", status: 200, body: "0123456789"),
        ])
    func ranges(sample: Case) throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/file"
            let made = open(path, O_CREAT | O_WRONLY, 0o600)
            #expect(write(made, "0123456789", 10) == 10)
            close(made)
            let handler = TestHandler(respond: { request in
                .file(
                    adopting: open(path, O_RDONLY | O_CLOEXEC), size: 10, entityTag: Self.tag, for: request.head)
            })
            try withServer(handler) { server in
                let client = try RawClient(port: server.boundPort)
                for _ in 0..<2 {
                    client.send("GET /file HTTP/1.1\r\nHost: x\r\n\(sample.fields)\r\n")
                    let answer = try client.readAnswer()
                    #expect(answer.status == sample.status)
                    #expect(answer.text == sample.body)
                    #expect(answer.headers["content-range"] == sample.contentRange)
                    #expect(answer.headers["etag"] == Self.tag)
                    #expect(answer.headers["accept-ranges"] == "bytes")
                }
            }
        }
    }

    @Test("a file of 80 MiB is sent whole and its descriptor closed, also to a client that leaves early")
    func bigFile() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/big"
            let made = open(path, O_CREAT | O_WRONLY, 0o600)
            #expect(ftruncate(made, 80 << 20) == 0)
            close(made)
            let handler = TestHandler(respond: { request in
                .file(adopting: open(path, O_RDONLY | O_CLOEXEC), size: 80 << 20, for: request.head)
            })
            try withServer(handler) { server in
                let leaving = try RawClient(port: server.boundPort)
                leaving.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(leaving.read(until: "200 OK"))
                leaving.reset()
                let client = try RawClient(port: server.boundPort)
                client.send("GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                let (text, end) = client.readToEnd(seconds: 30)
                #expect(end == .closed)
                #expect(text.utf8.count > 80 << 20)
            }
            #expect(openDescriptors(of: path) == 0)
        }
    }

    /// How many descriptors of this process are the file at `path`.
    private func openDescriptors(of path: String) -> Int {
        (0..<1024).filter { number in
            var buffer = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/self/fd/\(number)", &buffer, buffer.count - 1)
            return count > 0 && buffer.prefix(count).map { UInt8(bitPattern: $0) } == Array(path.utf8)
        }.count
    }
}
