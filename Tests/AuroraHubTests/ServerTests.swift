import AuroraAudit
import AuroraFetch
import AuroraHTTP
import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraHub

@Suite("Over real sockets")
struct ServerTests {
    @Test("health needs no login, says the version, and answers on both ports")
    func health() throws {
        try withServer { server in
            for port in HubPort.allCases {
                let answer = try server.send("GET", "/healthz", port: port)
                #expect(answer.status == 200 && server.json(answer)["status"]?.string == "ok")
                #expect(answer.header("Content-Security-Policy") != nil)
                #expect(try server.send("HEAD", "/healthz", port: port).status == 200)
            }
            #expect(try server.send("GET", "/metrics").status == 401)
        }
    }

    @Test("the prototype's upload form, its stage and its list work over a socket")
    func multipartUpload() throws {
        try withServer { server in
            let rel = try server.test.person("rel", .release)
            let archive = try server.test.archive(["VERSION": "1"])
            let form = TestServer.form("artifact", fileName: "app.tar.gz", archive)
            let upload = try server.send(
                "POST", "/api/updater/upload", token: rel, headers: [(name: "Content-Type", value: form.type)],
                body: form.body)
            #expect(upload.status == 200, "\(upload.text)")
            #expect(server.json(upload)["filename"]?.string == "app.tar.gz")
            let stage = try server.send(
                "POST", "/api/updater/stage", token: rel,
                headers: [(name: "Content-Type", value: "application/x-www-form-urlencoded")],
                body: Array("filename=app.tar.gz".utf8))
            #expect(stage.status == 200, "\(stage.text)")
            let digest = try #require(server.json(stage)["staging"]?.string)
            for _ in 0..<3 {
                let list = try server.send("GET", "/list", port: .updater, token: rel)
                #expect(server.json(list)["staged"]?.array == [.string(digest)])
                #expect(list.header("X-Content-Type-Options") == "nosniff")
            }
            let content = try server.send("GET", "/api/v1/artifacts/\(digest)/content", token: rel)
            #expect(content.body == archive)
            let part = try server.send(
                "GET", "/api/v1/artifacts/\(digest)/content", token: rel,
                headers: [(name: "Range", value: "bytes=2-5")])
            #expect(part.status == 206 && part.body == Array(archive[2...5]))
            let beyond = try server.send(
                "GET", "/api/v1/artifacts/\(digest)/content", token: rel,
                headers: [(name: "Range", value: "bytes=99999999-")])
            #expect(beyond.status == 416)
        }
    }

    @Test("defect 19: a form's file name with a path in it is refused and stores nothing")
    func multipartFileName() throws {
        try withServer { server in
            let rel = try server.test.person("rel", .release)
            for name in ["../../evil.py", "/etc/cron.d/x", "a/b"] {
                let form = TestServer.form("artifact", fileName: name, [1, 2, 3])
                let answer = try server.send(
                    "POST", "/api/updater/upload", token: rel, headers: [(name: "Content-Type", value: form.type)],
                    body: form.body)
                #expect(answer.status == 400, "\(name): \(answer.status)")
                #expect(server.json(answer)["detail"] != nil)
            }
            #expect(server.test.hub.releases.uploads.usage.storedBytes == 0)
        }
    }

