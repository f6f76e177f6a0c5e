import AuroraAudit
import AuroraCrypto
import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTestSupport
import Foundation
import Synchronization
import Testing

@testable import AuroraHTTP
@testable import AuroraHub

/// A clock that tests turn by hand.
final class TestClock: Sendable {
    private let moment: Mutex<Int64>

    init(_ start: Int64 = 1_800_000_000_000) { moment = Mutex(start) }

    var wall: WallClock { WallClock { self.moment.withLock { $0 } } }

    func advance(seconds: Int64) { moment.withLock { $0 += seconds * 1000 } }
}

/// Collects log lines.
final class LogLines: Sendable {
    private let collected = Mutex<[String]>([])
    var lines: [String] { collected.withLock { $0 } }
    func add(_ line: String) { collected.withLock { $0.append(line) } }
}

/// A real hub in a folder of its own, with people in it; nothing is faked but the clock.
final class TestHub {
    let folder: String
    let clock: TestClock
    let hub: Hub
    let log = LogLines()
    let listening: Listening

    /// Where the built programs are: beside the test program.
    static let products: String = {
        let path = (try? FileTree.readLink("/proc/self/exe")) ?? ""
        // The test runner may live in the toolchain; the bundle it was given lies with the products.
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? path
        return (bundle as NSString).deletingLastPathComponent
    }()

    init(
        _ folder: String, isDev: Bool = false, yaml: String? = nil, token: String? = nil,
        clock: TestClock = TestClock(),
        behindProxy: Bool = false
    ) throws {
        self.folder = folder
        self.clock = clock
        var options = HubOptions(state: folder + "/state")
        options.isDev = isDev
        options.apiToken = token
        options.isBehindProxy = behindProxy
        options.updaterPort = 0
        options.dashboardPort = 0
        options.auroraPath = Self.products + "/aurora"
        options.launcherPath = Self.products + "/aurora-launcher"
        let text = yaml ?? Self.yaml(folder)
        let configuration = try HubConfiguration.parse(Array(text.utf8), file: folder + "/aurora.yaml")
        listening = try Listening(options, configuration)
        let lines = log
        hub = try Hub(
            options: options, configuration: configuration, listening: listening,
            log: Log(json: true, level: .debug, clock: clock.wall) { lines.add($0) }, clock: clock.wall)
    }

    /// One target that is a link, and no release keys.
    static func yaml(_ folder: String, more: String = "") -> String {
        """
        version: aurora-config-v1
        limits: { requests_per_second: 100000, request_burst: 100000, stranger_requests_per_second: 100000, \
        stranger_burst: 100000 }
        hub: { free_disk_floor_bytes: 0 }
        targets:
          - { name: gateway, path: \(folder)/app/current, kind: link, domain: core }
        policies:
          core: { allow_unsigned: true }
        \(more)
        """
    }

    // MARK: People

    /// An account with a token of its role.
    @discardableResult
    func person(_ name: String, _ role: Role) throws -> String {
        let user = try #require(UserName(name))
        let made = try hub.accounts.ensure(user, role: role)
        let identity = hub.accounts.settings.identity(
            of: made, scopedTo: role, via: .session, handle: "test", expires: nil)
        return try hub.accounts.makeToken(
            name: "test", role: role, lifetime: 86_400 * 30, for: identity, by: .system
        ).secret
    }

    /// An admin, so that role changes never lock the hub.
    func admin() throws -> String { try person("root", .admin) }

    // MARK: Requests in the process

    /// What came back.
    struct Answer {
        let status: Int
        let headers: HTTPHeaders
        let bytes: [UInt8]
        var text: String { String(decoding: bytes, as: UTF8.self) }
        var json: JSONValue { (try? JSONParser.parse(bytes)) ?? .null }
        var code: String? { json["code"]?.string }
    }

    func send(
        _ method: HTTPMethod, _ target: String, port: HubPort = .dashboard, token: String? = nil,
        headers: HTTPHeaders = [:], json: JSONValue? = nil, form: String? = nil, body: [UInt8]? = nil,
        address: String = "127.0.0.1", isHead: Bool = false
    ) -> Answer {
        var fields = headers
        if fields["Host"] == nil { fields["Host"] = "localhost:9711" }
        if let token { fields["Authorization"] = "Bearer \(token)" }
        var bytes = body ?? []
        if let json {
            bytes = json.compactBytes
            if fields["Content-Type"] == nil { fields["Content-Type"] = "application/json" }
        }
        if let form {
            bytes = Array(form.utf8)
            if fields["Content-Type"] == nil { fields["Content-Type"] = "application/x-www-form-urlencoded" }
        }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        let query = parts.count > 1 ? (try? QueryParser.parse(parts[1])) ?? [] : []
        let head = RequestHead(
            method: method, target: target, path: path, query: query, headers: fields, remoteAddress: address,
            isHead: isHead, contentLength: bytes.isEmpty ? nil : UInt64(bytes.count))
        return answer(run(head, bytes, on: port))
    }

