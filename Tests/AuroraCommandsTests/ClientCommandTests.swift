import AuroraModel
import AuroraTestSupport
import Testing

@testable import AuroraCommands

@Suite("Commands against a hub")
struct ClientCommandTests {
    private static let digest = String(repeating: "ab", count: 32)
    private static let suggestion: JSONValue = [
        "id": "sg-aaaaaaaaaaaaaaaa", "state": "waiting", "target": "gateway", "action": "promote",
        "from": ["version": "1.0.0"], "to": ["version": "2.0.0"], "missing": ["one more approver"],
    ]

    @Test("a listing has the same facts for people, for programs and as names")
    func listing() throws {
        try withTemporaryDirectory { home in
            let bench = Bench(
                home: home,
                hub: FakeHub { _, _ in
                    .list(
                        [
                            "name": "gateway", "domain": "core", "safety": "routine",
                            "active": ["number": 3, "version": "1.2.0"],
                        ])
                })
            let table = bench.run("target", "list")
            #expect(table.code == 0)
            #expect(
                table.output.contains(
                    "TARGET   DOMAIN  SAFETY   ACTIVE  GENERATION  STATE\ngateway  core    routine  1.2.0   3"))
            let json = bench.run("target", "list", "--json").json
            #expect(json["apiVersion"] == "aurora/v1")
            #expect(json["kind"] == "TargetList")
            #expect(json["items"]?[0]?["name"] == "gateway")
            #expect(bench.run("target", "list", "-o", "name").output == "gateway\n")
        }
    }

    @Test("an empty listing says on standard error what would fill it, and nothing on standard output")
    func emptyListing() throws {
        try withTemporaryDirectory { home in
            let ran = Bench(home: home, hub: FakeHub { _, _ in .list() }).run("release", "list")
            #expect(ran.code == 0)
            #expect(ran.output.isEmpty)
            #expect(ran.error.contains("aurora release upload"))
        }
    }

    @Test("lists are read page after page")
    func pages() throws {
        try withTemporaryDirectory { home in
            let hub = FakeHub { _, target in
                target.contains("cursor=two")
                    ? .list(["name": "b", "role": "admin"])
                    : .json(["items": [["name": "a", "role": "viewer"]], "next": "two"])
            }
            #expect(Bench(home: home, hub: hub).run("users", "list", "-o", "name").output == "a\nb\n")
        }
    }

    @Test("text from elsewhere cannot move the cursor or forge a line")
    func hostileText() throws {
        try withTemporaryDirectory { home in
            let hub = FakeHub { _, _ in .list(["name": "x\u{1B}[2J\nforged", "role": "admin"]) }
            let ran = Bench(home: home, hub: hub).run("user", "list")
            #expect(!ran.output.contains("\u{1B}"))
            #expect(ran.output.split(separator: "\n").count == 2)
        }
    }

    struct Refusal: CustomTestStringConvertible, Sendable {
        let status: Int
        let code: String
        let exit: Int32
        var testDescription: String { "\(status) \(code) → \(exit)" }
    }

    @Test(
        "refusals end with the exit code scripts rely on",
        arguments: [
            Refusal(status: 400, code: "bad_request", exit: 1), Refusal(status: 401, code: "invalid_token", exit: 4),
            Refusal(status: 403, code: "forbidden", exit: 5), Refusal(status: 403, code: "self_approval", exit: 5),
            Refusal(status: 404, code: "not_found", exit: 3), Refusal(status: 409, code: "plan_stale", exit: 6),
            Refusal(status: 412, code: "precondition_failed", exit: 6), Refusal(status: 422, code: "unsigned", exit: 9),
            Refusal(status: 422, code: "archive_absolute_name", exit: 9),
            Refusal(status: 503, code: "unavailable", exit: 7),
            Refusal(status: 409, code: "approval_expired", exit: 11),
            Refusal(status: 429, code: "rate_limited", exit: 1),
        ])
    func refusals(_ refusal: Refusal) throws {
        try withTemporaryDirectory { home in
            let hub = FakeHub { _, _ in .problem(refusal.status, refusal.code, "no, because") }
            let ran = Bench(home: home, hub: hub).run("whoami")
            #expect(ran.code == refusal.exit)
            #expect(ran.output.isEmpty)
            #expect(ran.error.hasPrefix("error: no, because\n"))
            #expect(ran.error.split(separator: "\n").count <= 3)
            let json = try JSONParser.parse(Bench(home: home, hub: hub).run("whoami", "--json").error)
            #expect(json["error"]?["code"]?.string == refusal.code)
            #expect(json["error"]?["requestId"] == "rq-1")
        }
    }

    @Test("a promote that needs an approval shows the filed suggestion and ends with 10")
    func approvalPending() throws {
        try withTemporaryDirectory { home in
            let hub = FakeHub { _, _ in
                .problem(409, "approval_required", "needs an approval", more: [("suggestion", Self.suggestion)])
            }
            let bench = Bench(home: home, hub: hub)
            let ran = bench.run("target", "promote", "gateway", Self.digest, "--reason", "because of T-1")
            #expect(ran.code == 10)
            #expect(ran.output == "sg-aaaaaaaaaaaaaaaa waiting: gateway 1.0.0 → 2.0.0; waits for one more approver\n")
            #expect(ran.error.contains("aurora approval approve sg-aaaaaaaaaaaaaaaa"))
            let seen = try #require(hub.seen.last)
            #expect(seen.target == "/api/v1/targets/gateway/promote")
            #expect(seen.body == ["release": .string(Self.digest), "reason": "because of T-1"])
            #expect(seen.header("Authorization") == "Bearer aur_test")
        }
    }

    @Test(
        "a started change is followed to its end, and the end is the exit code",
        arguments: ["done", "failed", "rolled-back"])
    func follows(_ state: String) throws {
        try withTemporaryDirectory { home in
            let hub = FakeHub { method, _ in
                method == "POST"
                    ? .json(["id": "ch-1", "state": "queued"], status: 202)
                    : .json([
                        "id": "ch-1", "state": .string(state), "kind": "promote",
                        "error": state == "done"
                            ? nil : ["code": "health_failed", "message": "it did not answer", "remedy": "look"],
                    ])
            }
            let ran = Bench(home: home, hub: hub).run(
                "target", "promote", "gw", Self.digest, "--reason", "because of T-1")
            #expect(ran.code == ["done": 0, "failed": 1, "rolled-back": 12][state])
            #expect(state == "done" || ran.error.contains("it did not answer"))
        }
    }

    @Test("--no-wait prints the change's id and ends")
    func noWait() throws {
        try withTemporaryDirectory { home in
            let hub = FakeHub { _, _ in .json(["id": "ch-1", "state": "queued"], status: 202) }
            let ran = Bench(home: home, hub: hub).run(
                "target", "promote", "gw", Self.digest, "--reason", "because of T-1", "--no-wait", "-o", "name")
            #expect(ran.code == 0)
            #expect(ran.output == "ch-1\n")
            #expect(hub.seen.count == 1)
        }
    }

    @Test("without a terminal nobody is asked: exit 2 names the option")
    func neverAsks() throws {
        try withTemporaryDirectory { home in
            let bench = Bench(home: home, hub: FakeHub { _, _ in .json([:]) })
            let reason = bench.run("change", "abort", "ch-aaaaaaaaaaaaaaaa")
            #expect(reason.code == 2)
            #expect(reason.error.contains("--reason"))
            let severe = bench.run("user", "remove", "ann", "--yes")
            #expect(severe.code == 2)
            #expect(severe.error.contains("--confirm ann"))
            #expect(bench.hub.seen.isEmpty)
        }
    }

    @Test("a severe act needs the exact name; yes alone, or another name, is not enough")
    func severeActs() throws {
        try withTemporaryDirectory { home in
            let hub = FakeHub { _, _ in HubResponse(status: 204, headers: [], body: []) }
            #expect(Bench(home: home, hub: hub).run("user", "remove", "ann", "--confirm", "bob").code == 2)
            let asked = Bench(home: home, hub: hub, isInteractive: true, answers: ["y"])
            #expect(asked.run("user", "remove", "ann").code == 2)
            #expect(hub.seen.isEmpty)
            let named = Bench(home: home, hub: hub, isInteractive: true, answers: ["ann"])
            #expect(named.run("user", "remove", "ann").code == 0)
            #expect(hub.seen.map(\.method) == ["DELETE"])
        }
    }

    @Test("the beginning of an id is enough when it is the only one; otherwise the choices are shown")
    func idPrefixes() throws {
        try withTemporaryDirectory { home in
            let hub = FakeHub { _, target in
                target.hasPrefix("/api/v1/changes?")
                    ? .list(["id": "ch-abcaaaaaaaaaaaaa"], ["id": "ch-abdaaaaaaaaaaaaa"])
                    : .json(["id": "ch-abcaaaaaaaaaaaaa"])
            }
            let bench = Bench(home: home, hub: hub)
            #expect(bench.run("change", "show", "abc").code == 0)
            #expect(hub.seen.last?.target == "/api/v1/changes/ch-abcaaaaaaaaaaaaa")
            let both = bench.run("change", "show", "ch-ab")
            #expect(both.code == 2)
            #expect(both.error.contains("ch-abdaaaaaaaaaaaaa"))
            #expect(bench.run("change", "show", "ch-x").code == 3)
        }
    }

    @Test("a release is found by name@version, by file name and by the beginning of its digest")
    func releaseNames() throws {
        try withTemporaryDirectory { home in
            let item: JSONValue = [
                "sha256": .string(Self.digest), "name": "gw", "version": "1.0.0", "filename": "gw-1.0.0.tar.gz",
            ]
            let hub = FakeHub { _, target in target.contains("?") ? .list(item) : .json(item) }
            for name in ["gw@1.0.0", "gw-1.0.0.tar.gz", "abab", Self.digest] {
                #expect(
                    Bench(home: home, hub: hub).run("release", "show", name, "-o", "name").output == Self.digest + "\n")
            }
            let wrong = Bench(home: home, hub: hub).run("release", "show", "gw-1.0.1.tar.gz")
            #expect(wrong.code == 3)
            #expect(wrong.error.contains("did you mean"))
        }
    }

    @Test("doctor ends with 1 when something is bad, and says what to do")
    func doctor() throws {
        try withTemporaryDirectory { home in
            var bench = Bench(home: home, hub: FakeHub { _, _ in .json(["version": "0.1.0"]) })
            bench.services.probe = { _ in
                [Finding(name: "landlock", status: .bad, detail: "off", remedy: "boot with lsm=landlock")]
            }
            let ran = bench.run("doctor")
            #expect(ran.code == 1)
            #expect(ran.output.contains("next: boot with lsm=landlock"))
        }
    }

    @Test("doctor judges the file system of the state folder that is named, or that AURORA_STATE names")
    func doctorState() throws {
        try withTemporaryDirectory { home in
            var bench = Bench(home: home, environment: ["AURORA_STATE": "/s"])
            bench.services.probe = { [Finding(name: "disk", status: .good, detail: "free at \($0)", remedy: "")] }
            bench.services.deviceFacts = { ["disk": ["path": .string($1)]] }
            #expect(bench.run("doctor").output.contains("free at /s\n"))
            let named = bench.run("doctor", "--state", "/t", "--json").json
            #expect(named["items"]?[0]?["detail"] == "free at /t" && named["device"]?["disk"]?["path"] == "/t")
        }
    }

    @Test("hub start hands over what was asked, and TLS with one half is refused")
    func hubStart() throws {
        try withTemporaryDirectory { home in
            var bench = Bench(home: home)
            bench.services.startHub = { request in
                guard request.only == "updater", request.updaterPort == 0, request.state == "/s", request.isDevelopment
                else {
                    throw CommandError("wrong request \(request)", code: "test")
                }
            }
            #expect(
                bench.run("hub", "start", "--state", "/s", "--only", "updater", "--updater-port", "0", "--dev").code
                    == 0)
            #expect(bench.run("hub", "start", "--tls-cert", "c").code == 2)
        }
    }
}