    @Test("an upload goes on where it stopped, and a wrong offset says the right one")
    func resumableUpload() throws {
        try withServer { server in
            let rel = try server.test.person("rel", .release)
            let bytes = [UInt8]((0..<100_000).map { UInt8($0 % 251) })
            let begun = try server.send(
                "POST", "/uploads?filename=big.tar", port: .updater, token: rel,
                headers: [(name: "Upload-Complete", value: "?0"), (name: "Upload-Length", value: "100000")],
                body: Array(bytes[..<40_000]))
            #expect(begun.status == 201, "\(begun.text)")
            let place = try #require(begun.header("Location"))
            #expect(begun.header("Upload-Offset") == "40000")
            let head = try server.send("HEAD", place, port: .updater, token: rel)
            #expect(head.header("Upload-Offset") == "40000" && head.header("Upload-Complete") == "?0")
            let type = (name: "Content-Type", value: "application/partial-upload")
            let wrong = try server.send(
                "PATCH", place, port: .updater, token: rel,
                headers: [type, (name: "Upload-Offset", value: "7"), (name: "Upload-Complete", value: "?1")],
                body: Array(bytes[7...]))
            #expect(wrong.status == 409)
            let rest = try server.send(
                "PATCH", place, port: .updater, token: rel,
                headers: [type, (name: "Upload-Offset", value: "40000"), (name: "Upload-Complete", value: "?1")],
                body: Array(bytes[40_000...]))
            #expect(rest.status == 200, "\(rest.text)")
            #expect(server.json(rest)["sha256"]?.string == Digest(hashing: bytes).hex)
        }
    }

    @Test("a change can be followed as server-sent events to its end")
    func events() throws {
        try withServer { server in
            let rel = try server.test.person("rel", .release)
            let upload = try server.send(
                "PUT", "/artifacts/app.tar.gz", port: .updater, token: rel,
                body: try server.test.archive(["VERSION": "1"]))
            #expect(upload.status == 201, "\(upload.text)")
            let stage = try server.send(
                "POST", "/api/v1/releases", token: rel,
                headers: [(name: "Content-Type", value: "application/json")],
                body: Array("{\"artifact\":\"app.tar.gz\"}".utf8))
            #expect(stage.status == 202, "\(stage.text)")
            let id = try #require(server.json(stage)["id"]?.string)
            let events = try server.send("GET", "/api/v1/changes/\(id)/events", token: rel)
            #expect(events.text.contains("event: change\n") && events.text.contains("event: end\n"))
            #expect(events.text.contains("\"state\":\"done\""))
            let ids = events.text.split(separator: "\n").filter { $0.hasPrefix("id: ") }
            #expect(!ids.isEmpty)
        }
    }

    @Test("S-20 long lines, large heads and many fields are refused before any route is looked for")
    func largeHeads() throws {
        try withServer { server in
            let token = try server.test.admin()
            let line = try server.send(
                "GET", "/healthz", token: token, headers: [(name: "X-Long", value: String(repeating: "a", count: 9000))]
            )
            #expect([400, 431].contains(line.status))
            let target = try server.send("GET", "/healthz?" + String(repeating: "a", count: 9000), token: token)
            #expect([400, 414].contains(target.status))
            let many = try server.send(
                "GET", "/healthz", token: token, headers: (0..<220).map { (name: "X-\($0)", value: "v") })
            #expect([400, 431].contains(many.status))
        }
    }

