import AuroraTestSupport
import Testing

@testable import AuroraHTTP

@Suite struct ServerTests {
    @Test("a request is answered and the connection kept for the next one")
    func keepAlive() throws {
        try withServer { server in
            let client = try RawClient(port: server.boundPort)
            for number in 1...3 {
                client.send("GET /n\(number)?a=b HTTP/1.1\r\nHost: localhost\r\n\r\n")
                let answer = try client.readAnswer()
                #expect(answer.status == 200)
                #expect(answer.text == "GET /n\(number)?a=b 0\n")
                #expect(answer.headers["connection"] == nil)
            }
        }
    }

    @Test("a body reaches the handler whole, with a length or in chunks")
    func bodies() throws {
        try withServer { server in
            let client = try RawClient(port: server.boundPort)
            client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
            #expect(try client.readAnswer().text == "POST /a 5\n")
            client.send(
                "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            #expect(try client.readAnswer().text == "POST /b 5\n")
            #expect(client.readToEnd().end == .closed, "a chunked request ends its connection")
        }
    }
}
