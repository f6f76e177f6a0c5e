import AuroraApprovals
import AuroraAudit
import AuroraDatabase
import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraHub

@Suite("State, backup and restore")
struct MaintenanceTests {
    @Test("a backup of a running hub restores to the same accounts, log and artifacts, and holds no secret in clear")
    func backupAndRestore() throws {
        try withHub { hub in
            let admin = try hub.admin()
            let rel = try hub.person("rel", .release)
            let digest = try hub.staged("1", token: rel)
            let words = try HubMaintenance.backup(state: hub.folder + "/state", to: hub.folder + "/backup")
            #expect(words.contains { $0.contains("verified") })
            for entry in try FileTree.walk(hub.folder + "/backup") {
                #expect(entry.mode & 0o077 == 0, "S-38: \(entry.path) is for its owner alone")
                guard entry.kind == .regular else { continue }
                let bytes = try DurableFile.read("\(hub.folder)/backup/\(entry.path)")
                let text = String(decoding: bytes, as: UTF8.self)
                #expect(!text.contains(admin) && !text.contains(rel), "S-38: \(entry.path)")
            }
            #expect(throws: HubStartError.self) {
                try HubMaintenance.backup(state: hub.folder + "/state", to: hub.folder + "/backup")
            }
            _ = try HubMaintenance.restore(backup: hub.folder + "/backup", to: hub.folder + "/second/state")
            let size = try hub.hub.audit.size
            var options = HubOptions(state: hub.folder + "/second/state")
            options.auroraPath = TestHub.products + "/aurora"
            options.launcherPath = TestHub.products + "/aurora-launcher"
            let configuration = HubConfiguration()
            let second = try Hub(
                options: options, configuration: configuration, listening: Listening(options, configuration),
                log: Log(json: true) { _ in }, clock: hub.clock.wall)
            defer { second.close() }
            #expect(try second.audit.size >= size)
            #expect(try second.accounts.users(after: "", limit: 10).map(\.name.text).contains("rel"))
            #expect(second.releases.blobs.contains(try #require(Digest(hex: digest))))
        }
    }

    @Test("a backup whose log was tampered with is not restored, and nothing is overwritten")
    func tamperedBackup() throws {
        try withHub { hub in
            _ = try hub.admin()
            _ = try HubMaintenance.backup(state: hub.folder + "/state", to: hub.folder + "/backup")
            let database = try Database(path: hub.folder + "/backup/hub.db", migrations: Hub.migrations)
            try database.write { transaction in
                let tables = ["audit_entries", "audit_leaves", "audit"]
                for table in tables { _ = try? transaction.execute("DELETE FROM \(table) WHERE 1 = 1") }
            }
            database.close()
            #expect(throws: HubStartError.self) {
                try HubMaintenance.restore(backup: hub.folder + "/backup", to: hub.folder + "/second")
            }
            #expect(try FileStatus.ifExists(hub.folder + "/second") == nil)
            #expect(throws: HubStartError.self) {
                try HubMaintenance.restore(backup: hub.folder + "/backup", to: hub.folder + "/state")
            }
        }
    }

    @Test("one hub for each state folder")
    func lock() throws {
        try withHub { hub in
            _ = #expect(throws: FileLockError.self) { try TestHub(hub.folder) }
        }
    }

    @Test("S-38 what the hub writes is for its owner alone, keys that others may read stop the start")
    func modes() throws {
        try withTemporaryDirectory { folder in
            try FileManager.default.createDirectory(atPath: folder + "/app", withIntermediateDirectories: true)
            let hub = try TestHub(folder)
            hub.hub.close()
            for path in ["", "/keys", "/keys/audit.key", "/keys/hub.key", "/hub.db", "/queues/core"] {
                #expect(try FileStatus.of(folder + "/state" + path).mode & 0o077 == 0, "\(path)")
            }
            let key = try Descriptor.open(folder + "/state/keys/hub.key", [.readOnly])
            try key.setMode(0o644)
            #expect(throws: HubStartError.self) { try TestHub(folder) }
        }
    }

    /// A hub that ends with a queued change; its targets are free again when this returns.
    private func leaveChange(_ folder: String) throws -> ChangeID {
        let hub = try TestHub(folder)
        defer { hub.hub.close() }
        let change = hub.hub.changes.new(.stage, subject: "x", actor: "rel", reason: "")
        try hub.hub.changes.create(change)
        return change.id
    }

    @Test("a change that the hub's end cut off is called interrupted at the next start")
    func interruptedChange() throws {
        try withTemporaryDirectory { folder in
            try FileManager.default.createDirectory(atPath: folder + "/app", withIntermediateDirectories: true)
            let id = try leaveChange(folder)
            let second = try TestHub(folder)
            defer { second.hub.close() }
            let change = try second.hub.changes.get(id)
            #expect(change.state == .interrupted && change.errorCode == "interrupted")
            #expect(change.errorMessage?.contains("Start it again") == true, "\(change.errorMessage ?? "")")
        }
    }
}