    private func run(_ head: RequestHead, _ bytes: [UInt8], on port: HubPort) -> HTTPResponse {
        let handler = hub.handler(for: port)
        if !head.hasBody, let fast = handler.fast(head) { return fast }
        guard head.hasBody else { return handler.respond(HTTPRequest(head: head)) }
        do {
            switch handler.begin(head) {
            case .reject(let response): return response
            case .none: return handler.respond(HTTPRequest(head: head))
            case .collect(let maximum):
                guard bytes.count <= maximum else { return HTTPResponse(status: 413) }
                return handler.respond(HTTPRequest(head: head, body: .bytes(bytes)))
            case .stream(let sink):
                try bytes.withUnsafeBytes { try sink.receive($0) }
                return handler.respond(HTTPRequest(head: head, body: .stream(sink)))
            case .multipart(let sink): return HTTPResponse(status: 500, text: "send forms over a socket: \(sink)")
            }
        } catch { return handler.failed(error, head: head) }
    }

    private func answer(_ response: HTTPResponse) -> Answer {
        if case .parked(let parked) = response.body {
            let goesOn = DispatchSemaphore(value: 0)
            parked.waker.onWake { _ in goesOn.signal() }
            goesOn.wait()
            return answer((try? parked.answer(.ready)) ?? HTTPResponse(status: 500))
        }
        return switch response.body {
        case .bytes(let bytes): Answer(status: response.status, headers: response.headers, bytes: bytes)
        case .prepared(let prepared):
            Answer(status: prepared.status, headers: prepared.headers, bytes: prepared.bytes)
        case .none, .file, .events, .parked: Answer(status: response.status, headers: response.headers, bytes: [])
        }
    }

    // MARK: Releases

    /// A small real archive with these files.
    func archive(_ files: [String: String]) throws -> [UInt8] {
        let folder = "\(folder)/archive-\(SecureRandom.bytes(6).map { String($0) }.joined())"
        for (name, text) in files { try write(text, to: "\(folder)/\(name)") }
        let result = try Processes.run(
            ProcessSpec(
                executable: "/usr/bin/tar",
                arguments: ["-C", folder, "--format=pax", "--owner=0", "--group=0", "-czf", "\(folder).tar.gz"]
                    + files.keys.sorted(),
                workingDirectory: "/"))
        try #require(result.outcome == .exited(0), "\(String(decoding: result.errorOutput, as: UTF8.self))")
        return try DurableFile.read("\(folder).tar.gz")
    }

    /// Uploads and stages a release through the API; its digest.
    func staged(_ version: String, token: String) throws -> String {
        let upload = send(
            .put, "/api/v1/artifacts/app-\(version).tar.gz", token: token,
            body: try archive(["VERSION": version, "bin/run": "#!/bin/sh\necho \(version)\n"]))
        try #require(upload.status == 201, "\(upload.text)")
        let digest = try #require(upload.json["sha256"]?.string)
        let stage = send(
            .post, "/api/v1/releases", token: token, headers: ["Prefer": "wait=30"], json: ["artifact": .string(digest)]
        )
        try #require(stage.json["state"]?.string == "done", "\(stage.text)")
        return digest
    }

    /// What the target shows.
    var live: String { (try? readText(folder + "/app/current/VERSION")) ?? "nothing" }

    /// The change with this id, after its end.
    func ended(_ id: String, token: String) -> JSONValue {
        send(.get, "/api/v1/changes/\(id)", token: token, headers: ["Prefer": "wait=30"]).json
    }

    // MARK: Sessions

    /// A browser's login.
    struct Browser {
        let cookie: String
        let csrf: String
        var reading: HTTPHeaders { ["Cookie": cookie] }
        var changing: HTTPHeaders {
            ["Cookie": cookie, "X-CSRF-Token": csrf, "Origin": "http://localhost:9711"]
        }
    }

    func browser(_ name: String) throws -> Browser {
        let user = try #require(UserName(name))
        let (link, _) = try hub.accounts.makeLoginLink(for: user, by: .system)
        let code = try #require(link.split(separator: "=").last)
        let answer = send(.post, "/api/v1/session", json: ["code": .string(String(code))])
        try #require(answer.status == 200, "\(answer.text)")
        let cookie = try #require(answer.headers["Set-Cookie"]?.split(separator: ";").first)
        return Browser(cookie: String(cookie), csrf: try #require(answer.json["csrf"]?.string))
    }

    // MARK: Audit

    func entries() throws -> [AuditEntry] {
        try hub.audit.entries(from: 0, limit: 1000).map { try $0.decoded() }
    }

    /// Whatever a test did: the log holds nothing that docs/reference/audit.md does not tell.
    func expectKnownActs() throws {
        guard let size = try? hub.audit.size, size <= 1000 else { return }
        for entry in try entries() {
            guard let act = AuditAct(rawValue: entry.action) else {
                #expect(entry.action.hasPrefix("test."), "\(entry.action) is no act")
                continue
            }
            let told = act.facts.details.map(\.name) + ["dev"]
            for detail in entry.details where !detail.name.hasPrefix("cut_") {
                let isTold = told.contains(detail.name) || detail.name.hasPrefix("code.") && told.contains("code.…")
                #expect(isTold, "\(entry.action) has the detail \(detail.name), which AuditAct+Facts does not tell")
            }
        }
    }
}

/// Runs `body` with a hub of its own.
func withHub<T>(
    isDev: Bool = false, yaml: ((String) -> String)? = nil, token: String? = nil, _ body: (TestHub) throws -> T
) throws -> T {
    try withTemporaryDirectory { folder in
        try FileManager.default.createDirectory(atPath: folder + "/app", withIntermediateDirectories: true)
        let hub = try TestHub(folder, isDev: isDev, yaml: yaml?(folder), token: token)
        defer { hub.hub.close() }
        let result = try body(hub)
        try hub.expectKnownActs()
        return result
    }
}
