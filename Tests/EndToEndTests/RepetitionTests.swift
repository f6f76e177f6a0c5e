import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

/// S-34 across the death of the hub: a repeated key never does a thing twice.
@Suite("Repetitions after a crash")
struct RepetitionTests {
    private static let token = "a-token-that-is-long-enough-for-anybody-0123456789"

    private struct Reply {
        let status: Int
        let head: String
        let json: JSONValue
    }

    private static func arguments(_ method: String, _ url: String, _ headers: [String], _ body: [String]) -> [String] {
        ["-sS", "-i", "--max-time", "100", "-X", method, "-H", "Authorization: Bearer \(token)", "-H", "Expect:"]
            + headers.flatMap { ["-H", $0] } + body + [url]
    }

    private func ask(
        _ method: String, _ url: String, _ headers: [String] = [], _ body: [String] = []
    ) throws -> Reply {
        let ran = try run("/usr/bin/curl", Self.arguments(method, url, headers, body))
        try #require(ran.code == 0, "\(ran)")
        let parts = ran.output.components(separatedBy: "\r\n\r\n")
        let status = Int(parts[0].split(separator: " ").dropFirst().first ?? "") ?? 0
        return Reply(
            status: status, head: parts[0],
            json: (try? JSONParser.parse(Array((parts.last ?? "").utf8), allowsFractions: true)) ?? .null)
    }

    private static let json = "Content-Type: application/json"

    @Test(
        "S-34 a request cut off by kill -9 is told so when repeated, and a finished one gets its answer again",
        .timeLimit(.minutes(5)))
    func killed() throws {
        try World.with(hubArguments: ["--dev"]) { world in
            // A trial that never ends by itself.
            let yaml = try readText(world.root + "/aurora.yaml").split(separator: "\n").map { line in
                line.contains("health: [")
                    ? "    health: [/usr/bin/tail, -f, /dev/null]"
                    : line.contains("health_timeout") ? "    health_timeout_seconds: 3600" : String(line)
            }
            try write(yaml.joined(separator: "\n") + "\n", to: world.root + "/aurora.yaml")
            let environment = ["AURORA_API_TOKEN": Self.token]
            try world.hub.start(environment: environment)
            let artifact = try world.release("1.0.0", isSigned: false)
            let upload = try ask(
                "PUT", world.hub.dashboard + "/api/v1/artifacts/app.tar.gz", [], ["--data-binary", "@\(artifact)"])
            let digest = try #require(upload.json["sha256"]?.string, "\(upload)")
            let stage = ["Idempotency-Key: stage-it-once", "Prefer: wait=60", Self.json]
            let stageBody = ["--data", "{\"artifact\":\"\(digest)\"}"]
            let staged = try ask("POST", world.hub.dashboard + "/api/v1/releases", stage, stageBody)
            try #require(staged.json["state"]?.string == "done", "\(staged)")

            let trial = ["Idempotency-Key: try-it-once", "Prefer: wait=60", Self.json]
            let trialBody = ["--data", "{\"target\":\"app\"}"]
            let path = "/api/v1/releases/\(digest)/trial"
            let waiting = try ChildProcess.start(
                ProcessSpec(
                    executable: "/usr/bin/curl",
                    arguments: Self.arguments("POST", world.hub.dashboard + path, trial, trialBody)),
                output: .null, errorOutput: .null)
            try #require(try eventually { try trials(world.hub).first?["state"]?.string == "running" })
            try world.hub.kill()
            #expect(try #require(try waiting.wait(timeout: .seconds(110))) != .exited(0))

            try world.hub.start(environment: environment)
            let again = try ask("POST", world.hub.dashboard + path, trial, trialBody)
            #expect(again.status == 409 && again.json["code"]?.string == "idempotency_interrupted", "\(again)")
            let known = try trials(world.hub)
            #expect(known.count == 1 && known.first?["state"]?.string == "interrupted", "\(known)")
            let replayed = try ask("POST", world.hub.dashboard + "/api/v1/releases", stage, stageBody)
            #expect(replayed.status == 202 && replayed.head.contains("Idempotency-Replayed: true"), "\(replayed)")
            #expect(replayed.json["id"] == staged.json["id"])
        }
    }

    private func trials(_ hub: HubProcess) throws -> [JSONValue] {
        let all = try ask("GET", hub.dashboard + "/api/v1/changes").json["items"]?.array ?? []
        return all.filter { $0["kind"]?.string == "trial" }
    }
}
