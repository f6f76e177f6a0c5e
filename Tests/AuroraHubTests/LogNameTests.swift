import AuroraAudit
import AuroraCrypto
import AuroraDatabase
import AuroraFields
import AuroraHTTP
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraHub

@Suite("The name of the audit log")
struct LogNameTests {
    private func open<T>(_ folder: String, yaml: String? = nil, _ body: (TestHub) throws -> T) throws -> T {
        try FileManager.default.createDirectory(atPath: folder + "/app", withIntermediateDirectories: true)
        let hub = try TestHub(folder, yaml: yaml)
        defer { hub.hub.close() }
        return try body(hub)
    }

    private func name(_ hub: TestHub) throws -> String {
        try #require(hub.send(.get, "/api/v1/audit/key", token: try hub.admin()).json["origin"]?.string)
    }

    @Test("two hubs have two names, and a hub keeps its own over restarts, where everybody can see it")
    func unique() throws {
        try withTemporaryDirectory { folder in
            let first = try open(folder + "/one") { try name($0) }
            let second = try open(folder + "/two") { try name($0) }
            #expect(first != second && first.hasPrefix("aurora-hub/") && second.hasPrefix("aurora-hub/"))
            // A name that is configured later changes nothing: it is part of what was signed.
            let yaml = TestHub.yaml(folder + "/one").replacing("hub: {", with: "hub: { name: late.example.org,")
            try open(folder + "/one", yaml: yaml) { hub in
                #expect(try name(hub) == first)
                #expect(hub.send(.get, "/healthz").json["log"]?.string == first)
                #expect(try readText(folder + "/one/state/audit/checkpoint").hasPrefix(first + "\n"))
                let verified = hub.send(.post, "/api/v1/audit/verify", token: try hub.admin())
                #expect(verified.json["verified"]?.bool == true, "\(verified.text)")
            }
        }
    }

    @Test("hub.name names a new log")
    func configured() throws {
        try withTemporaryDirectory { folder in
            let yaml = TestHub.yaml(folder).replacing("hub: {", with: "hub: { name: hub.example.org,")
            let configured = try open(folder, yaml: yaml) { try name($0) }
            #expect(configured == "hub.example.org/audit")
            let bad = TestHub.yaml(folder).replacing("hub: {", with: "hub: { name: \"my hub\",")
            #expect(throws: DocumentError.self) {
                try HubConfiguration.parse(Array(bad.utf8), file: folder + "/aurora.yaml")
            }
        }
    }

    @Test("backup and restore keep the name, and the restored log verifies under it")
    func restored() throws {
        try withTemporaryDirectory { folder in
            let first = try open(folder + "/one") { hub in
                _ = try HubMaintenance.backup(state: hub.folder + "/state", to: folder + "/backup")
                return try name(hub)
            }
            _ = try HubMaintenance.restore(backup: folder + "/backup", to: folder + "/two/state")
            let second = try open(folder + "/two") { try name($0) }
            #expect(second == first)
        }
    }

    /// A state as hubs left it before logs had names of their own.
    private func makeOld(_ folder: String) throws {
        let state = StateFolder(root: folder + "/state")
        try state.prepare(domains: [])
        let keys = try HubKeys.load(state)
        let database = try Database(
            path: state.database, migrations: Hub.migrations.filter { $0.name != "audit-2" })
        defer { database.close() }
        let log = try AuditLog(
            database: database, origin: AuditLog.sharedOrigin, key: keys.audit, directory: state.audit, clock: .system)
        try log.record(
            AuditEntry(
                time: Timestamp(seconds: 1_700_000_000), actor: .system, action: "hub.start", subject: "old",
                outcome: .accepted, details: [AuditEntry.Detail]()))
        try log.publish()
    }

    @Test("a log from before keeps the name it was signed under, in its database and in an old backup")
    func old() throws {
        try withTemporaryDirectory { folder in
            try makeOld(folder)
            let reader = try Database(readingAt: folder + "/state/hub.db")
            #expect(try AuditLog.origin(in: reader) == "aurora-hub/audit")
            reader.close()
            try open(folder) { hub in
                #expect(try name(hub) == "aurora-hub/audit")
                let verified = hub.send(.post, "/api/v1/audit/verify", token: try hub.admin())
                #expect(verified.json["verified"]?.bool == true, "\(verified.text)")
            }
        }
    }

    @Test("a hub whose database is gone does not begin another log beside the one it has published")
    func lostDatabase() throws {
        try withTemporaryDirectory { folder in
            try open(folder) { _ in }
            for name in try DirectoryNames.read(in: folder + "/state").compactMap(\.text) where name.hasPrefix("hub.db")
            {
                try FileTree.remove(folder + "/state/" + name)
            }
            #expect(throws: AuditError.self) { try open(folder) { _ in } }
        }
    }
}
