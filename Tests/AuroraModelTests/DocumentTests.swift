import AuroraModel
import Testing

/// Plans, statements, release files, policies and audit entries: written, read back, and changed in every member.
@Suite("Documents")
struct DocumentTests {
    private static func make<T>(_ value: T?) throws -> T { try #require(value) }

    static func plan(downgrade: Plan.Downgrade = .no) throws -> Plan {
        let target = TargetDescription(
            name: try make(TargetName("gateway")), path: "/srv/gateway", kind: .link, domain: .core,
            safetyClass: .routine)
        return Plan(
            action: .promote, target: target, from: PlanState(generation: 1, treeDigest: Digest(hashing: [1])),
            to: PlanState(
                generation: 2, treeDigest: Digest(hashing: [2]), artifact: Digest(hashing: [3]),
                name: try make(ReleaseName("gateway")), version: try make(SemanticVersion("1.2.3"))),
            signature: SignatureVerdict(
                state: .good, covers: .release, fingerprint: String(repeating: "A", count: 40),
                signedAt: Timestamp(seconds: 5), explanation: "Signed."),
            files: PlanFiles(TreeDiff(from: TreeManifest(entries: []), to: TreeManifest(entries: [.directory("d")]))),
            drift: [PlanDrift(path: "etc/x", problem: .changed)], restart: ["/bin/systemctl", "restart", "x"],
            health: ["/bin/sh", "-c", "a\nb"],
            trial: PlanTrial(state: .passed, exitCode: 0, output: "line 1\nline 2\u{1B}[31m"), downgrade: downgrade,
            policy: PlanPolicy(Policy.defaults(for: .core)))
    }

    @Test("a plan is the same bytes each time, is read back, and holds line breaks safely")
    func planRoundTrip() throws {
        let plan = try Self.plan()
        #expect(plan.bytes == (try Self.plan()).bytes)
        let read = try Plan(bytes: plan.bytes)
        #expect(read == plan)
        #expect(read.digest == plan.digest)
        #expect(read.health == ["/bin/sh", "-c", "a\nb"])
    }

    @Test("a plan with white space, another order, another member or a lie about the signature is refused")
    func planRefused() throws {
        let plan = try Self.plan()
        func code(_ bytes: [UInt8]) -> String {
            do {
                _ = try Plan(bytes: bytes)
                return "read"
            } catch {
                return error.code
            }
        }
        #expect(code(plan.json.prettyBytes) == "plan_not_canonical")
        #expect(code(plan.bytes + [0x0A]) == "plan_not_canonical")
        var object = try #require(plan.json.object)
        object["unsigned"] = true
        #expect(code(JSONValue.object(object).documentBytes) == "bad_document")
        object["unsigned"] = false
        object["note"] = "x"
        #expect(code(JSONValue.object(object).documentBytes) == "bad_document")
        #expect(code(Array("{".utf8)) == "bad_json")
        for member in plan.json.object?.keys ?? [] where member != "trial" {
            var without = try #require(plan.json.object)
            without[member] = nil
            #expect(code(JSONValue.object(without).documentBytes) == "bad_document", "\(member)")
        }
    }

    @Test("every member of a plan changes its digest")
    func planDigest() throws {
        let plan = try Self.plan()
        var digests: Set<Digest> = [plan.digest]
        var count = 1
        func walk(_ value: JSONValue, _ rebuild: (JSONValue) -> JSONValue) {
            switch value {
            case .object(let object):
                for (key, member) in object.members {
                    walk(member) { changed in
                        var copy = object
                        copy[key] = changed
                        return rebuild(.object(copy))
                    }
                }
            case .array(let elements):
                digests.insert(Digest(hashing: rebuild(.array(elements + ["more"])).documentBytes))
                count += 1
            default:
                digests.insert(Digest(hashing: rebuild("changed").documentBytes))
                count += 1
            }
        }
        walk(plan.json) { $0 }
        #expect(count > 30)
        #expect(digests.count == count)
    }

    @Test("a statement says what the plan says, is read back, and is an in-toto Statement v1")
    func statement() throws {
        let plan = try Self.plan(downgrade: .yes)
        let id = SuggestionID(random: Array(repeating: 1, count: 10))
        let statement = ApprovalStatement(
            plan: plan, suggestion: id, decision: .approve, operator: try Self.make(UserName("alice")),
            reason: "fine\nby me", notBefore: Timestamp(seconds: 1), notAfter: Timestamp(seconds: 2))
        #expect(try ApprovalStatement(bytes: statement.bytes) == statement)
        #expect(statement.downgrade)
        #expect(statement.json["_type"] == "https://in-toto.io/Statement/v1")
        #expect(statement.json["predicateType"] == "https://aurora.dev/attestation/approval/v1")
        let names = statement.json["subject"]?.array?.compactMap { $0["name"]?.string }
        #expect(names == ["plan", "tree", "artifact"])
        #expect(statement.json["subject"]?[0]?["digest"]?["sha256"]?.string == plan.digest.hex)
        for text in ["{}", "[]", "{\"_type\":\"x\"}", String(repeating: " ", count: 65537)] {
            #expect(throws: Refusal.self) { try ApprovalStatement(bytes: Array(text.utf8)) }
        }
    }

    @Test("a release file is read back; wrong format, version, digest, size and unknown members are refused")
    func releaseFile() throws {
        let file = ReleaseFile(
            name: try Self.make(ReleaseName("gateway")), version: try Self.make(SemanticVersion("1.2.3")),
            hardwareIDs: ["rev-b"], artifact: Digest(hashing: [1]), size: 10, created: Timestamp(seconds: 7))
        #expect(try ReleaseFile(bytes: file.bytes) == file)
        #expect(try ReleaseFile(bytes: file.json.prettyBytes) == file)
        let wrong: [(String, JSONValue)] = [
            ("format", "aurora-release-v2"), ("version", "1.2"), ("sha256", "abc"), ("size", -1), ("size", "10"),
            ("name", "../x"), ("hardwareIDs", ["a\nb"]), ("hardwareIDs", [""]), ("created", "yesterday"), ("x", 1),
        ]
        for (key, value) in wrong {
            var object = try #require(file.json.object)
            object[key] = value
            let bytes = JSONValue.object(object).documentBytes
            let refusal = #expect(throws: Refusal.self) { try ReleaseFile(bytes: bytes) }
            #expect(refusal?.code == "bad_document")
        }
    }

    @Test("policies of every domain and class are read back, and the floors name what is too weak")
    func policies() throws {
        for domain in Domain.shipped {
            for safety in SafetyClass.allCases {
                let policy = Policy.defaults(for: domain, safety: safety)
                #expect(try Policy(JSONParser.parse(policy.bytes)) == policy)
                #expect(policy.safetyProblem == nil)
                #expect((policy.approvers >= 2) == (safety == .safetyCritical))
            }
        }
    }

    @Test("an audit entry is read back, and its old-style line cannot be forged (defect 30)")
    func audit() throws {
        let entry = AuditEntry(
            time: Timestamp(milliseconds: 1_700_000_000_123),
            actor: Actor(
                try Self.make(UserName("alice")), via: .token(TokenID(random: Array(repeating: 2, count: 10))),
                address: "::1"),
            action: "release.stage", subject: "x\n1700000000 APPROVE all", outcome: .refused(code: "unsigned_artifact"),
            reason: "because\r\n\u{1B}[2J", details: [("b", "2"), ("a", "1"), ("a", "3")])
        #expect(try AuditEntry(bytes: entry.bytes) == entry)
        #expect(entry.details.map(\.name) == ["a", "b"])
        let line = entry.legacyLine
        #expect(
            line.hasPrefix("1700000000 REFUSED STAGE x\\u{a}1700000000 APPROVE all by=alice code=unsigned_artifact"))
        #expect(!line.contains { $0.isNewline } && !line.unicodeScalars.contains { $0.value < 0x20 })
        let accepted = AuditEntry(time: entry.time, actor: .system, action: "suggestion.approve", subject: "sg-1")
        #expect(accepted.legacyLine == "1700000000 APPROVE sg-1 by=system")
        for via in [ActorVia.session, .console, .system, .token(TokenID(random: Array(repeating: 3, count: 10)))] {
            #expect(ActorVia(via.description) == via)
        }
        #expect(ActorVia("root") == nil)
    }

