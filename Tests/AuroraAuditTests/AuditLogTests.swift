import AuroraDatabase
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Foundation
import Synchronization
import Testing

@testable import AuroraAudit

struct AuditLogTests {
    private struct Refused: Error {}

    @Test("An entry commits with the change it tells of, or not at all")
    func sameTransaction() throws {
        try withLog { test throws in
            #expect(throws: Refused.self) {
                try test.database.write { transaction in
                    try test.log.append(test.entry(0), in: transaction)
                    throw Refused()
                }
            }
            #expect(try test.log.size == 0)
            #expect(try test.log.record(test.entry(0)) == 0)
            #expect(try test.log.record(test.entry(1)) == 1)
            #expect(try test.log.entries(from: 1, limit: 9).map { try $0.decoded() } == [test.entry(1)])
        }
    }

    @Test("I-8, I-10: with 64 writers numbers have no gap, and their order is the order of commits")
    func manyWriters() throws {
        try withLog { test throws in
            // Each writer also takes a ticket in the same transaction: the tickets tell the true order of commits.
            try test.database.write {
                try $0.execute("CREATE TABLE tickets (number BIGINT NOT NULL, name TEXT NOT NULL)")
            }
            let acknowledged = Mutex<[Int64: String]>([:])
            let failures = onThreads(64) { writer in
                for round in 0..<10 {
                    let name = "\(writer)-\(round)"
                    do {
                        let number = try test.database.write { transaction in
                            let number = try test.log.append(test.entry(round, subject: name), in: transaction)
                            let ticket = try transaction.first("SELECT count(*) AS n FROM tickets")?.integer("n") ?? -1
                            try transaction.execute(
                                "INSERT INTO tickets (number, name) VALUES (?, ?)", [.integer(ticket), .text(name)])
                            if (writer + round) % 5 == 0 { throw Refused() }
                            return number
                        }
                        acknowledged.withLock { $0[number] = name }
                    } catch is Refused {}
                }
            }
            #expect(failures.isEmpty)
            let expected = 640 - 128
            let entries = try test.log.entries(from: 0, limit: 1_000)
            let tickets = try test.database.read { try $0.query("SELECT number, name FROM tickets ORDER BY number") }
            #expect(entries.map(\.number) == Array(0..<Int64(expected)))
            let names = try entries.map { try $0.decoded().subject }
            #expect(try tickets.map { try $0.text("name") } == names)
            let told = acknowledged.withLock { $0 }
            #expect(told.count == expected)
            for (number, name) in told { #expect(names[Int(number)] == name) }
            #expect(try test.verifyRows().isSound)
        }
    }

    @Test("Published logs of many sizes verify, step by step, and old partial tiles go when the tile is full")
    func growing() throws {
        try withLog { test throws in
            var known: [Checkpoint] = [try test.log.publish()]
            for count in [1, 1, 5, 248, 1, 1, 255, 600] {
                try test.fill(count)
                known.append(try test.log.publish())
                let report = test.verifyFolder(known: known)
                #expect(report.isSound, "\(report.summary)")
                #expect(report.size == known.last?.size)
                #expect(try test.verifyRows(known: known).isSound)
            }
            #expect(known.map(\.size) == [0, 1, 2, 7, 255, 256, 257, 512, 1_112])
            let names = try FileManager.default.subpathsOfDirectory(atPath: test.published)
            #expect(!names.contains { $0.hasPrefix("tile/0/000.p") || $0.hasPrefix("tile/entries/001.p") })
            #expect(names.contains("tile/0/004.p/88"))
        }
    }

    @Test("The folder can be made again from nothing, with the same bytes")
    func rebuild() throws {
        try withLog { test throws in
            try test.fill(700)
            try test.log.publish()
            let copy = test.folder + "/copy"
            try FileManager.default.moveItem(atPath: test.published, toPath: copy)
            let again = try AuditLog(
                database: test.database, origin: origin, key: test.key, directory: test.published,
                clock: .fixed(2_000))
            #expect(try again.publish().size == 700)
            #expect(try contents(of: copy) == contents(of: test.published))
        }
    }

    @Test("A tile that went missing is made again at the next start")
    func missingTile() throws {
        try withLog { test throws in
            try test.fill(600)
            try test.log.publish()
            try FileManager.default.removeItem(atPath: test.published + "/tile/0/001")
            #expect(!test.verifyFolder().isSound)
            let again = try AuditLog(
                database: test.database, origin: origin, key: test.key, directory: test.published, clock: .fixed(1))
            try again.publish()
            #expect(test.verifyFolder().isSound)
        }
    }

    @Test("Publishing twice without news changes no file")
    func nothingNew() throws {
        try withLog { test throws in
            try test.fill(3)
            try test.log.publish()
            let before = try FileStatus.of(test.published + "/checkpoint").inode
            try test.log.publish()
            #expect(try FileStatus.of(test.published + "/checkpoint").inode == before)
        }
    }

    @Test("64 threads publish and record at once: every checkpoint on the way continues the one before")
    func publishUnderLoad() throws {
        try withLog { test throws in
            let seen = Mutex<[Checkpoint]>([])
            let failures = onThreads(16) { number in
                for round in 0..<8 {
                    try test.log.record(test.entry(number * 100 + round))
                    if number % 4 == 0 {
                        let checkpoint = try test.log.publish()
                        seen.withLock { $0.append(checkpoint) }
                    }
                }
            }
            #expect(failures.isEmpty)
            try test.log.publish()
            let known = seen.withLock { $0 }
            #expect(known.count == 32)
            #expect(test.verifyFolder(known: known).isSound)
        }
    }

    @Test("A log whose rows no longer continue the signed checkpoint is never signed")
    func neverInconsistent() throws {
        try withLog { test throws in
            try test.fill(10)
            let first = try test.log.publish()
            // Somebody rewrites the rows cleverly: a whole other log in the same tables.
            try test.database.write { transaction in
                for table in ["audit_entries", "audit_nodes", "audit_state"] {
                    try transaction.execute("DELETE FROM \(table)")
                }
            }
            try test.fill(12)
            try test.database.write { transaction in
                try transaction.execute("DELETE FROM audit_entries WHERE number = 11")
                try transaction.execute("DELETE FROM audit_state")
            }
            #expect(throws: AuditError.self) { try test.log.publish() }
            try test.database.write { transaction in
                for table in ["audit_entries", "audit_nodes", "audit_state"] {
                    try transaction.execute("DELETE FROM \(table)")
                }
                for number in 0..<12 {
                    try test.log.append(test.entry(number, subject: "forged"), in: transaction)
                }
            }
            #expect {
                try test.log.publish()
            } throws: {
                if case AuditError.inconsistent(10, first.root, 12, _) = $0 { true } else { false }
            }
            let disk = try SignedNote(bytes: fileBytes(test.published + "/checkpoint"))
            #expect(try Checkpoint(text: disk.text) == first)
        }
    }

    @Test("An older database beside a newer published log is not signed on; it takes the missing entries back first")
    func olderBackup() throws {
        try withTemporaryDirectory { folder throws in
            let test = try TestLog(in: folder)
            try test.fill(300)
            try test.log.publish()
            try test.database.backup(to: folder + "/backup.db")
            try test.fill(250)
            let newest = try test.log.publish()
            test.database.close()
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: folder + "/hub.db" + suffix)
            }
            try FileManager.default.moveItem(atPath: folder + "/backup.db", toPath: folder + "/hub.db")

            let restored = try TestLog(in: folder, key: test.key)
            defer { restored.database.close() }
            #expect(throws: AuditError.databaseBehind(published: 550, size: 300)) { try restored.log.publish() }
            #expect(try restored.log.recoverFromFolder() == 250)
            try restored.fill(5)
            #expect(try restored.log.publish().size == 555)
            #expect(restored.verifyFolder(known: [newest]).isSound)
            #expect(try restored.verifyRows(known: [newest]).isSound)
        }
    }

    @Test("Entries made after the restore of an older backup contradict the published log: taking back is refused")
    func forkedBackup() throws {
        try withLog { test throws in
            try test.fill(5)
            try test.log.publish()
            try test.database.write { transaction in
                for table in ["audit_entries", "audit_nodes", "audit_state"] {
                    try transaction.execute("DELETE FROM \(table)")
                }
                try test.log.append(test.entry(0, subject: "another history"), in: transaction)
            }
            #expect(throws: AuditError.self) { try test.log.recoverFromFolder() }
            #expect(try test.log.size == 1)
        }
    }

    private func contents(of folder: String) throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            if try FileStatus.of("\(folder)/\(name)").kind == .regular {
                contents[name] = try fileBytes("\(folder)/\(name)")
            }
        }
        return contents
    }
}
