import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@Suite("The prototype's routes, called the way its users call them")
struct PrototypeRouteTests {
    private static let token = "a-token-of-the-environment-0123456789"

    private func curl(_ arguments: String..., as token: String? = token) throws -> (status: Int, body: JSONValue) {
        let credentials = token.map { ["-H", "Authorization: Bearer " + $0] } ?? []
        let ran = try run("/usr/bin/curl", ["-sS", "-w", "\\n%{http_code}"] + credentials + arguments)
        try #require(ran.code == 0, "\(ran)")
        let lines = ran.output.split(separator: "\n", omittingEmptySubsequences: false)
        let body = Array(lines.dropLast().joined(separator: "\n").utf8)
        return (Int(lines.last ?? "") ?? 0, (try? JSONParser.parse(body, allowsFractions: true)) ?? .null)
    }

    @Test("upload, stage, list, promote, approve: same paths, same keys, now gated", .timeLimit(.minutes(3)))
    func wholeFlow() throws {
        try World.with(policy: "{approvers: 1, signatures: browser-accepted}") { world in
            let artifact = try world.release("1.0.0")
            try world.hub.start(environment: ["AURORA_API_TOKEN": Self.token])
            let (updater, dashboard) = (world.hub.updater, world.hub.dashboard)
            #expect(try curl(updater + "/list", as: nil).status == 401)
            for suffix in [".release.json", ".release.json.asc", ""] {
                let sent = try curl("-F", "artifact=@\(artifact)\(suffix)", dashboard + "/api/updater/upload")
                #expect(sent.status == 200)
                #expect(sent.body["ok"] == true)
            }
            let staged = try curl("--data-urlencode", "filename=app-1.0.0.tar.gz", dashboard + "/api/updater/stage")
            #expect(staged.status == 200, "\(staged.body)")
            #expect(staged.body["ok"] == true)
            let digest = try #require(try curl(updater + "/list").body["staged"]?[0]?.string)
            #expect(try curl(dashboard + "/api/updater/list").body["staged"]?[0]?.string == digest)

            #expect(try curl("-X", "POST", updater + "/promote").status == 400)
            #expect(
                try curl("-X", "POST", updater + "/promote?hash=" + String(repeating: "0", count: 64)).status == 404)
            let gated = try curl("-X", "POST", updater + "/promote?hash=\(digest)&target=app")
            #expect(gated.status == 409)
            #expect(gated.body["code"] == "approval_required")
            #expect(gated.body["error"] != nil)
            #expect(world.served.isEmpty)
            let listed = try curl(updater + "/suggestions").body["suggestions"]
            #expect(listed?.array?.count == 1)
            #expect(try curl(dashboard + "/api/suggestions/list").status == 200)
            let lines = try curl(dashboard + "/api/audit/last?n=200").body["lines"]?.array ?? []
            #expect(lines.allSatisfy { Int64($0.string?.split(separator: " ").first ?? "") != nil })
            #expect(!lines.isEmpty)
        }
    }
}
