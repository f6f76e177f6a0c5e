import AuroraFetch
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraHub

/// A hub that serves on free ports, and a client of it.
final class TestServer {
    let test: TestHub
    let server: HubServer
    private let client = HTTPClient()

    init(_ test: TestHub) throws {
        self.test = test
        server = try HubServer(hub: test.hub, listening: test.listening)
    }

    func url(_ target: String, _ port: HubPort = .dashboard) -> String {
        "http://127.0.0.1:\(server.port(port) ?? 0)\(target)"
    }

    func send(
        _ method: String, _ target: String, port: HubPort = .dashboard, token: String? = nil,
        headers: [(name: String, value: String)] = [], body: [UInt8]? = nil
    ) throws -> ClientResponse {
        var fields = headers
        if let token { fields.append((name: "Authorization", value: "Bearer \(token)")) }
        let request = ClientRequest(
            method: method, url: url(target, port), headers: fields, body: body.map { .bytes($0) } ?? .none)
        return try client.perform(request, download: .memory(limit: 64 << 20))
    }

    func json(_ response: ClientResponse) -> JSONValue { (try? JSONParser.parse(response.body)) ?? .null }

    /// A form with one file, as the prototype's page sends it.
    static func form(_ field: String, fileName: String, _ bytes: [UInt8]) -> (type: String, body: [UInt8]) {
        let boundary = "----aurora-test-boundary"
        let head =
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(field)\"; filename=\"\(fileName)\"\r\n"
            + "Content-Type: application/gzip\r\n\r\n"
        return (
            "multipart/form-data; boundary=\(boundary)",
            Array(head.utf8) + bytes + Array("\r\n--\(boundary)--\r\n".utf8)
        )
    }
}

/// Runs `body` with a hub that serves on free ports.
func withServer<T>(isDev: Bool = false, yaml: ((String) -> String)? = nil, _ body: (TestServer) throws -> T) throws -> T
{
    try withTemporaryDirectory { folder in
        try FileManager.default.createDirectory(atPath: folder + "/app", withIntermediateDirectories: true)
        let test = try TestHub(folder, isDev: isDev, yaml: yaml?(folder))
        let server = try TestServer(test)
        defer { server.server.stop(within: .seconds(5)) }
        return try body(server)
    }
}