    @Test("defect 31: a silent client stops nobody", .timeLimit(.minutes(2)))
    func silentClient() throws {
        try withServer { server in
            let token = try server.test.admin()
            let silent = try Silent(port: try #require(server.server.port(.updater)))
            defer { silent.close() }
            #expect(try server.send("GET", "/list", port: .updater, token: token).status == 200)
        }
    }

    @Test("S-28 every documented schema exists, and what is answered fits the description")
    func description() throws {
        try withServer { server in
            let token = try server.test.admin()
            let document = server.json(try server.send("GET", "/api/v1/openapi.json", token: token))
            #expect(document["openapi"]?.string == "3.1.0")
            let schemas = try #require(document["components"]?["schemas"]?.object)
            for route in server.test.hub.table.routes {
                let operation = document["paths"]?[route.pattern.openAPIPath]?[route.method.rawValue.lowercased()]
                #expect(operation != nil, "\(route.name) is not described")
                for response in route.responses {
                    if let schema = response.schema { #expect(schemas[schema] != nil, "\(schema) is not described") }
                }
            }
            for path in [
                "/api/v1/users", "/api/v1/tokens", "/api/v1/whoami", "/api/v1/targets", "/api/v1/releases",
                "/api/v1/artifacts", "/api/v1/suggestions", "/api/v1/changes", "/api/v1/policies",
                "/api/v1/audit/entries", "/api/v1/audit/last", "/api/v1/audit/state", "/api/v1/audit/key", "/healthz",
            ] {
                let answer = try server.send("GET", path, token: token)
                #expect(answer.status == 200, "\(path): \(answer.text)")
                let reference = document["paths"]?[path]?["get"]?["responses"]?["200"]?["content"]?[
                    "application/json"]?[
                        "schema"]?["$ref"]?.string
                let name = try #require(reference?.split(separator: "/").last.map(String.init), "\(path)")
                let problem = Shape(schemas).problem(server.json(answer), schemas[name] ?? .null, "")
                #expect(problem == nil, "\(path): \(problem ?? "")")
            }
        }
    }

    @Test("the metrics have aurora_ names, help and type")
    func metrics() throws {
        try withServer { server in
            let token = try server.test.admin()
            _ = try server.send("GET", "/nothing")
            let text = try server.send("GET", "/metrics", token: token).text
            for name in ["aurora_http_requests_total", "aurora_suggestions_open", "aurora_audit_entries_total"] {
                #expect(text.contains("# TYPE \(name) "))
            }
            for line in text.split(separator: "\n") where !line.hasPrefix("#") { #expect(line.hasPrefix("aurora_")) }
        }
    }

    @Test("a stop lets running requests end and writes the last checkpoint")
    func gracefulStop() throws {
        try withTemporaryDirectory { folder in
            try FileManager.default.createDirectory(atPath: folder + "/app", withIntermediateDirectories: true)
            let test = try TestHub(folder)
            let server = try TestServer(test)
            _ = try test.admin()
            server.server.stop(within: .seconds(5))
            let checkpoint = try readText(folder + "/state/audit/checkpoint")
            #expect(checkpoint.hasPrefix(test.hub.audit.verifierKey.name + "\n"))
            #expect(throws: (any Error).self) { try server.send("GET", "/healthz") }
        }
    }
}

/// A connection that sends half a request and then nothing.
private final class Silent {
    private let descriptor: Int32

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        _ = "POST /approve HTTP/1.1\r\nHost: localhost\r\nContent-Le".withCString {
            Glibc.send(descriptor, $0, strlen($0), 0)
        }
    }

    func close() { Glibc.close(descriptor) }
}

/// Checks values against the small part of JSON Schema that the description uses.
struct Shape {
    let schemas: JSONObject

    init(_ schemas: JSONObject) { self.schemas = schemas }

    /// What does not fit, or nil.
    func problem(_ value: JSONValue, _ schema: JSONValue, _ path: String) -> String? {
        if let reference = schema["$ref"]?.string, let name = reference.split(separator: "/").last {
            return problem(value, schemas[String(name)] ?? .null, path)
        }
        if let choices = schema["anyOf"]?.array {
            return choices.contains { problem(value, $0, path) == nil } ? nil : "\(path) fits no choice"
        }
        switch (schema["type"]?.string, value) {
        case ("string", .string), ("integer", .integer), ("boolean", .bool), ("null", .null): return nil
        case ("array", .array(let items)):
            for (index, item) in items.enumerated() {
                if let problem = problem(item, schema["items"] ?? .null, "\(path)[\(index)]") { return problem }
            }
            return nil
        case ("object", .object(let object)):
            for name in schema["required"]?.array?.compactMap(\.string) ?? [] {
                guard let member = object[name] else { return "\(path).\(name) is missing" }
                if let inner = schema["properties"]?[name], let problem = problem(member, inner, "\(path).\(name)") {
                    return problem
                }
            }
            return nil
        default: return "\(path) is \(value.kindName), not \(schema["type"]?.string ?? "?")"
        }
    }
}
