import AuroraModel
import AuroraSystem
import Synchronization

@testable import AuroraCommands

/// A hub that answers from a table and remembers what it was asked.
final class FakeHub: Sendable {
    /// One request as the hub saw it.
    struct Seen: Sendable {
        let method: String
        let target: String
        let headers: [(name: String, value: String)]
        let body: JSONValue
        let size: Int

        func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
    }

    private let answers: @Sendable (_ method: String, _ target: String) -> HubResponse?
    private let requests = Mutex<[Seen]>([])

    /// A hub that answers by method and target; nil is a 404.
    init(_ answers: @escaping @Sendable (_ method: String, _ target: String) -> HubResponse?) {
        self.answers = answers
    }

    var seen: [Seen] { requests.withLock { $0 } }

    func transport(_ base: String, _ request: HubRequest) throws -> HubResponse {
        var body = JSONValue.null
        var size = 0
        switch request.body {
        case .json(let value): body = value
        case .bytes(let bytes, _): size = bytes.count
        case .file(let path, _): size = try LocalFile.read(path, what: "file", limit: 1 << 30).count
        case .none: break
        }
        let seen = Seen(
            method: request.method, target: request.target, headers: request.headers, body: body, size: size)
        requests.withLock { $0.append(seen) }
        return answers(request.method, request.target) ?? .problem(404, "not_found", "there is nothing here")
    }
}

extension HubResponse {
    /// A success with a JSON body.
    static func json(_ value: JSONValue, status: Int = 200, headers: [(name: String, value: String)] = [])
        -> HubResponse
    {
        HubResponse(status: status, headers: headers, body: value.compactBytes)
    }

    /// A refusal as problem+json.
    static func problem(_ status: Int, _ code: String, _ detail: String, more: [(String, JSONValue)] = [])
        -> HubResponse
    {
        let members: [(String, JSONValue)] = [
            ("status", .integer(Int64(status))), ("code", .string(code)), ("detail", .string(detail)),
            ("instance", "rq-1"),
        ]
        return .json(.object(JSONObject(members + more)), status: status)
    }

    /// A list of one page.
    static func list(_ items: JSONValue...) -> HubResponse { .json(["items": .array(items), "next": nil]) }
}

/// What a run of the program said and how it ended.
struct Ran {
    let code: Int32
    let output: String
    let error: String

    /// Standard output as JSON.
    var json: JSONValue { (try? JSONParser.parse(output)) ?? .null }
}

/// Runs one command line against a fake hub, in a home folder of its own.
struct Bench: Sendable {
    let home: String
    var hub = FakeHub { _, _ in nil }
    var isInteractive = false
    var answers: [String] = []
    var environment: [String: String] = [:]
    var services = LocalServices(
        startHub: { _ in }, backup: { _, _ in [] }, restore: { _, _ in [] }, checkConfiguration: { _ in [] },
        probe: { _ in [] }, deviceFacts: { _, _ in .null }, referencePages: { _ in [] })

    func run(_ arguments: String...) -> Ran { run(arguments) }

    func run(_ arguments: [String]) -> Ran {
        let output = Mutex("")
        let error = Mutex("")
        let lines = Mutex(answers)
        var surroundings = Surroundings(
            environment: ["HOME": home, "PATH": "/usr/bin:/bin", "AURORA_API_TOKEN": "aur_test"].merging(environment) {
                $1
            },
            executable: "/nowhere/aurora", isInteractive: isInteractive, clock: .fixed(1_790_000_000_000))
        surroundings.readLine = { lines.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
        surroundings.readSecret = { _ in Array((lines.withLock { $0.isEmpty ? "" : $0.removeFirst() }).utf8) }
        var program = Program(services: services, surroundings: surroundings)
        program.transport = hub.transport
        let code = program.run(
            arguments, output: { text in output.withLock { $0 += text } },
            error: { text in error.withLock { $0 += text } })
        return Ran(code: code, output: output.withLock { $0 }, error: error.withLock { $0 })
    }
}
