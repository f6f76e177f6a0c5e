import AuroraAudit
import AuroraDatabase
import AuroraHTTP
import AuroraModel
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraHub

@Suite("Login codes, passwords and what a guess costs")
struct FirstLoginTests {
    private static let url = "http://localhost:9711"

    private func code(_ hub: TestHub) throws -> JSONValue {
        let text = try #require(hub.hub.invitation(url: Self.url), "no link for the first admin")
        return .string(String(try #require(text.split(separator: "=").last).filter { !$0.isNewline }))
    }

    private func logIn(_ hub: TestHub, _ body: JSONValue, from address: String = "127.0.0.1") -> TestHub.Answer {
        hub.send(.post, "/api/v1/session", json: body, address: address)
    }

    @Test("what refuses the first login leaves its code: a short password, a bad name, a taken name, a reserved one")
    func codeSurvives() throws {
        try withHub { hub in
            _ = try hub.person("taken", .viewer)
            let code = try code(hub)
            let refused: [(JSONValue, Int, String)] = [
                (["code": code, "user": "ann", "password": "short"], 422, "password_too_short"),
                (["code": code, "user": "Not A Name", "password": "correct horse battery"], 400, "bad_identifier"),
                (["code": code, "user": "taken", "password": "correct horse battery"], 409, "exists"),
                (["code": code, "user": "dev", "password": "correct horse battery"], 409, "name_reserved"),
            ]
            for (body, status, word) in refused {
                let answer = logIn(hub, body)
                #expect(answer.status == status && answer.code == word, "\(answer.text)")
            }
            #expect(try hub.entries().filter { $0.action == "session.open" }.isEmpty)
            let login = logIn(hub, ["code": code, "user": "ann", "password": "correct horse battery"])
            #expect(login.status == 200 && login.json["role"]?.string == "admin", "\(login.text)")
            let again = logIn(hub, ["code": code, "user": "eve", "password": "correct horse battery"])
            #expect(again.status == 401 && again.code == "login_failed")
        }
    }

    @Test("no account can have a name that stands in the log for what no person did", arguments: Actor.reservedNames)
    func machineNames(_ name: String) throws {
        try withHub { hub in
            let code = try code(hub)
            let first = logIn(hub, ["code": code, "user": .string(name), "password": "correct horse battery"])
            #expect(first.status == 409 && first.code == "name_reserved", "\(first.text)")
            let body: JSONValue = ["name": .string(name), "role": "viewer"]
            let made = hub.send(.post, "/api/v1/users", token: try hub.admin(), json: body)
            #expect(made.status == 409 && made.code == "name_reserved", "\(made.text)")
            #expect(made.json["detail"]?.string?.contains("no person") == true, "\(made.text)")
            #expect(try hub.entries().allSatisfy { $0.action != "user.create" || $0.subject != name })
        }
    }

    @Test("every name the hub itself has in the log is reserved")
    func everyMachineName() {
        #expect(Actor.reservedNames == ["system", "drop-folder", "nobody"])
        for name in Actor.reservedNames { #expect(UserName(name) != nil, "\(name) needs no reservation") }
    }

    @Test("one code makes one admin and one session, however many use it at once")
    func codeOnce() throws {
        try withHub { hub in
            let code = try code(hub)
            nonisolated(unsafe) let test = hub
            nonisolated(unsafe) var statuses: [Int] = []
            let lock = NSLock()
            DispatchQueue.concurrentPerform(iterations: 12) { index in
                let answer = test.send(
                    .post, "/api/v1/session",
                    json: ["code": code, "user": .string("ann-\(index)"), "password": "correct horse battery"],
                    address: "192.0.2.\(index)")
                lock.withLock { statuses.append(answer.status) }
            }
            #expect(statuses.filter { $0 == 200 }.count == 1, "\(statuses)")
            #expect(statuses.filter { $0 == 401 }.count == 11, "\(statuses)")
            #expect(try hub.entries().filter { $0.action == "user.create" }.count == 1)
            #expect(try hub.entries().filter { $0.action == "session.open" }.count == 1)
        }
    }

    @Test("a stranger's wrong codes are counted, not written one by one")
    func wrongCodes() throws {
        try withHub { hub in
            _ = try hub.admin()
            let before = hub.hub.database.activity.commits
            for index in 0..<40 {
                let answer = logIn(hub, ["code": .string("guess number \(index)")], from: "192.0.2.9")
                // After five the throttle answers before the code is looked at.
                #expect(answer.status == (index < 5 ? 401 : 429))
            }
            // The first refusal of a source in a minute is saved at once; the others wait for the next flush.
            #expect(hub.hub.database.activity.commits - before <= 1)
            hub.clock.advance(seconds: 61)
            try hub.hub.audit.flushRefusals(all: true)
            let counted = try hub.entries().filter { $0.actor.address == "192.0.2.9" }
            #expect(counted.map(\.action) == ["access.refuse"])
            #expect(counted.first?.details.contains(AuditEntry.Detail("count", "40")) == true)
        }
    }

    @Test("refusals of the transport and of routes are one entry for each source and minute, of one shape")
    func oneCounter() throws {
        try withHub { hub in
            _ = try hub.admin()
            for _ in 0..<3 { _ = hub.send(.get, "/api/v1/users", address: "192.0.2.5") }
            let handler = hub.hub.handler(for: .dashboard)
            for _ in 0..<4 {
                let refusal = TransportRefusal(.hostInvalid, detail: "no host", remoteAddress: "192.0.2.5")
                #expect(handler.transportRefused(refusal).status == refusal.status)
            }
            hub.clock.advance(seconds: 61)
            try hub.hub.audit.flushRefusals()
            let counted = try hub.entries().filter { $0.actor.address == "192.0.2.5" }
            #expect(counted.map(\.action) == ["access.refuse"])
            let entry = try #require(counted.first)
            #expect(entry.details.contains(AuditEntry.Detail("count", "7")))
            #expect(entry.details.contains(AuditEntry.Detail("code.unauthenticated", "3")))
        }
    }

    @Test("an own password is set with the current one only, whatever else the request changes")
    func currentPassword() throws {
        try withHub { hub in
            let admin = try hub.admin()
            func change(_ body: JSONValue) -> TestHub.Answer {
                hub.send(.patch, "/api/v1/users/root", token: admin, json: body)
            }
            #expect(change(["password": "the first of them all"]).status == 200)
            let sly: [JSONValue] = [
                ["password": "another password"],
                ["password": "another password", "role": "admin"],
                ["password": "another password", "active": true],
                ["password": "another password", "role": "admin", "currentPassword": "wrong wrong wrong"],
            ]
            for body in sly { #expect(change(body).status == 403, "\(body)") }
            func logsIn(_ password: String) -> Bool {
                logIn(hub, ["user": "root", "password": .string(password)]).status == 200
            }
            #expect(logsIn("the first of them all"))
            let full: JSONValue = [
                "password": "another password", "role": "admin", "currentPassword": "the first of them all",
            ]
            #expect(change(full).status == 200)
            #expect(logsIn("another password"))
            // Of others an admin knows no password, and of himself he changes the rest without one.
            _ = try hub.person("pat", .viewer)
            #expect(
                hub.send(.patch, "/api/v1/users/pat", token: admin, json: ["password": "a very plain password"]).status
                    == 200)
            #expect(change(["active": true]).status == 200)
        }
    }

    @Test("a hub hashes nothing before somebody logs in with a password, and the first one waits whoever it is")
    func startIsCheap() throws {
        for name in ["pat", "nobody"] {
            try withHub { hub in
                let admin = try hub.admin()
                let made = hub.send(
                    .post, "/api/v1/users", token: admin,
                    json: ["name": "pat", "role": "viewer", "password": "a very plain password"])
                #expect(made.status == 201)
                #expect(!hub.hub.accounts.hasDecoy)
                _ = logIn(hub, ["user": .string(name), "password": "wrong wrong wrong"], from: "192.0.2.1")
                #expect(hub.hub.accounts.hasDecoy, "\(name)")
            }
        }
    }

    @Test("S-08 unknown, closed and passwordless accounts cost a login the same work as a wrong password")
    func sameWork() throws {
        try withHub { hub in
            let admin = try hub.admin()
            for name in ["pat", "closed"] {
                let made = hub.send(
                    .post, "/api/v1/users", token: admin,
                    json: ["name": .string(name), "role": "viewer", "password": "a very plain password"])
                #expect(made.status == 201)
            }
            #expect(hub.send(.delete, "/api/v1/users/closed", token: admin).status == 204)
            _ = try hub.person("linkonly", .viewer)
            func work(_ name: String, _ index: Int) -> Int {
                let before = hub.hub.accounts.comparisons
                let answer = logIn(
                    hub, ["user": .string(name), "password": "wrong wrong wrong"], from: "192.0.2.\(index)")
                #expect(answer.status == 401 && answer.code == "login_failed", "\(name)")
                return hub.hub.accounts.comparisons - before
            }
            let names = ["pat", "nobody", "closed", "linkonly", "Not A Name", "dev"]
            #expect(names.enumerated().map { work($0.element, $0.offset) } == names.map { _ in 1 })
        }
    }
}
