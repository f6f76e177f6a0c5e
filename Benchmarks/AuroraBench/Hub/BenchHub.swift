import AuroraFetch
import AuroraModel
import AuroraSystem
import Foundation

/// The real hub: `aurora hub start` of the release build, with a token and without limits on how often we ask.
final class BenchHub {
    let server: ServerProcess
    let token = SecureRandom.bytes(32).map { String(format: "%02x", $0) }.joined()
    private let dashboardPort: UInt16
    private let client = HTTPClient()

    /// Starts a hub whose state lies in `folder/state`.
    ///
    /// - Parameter signing: the `signing:` section of the configuration.
    init(_ bench: Bench, folder: String, core: Int?, signing: String = "") throws {
        let updaterPort = try Loopback.freePort()
        dashboardPort = try Loopback.freePort()
        try DurableFile.makeDirectory("\(folder)/srv")
        let configuration = """
            version: aurora-config-v1
            limits:
              requests_per_second: 10000000
              request_burst: 10000000
              stranger_requests_per_second: 10000000
              stranger_burst: 10000000
            \(signing)
            targets:
              - name: bench
                path: \(folder)/srv/app
                kind: link
                domain: core
                safety: routine

            """
        try DurableFile.replace("\(folder)/aurora.yaml", contents: Array(configuration.utf8))
        server = try ServerProcess(
            try bench.program("aurora"),
            [
                "hub", "start", "--state", "\(folder)/state", "--config", "\(folder)/aurora.yaml", "--updater-port",
                String(updaterPort), "--dashboard-port", String(dashboardPort), "--log-format", "json",
            ], port: updaterPort, core: core, environment: ["AURORA_API_TOKEN": token, "HOME": folder],
            log: "\(folder)/hub.log")
    }

    /// Addresses on the updater's port (9710 by default).
    func updater(_ path: String) -> String { "http://127.0.0.1:\(server.port)\(path)" }

    /// Addresses on the operators' port (9711 by default).
    func dashboard(_ path: String) -> String { "http://127.0.0.1:\(dashboardPort)\(path)" }

    /// A request line and fields, for raw sockets.
    func rawRequest(_ path: String) -> String {
        "GET \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n\r\n"
    }

    /// Sends a request; any answer but 2xx is an error.
    func send(
        _ method: String, _ url: String, headers: [(name: String, value: String)] = [], body: ClientBody = .none
    ) throws -> [UInt8] {
        let answer = try client.perform(
            ClientRequest(
                method: method, url: url, headers: [("Authorization", "Bearer \(token)")] + headers, body: body))
        guard (200..<300).contains(answer.status) else {
            throw BenchError("\(method) \(url): \(answer.status) \(answer.text.prefix(300))")
        }
        return answer.body
    }

    /// Uploads a file in one request and returns its digest.
    func upload(_ path: String, as name: String) throws -> String {
        let answer = try send("PUT", updater("/artifacts/\(name)"), body: .file(path: path))
        guard let digest = try JSONParser.parse(answer)["sha256"]?.string else {
            throw BenchError("the hub names no digest")
        }
        return digest
    }

    /// Stages an artifact and waits for the end.
    func stage(_ digest: String) throws {
        let wait = [(name: "Prefer", value: "wait=60"), (name: "Content-Type", value: "application/json")]
        let body = Array("{\"artifact\":\"\(digest)\"}".utf8)
        var change = try JSONParser.parse(
            try send("POST", dashboard("/api/v1/releases"), headers: wait, body: .bytes(body)))
        for _ in 0..<10 {
            switch change["state"]?.string {
            case "done": return
            case "queued", "running":
                let id = change["id"]?.string ?? ""
                change = try JSONParser.parse(
                    try send("GET", dashboard("/api/v1/changes/\(id)"), headers: [wait[0]]))
            default: throw BenchError("the stage ended badly: \(String(decoding: change.compactBytes, as: UTF8.self))")
            }
        }
        throw BenchError("the stage does not end")
    }
}
