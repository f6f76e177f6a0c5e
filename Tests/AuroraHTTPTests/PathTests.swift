import AuroraTestSupport
import Testing

@testable import AuroraHTTP

/// S-19, CWE-22, CWE-157, CWE-176: a path has one meaning.
@Suite struct PathTests {
    @Test(
        "S-19: a path trick is refused over the wire and by the parser",
        arguments: [
            "/a/%2e%2e/b", "/a/../b", "/..", "/.", "/a/.", "/a/./b", "/%2E/x", "/a%00b", "/%00", "//", "/a//b", "//a",
            "/a\\b", "/a%5cb", "/a%2fb", "/a%2Fb", "/a;b", "/a%3bx=1", "/%c0%af", "/%c0%ae%c0%ae/", "/%ff",
            "/%ed%a0%80",
            "/%f8%88%80%80%80", "/a%0d%0ab", "/a%0ab", "/%7f", "/%01", "/%", "/%2", "/%zz", "/a%", "/a#b", "/é",
        ])
    func refused(target: String) throws {
        #expect(throws: TransportRefusal.self) { try PathParser.split(target) }
        let handler = TestHandler()
        try withServer(handler) { server in
            let client = try RawClient(port: server.boundPort)
            client.send("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\nGET /second HTTP/1.1\r\nHost: x\r\n\r\n")
            let (text, end) = client.readToEnd()
            #expect(end == .closed)
            #expect(text.hasPrefix("HTTP/1.1 400 "))
            #expect(handler.targets == [])
        }
    }

    @Test("a path is decoded once, into segments (defect 27)")
    func decodedOnce() throws {
        #expect(try PathParser.split("/").path == [])
        #expect(try PathParser.split("/list").path == ["list"])
        #expect(try PathParser.split("/a/b/").path == ["a", "b", ""])
        #expect(try PathParser.split("/a%20b/%C3%A9?x=%2e%2e").path == ["a b", "é"])
        #expect(try PathParser.split("/%252e%252e").path == ["%2e%2e"])
        #expect(try PathParser.split("/...").path == ["..."])
        #expect(String(try PathParser.split("/a?b=c?d").query) == "b=c?d")
    }

    @Test("the prototype's mistakes with targets are gone (defect 27)")
    func prototypeTargets() throws {
        let handler = TestHandler(respond: { request in
            let known = request.head.path == ["list"]
            return HTTPResponse(status: known ? 200 : 404, text: request.head.queryValue("target") ?? "-")
        })
        try withServer(handler) { server in
            let client = try RawClient(port: server.boundPort)
            client.send("GET /list?target=my%20box HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.readAnswer().text == "my box")
            client.send("GET /listfoobar HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.readAnswer().status == 404)
            client.send("HEAD /list?target=abc HTTP/1.1\r\nHost: x\r\n\r\n")
            let head = try client.readAnswer(toHead: true)
            #expect(head.status == 200)
            #expect(head.headers["content-length"] == "3")
        }
    }

    @Test("a query that cannot be decoded is refused", arguments: ["/?a=%", "/?%ff=1", "/?a=%00"])
    func brokenQuery(target: String) throws {
        try withServer { server in
            let client = try RawClient(port: server.boundPort)
            client.send("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.readAnswer().text.contains("query_malformed"))
        }
    }
}
