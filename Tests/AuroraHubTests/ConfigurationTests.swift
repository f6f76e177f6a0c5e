import AuroraApprovals
import AuroraFields
import AuroraModel
import AuroraReleases
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraHub

@Suite("aurora.yaml")
struct ConfigurationTests {
    private func problems(_ text: String) -> [DocumentProblem] {
        do {
            _ = try HubConfiguration.parse(Array(text.utf8), file: "aurora.yaml")
            return []
        } catch { return error.problems }
    }

    @Test("a full configuration is read as it says")
    func full() throws {
        let text = """
            version: aurora-config-v1
            hub: { updater_port: 1, dashboard_port: 2, allowed_hosts: [hub.example], api_token: { user: bot, role: viewer } }
            signing: { keyring: [keys/a.asc], fingerprints: ["0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567"] }
            targets:
              - name: gateway
                path: /srv/gateway//app
                kind: directory
                health: [/bin/true, -v]
                health_timeout_seconds: 5
                run_as: { uid: 64321, gid: 64321 }
                policy: { approvers: 2, windows: [mon-fri 22:00-04:00] }
            policies:
              core: { reason_length: 20, apply: by-hand }
            """
        let configuration = try HubConfiguration.parse(Array(text.utf8), file: "/etc/aurora/aurora.yaml")
        #expect(configuration.hub.updaterPort == 1 && configuration.hub.apiToken.role == .viewer)
        #expect(configuration.signing.keyring == ["/etc/aurora/keys/a.asc"])
        #expect(configuration.signing.fingerprints.first?.count == 40)
        let target = try #require(configuration.targets.first)
        #expect(target.description.path == "/srv/gateway/app" && target.fields.health == ["/bin/true", "-v"])
        let book = configuration.policyBook(isDevelopment: false)
        let policy = book.policy(for: target.description)
        #expect(policy.approvers == 2 && policy.reasonLength == 20 && policy.apply == .byHand)
    }

    @Test("root runs commands only where it is written, and a hub that is not root has no other user than its own")
    func users() throws {
        let text = """
            version: aurora-config-v1
            targets:
              - { name: a, path: /a, apply: [/bin/true], run_as: { uid: 0, gid: 0 } }
              - { name: b, path: /b, apply: [/bin/true], run_as: { uid: 1000, gid: 1000 } }
              - { name: c, path: /c, health: [/bin/true] }
            """
        let configuration = try HubConfiguration.parse(Array(text.utf8), file: "aurora.yaml")
        #expect(
            configuration.targets.map(\.settings.runAs) == [RunAs(uid: 0, gid: 0), RunAs(uid: 1000, gid: 1000), nil])
        let root = SandboxIdentity(uid: 0, gid: 0)
        #expect(configuration.foreignUsers(for: root).isEmpty)
        try configuration.requireUsers(for: root)
        let user = SandboxIdentity(uid: 1000, gid: 1000)
        let problems = configuration.foreignUsers(for: user)
        #expect(problems.count == 1 && problems[0].hasPrefix("target a: run_as asks for 0:0"))
        let refusal = try #require(throws: HubStartError.self) { try configuration.requireUsers(for: user) }
        #expect(refusal.problem == problems[0] && refusal.remedy.contains("start the hub as root"))
    }

    @Test("each mistake is named with line, column, field and what to write instead")
    func mistakes() throws {
        struct Case {
            let text: String
            let field: String
            let line: Int
        }
        let start = "version: aurora-config-v1\n"
        for test in [
            Case(text: "hub: {}\n", field: "version", line: 1),
            Case(text: "version: v2\n", field: "version", line: 1),
            Case(text: start + "hbu: {}\n", field: "hbu", line: 2),
            Case(text: start + "hub:\n  updater_port: high\n", field: "hub.updater_port", line: 3),
            Case(text: start + "hub:\n  api_token: { user: system }\n", field: "hub.api_token.user", line: 3),
            Case(text: start + "hub:\n  api_token: { user: dev }\n", field: "hub.api_token.user", line: 3),
            Case(text: start + "targets:\n  - { path: /a }\n", field: "targets[0].name", line: 3),
            Case(text: start + "targets:\n  - { name: a, path: a/b }\n", field: "targets[0].path", line: 3),
            Case(text: start + "targets:\n  - { name: a, path: /a/../b }\n", field: "targets[0].path", line: 3),
            Case(text: start + "targets:\n  - { name: a, path: /a, kind: file }\n", field: "targets[0].kind", line: 3),
            Case(
                text: start + "targets:\n  - { name: a, path: /a, health: [true] }\n", field: "targets[0].health",
                line: 3),
            Case(
                text: start + "targets:\n  - { name: a, path: /a, apply: [/bin/true] }\n", field: "targets[0].apply",
                line: 3),
            Case(
                text: start + "targets:\n  - { name: a, path: /a, run_as: { uid: 1 } }\n",
                field: "targets[0].run_as.gid",
                line: 3),
            Case(
                text: start + "targets:\n  - { name: a, path: /a }\n  - { name: b, path: /a/b }\n",
                field: "targets[1].path", line: 4),
            Case(text: start + "policies:\n  core: { aprovers: 2 }\n", field: "policies.core.aprovers", line: 3),
            Case(
                text: start + "policies:\n  core: { approver_roles: [viewer] }\n",
                field: "policies.core.approver_roles[0]", line: 3),
            Case(text: start + "signing: { fingerprints: [ABCD] }\n", field: "signing.fingerprints[0]", line: 2),
        ] {
            let found = problems(test.text)
            #expect(found.contains { $0.field == test.field && $0.line == test.line }, "\(test.text): \(found)")
            #expect(found.allSatisfy { !$0.remedy.isEmpty })
            #expect(found.allSatisfy { $0.description.contains("aurora.yaml:") })
        }
    }

    @Test("all mistakes of a file are told at once")
    func several() {
        let found = problems("version: x\nhub: { updater_port: y }\nnope: 1\n")
        #expect(found.count == 3)
    }

    @Test("a safety-critical target may not have a weaker policy")
    func weakPolicy() {
        let found = problems(
            """
            version: aurora-config-v1
            targets:
              - { name: brake, path: /srv/brake, domain: automotive, policy: { approvers: 1 } }
            """)
        #expect(found.contains { $0.problem.contains("two approvers") })
    }

    @Test("check names what is not an error yet")
    func notes() throws {
        try withTemporaryDirectory { folder in
            try write(
                "version: aurora-config-v1\ntargets:\n  - { name: a, path: /no/such/folder/a }\n",
                to: folder + "/aurora.yaml")
            let (_, notes) = try HubConfiguration.check(file: folder + "/aurora.yaml")
            #expect(notes.contains { $0.contains("/no/such/folder") } && notes.contains { $0.contains("fingerprints") })
            #expect(throws: DocumentError.self) { try HubConfiguration.check(file: folder + "/nothing.yaml") }
        }
    }
}