    @Test("a suggestion file asks for one thing; commands, as in the prototype, are refused")
    func suggestionFiles() throws {
        let digest = Digest(hashing: [1]).hex
        func code(_ text: String) -> String {
            do {
                _ = try NewSuggestionRequest.parse(Array(text.utf8))
                return "read"
            } catch {
                return error.code
            }
        }
        let promote = "{\"action\":\"promote\",\"target\":\"gateway\",\"sha256\":\"\(digest)\",\"reason\":\"nightly\"}"
        #expect(code(promote) == "read")
        #expect(try NewSuggestionRequest.parse(Array(promote.utf8)).release?.hex == digest)
        #expect(code(promote.replacing("sha256", with: "release")) == "read")
        #expect(code("{\"action\":\"rollback\",\"target\":\"gateway\",\"reason\":\"bad\",\"generation\":3}") == "read")
        #expect(code("{\"action\":\"rollback\",\"target\":\"gateway\",\"reason\":\"bad\"}") == "read")
        for text in [
            "{\"ts\":1,\"commands\":[\"rm -rf /\"]}", "[]", "{}", promote.replacing("promote", with: "install"),
            promote.replacing("gateway", with: "../../etc"), promote.replacing("\"reason\"", with: "\"commands\""),
            promote.replacing("\"reason\"", with: "\"generation\":1,\"reason\""),
            promote.replacing("\"reason\"", with: "\"release\":\"\(digest)\",\"reason\""),
            "{\"action\":\"promote\",\"target\":\"gateway\",\"reason\":\"x\"}",
            "{\"action\":\"rollback\",\"target\":\"g\",\"sha256\":\"\(digest)\",\"reason\":\"x\"}",
            promote.replacing("nightly", with: String(repeating: "x", count: 4001)),
        ] {
            #expect(code(text) == "bad_document", "\(text.prefix(80))")
        }
        #expect(code("{\"action\":\"promote\",\"action\":\"rollback\"}") == "bad_json")
        #expect(code(promote + String(repeating: " ", count: 65536)) == "bad_json")
        #expect(code("") == "bad_json")
    }
}
