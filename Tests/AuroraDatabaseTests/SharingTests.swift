import AuroraSystem
import AuroraTestSupport
import Foundation
import Synchronization
import Testing

@testable import AuroraDatabase

@Suite struct SharingTests {
    private let impatient = DatabaseSharing.processes(patience: .milliseconds(200))

    @Test("What one opener wrote, another reads and changes at once")
    func twoOpeners() throws {
        try withTemporaryDirectory { folder throws in
            let path = folder + "/device.db"
            let first = try Database(path: path, migrations: notes, sharing: .processes)
            let second = try Database(path: path, migrations: notes, sharing: .processes)
            try first.insert(1)
            #expect(try second.count() == 1)
            try second.insert(2)
            #expect(try first.count() == 2)
            first.close()
            try second.insert(3)
            second.close()
            #expect(try Database(path: path, migrations: notes).count() == 3)
        }
    }

    @Test("A shared file keeps what durability depends on, read back from the engine")
    func settings() throws {
        try withNotes { _, path throws in
            let connection = try Connection(path: path, role: .writer, sharing: .processes)
            #expect(try connection.setting("journal_mode") == "wal")
            #expect(try connection.setting("synchronous") == "2")
        }
    }

    @Test("Who waits for the right to write for too long is told so, together with all who waited with it")
    func busy() throws {
        try withTemporaryDirectory { folder throws in
            let path = folder + "/device.db"
            let database = try Database(path: path, migrations: notes, sharing: impatient)
            defer { database.close() }
            let holder = try Connection(path: path, role: .writer, sharing: impatient)
            try holder.run("BEGIN IMMEDIATE")
            let expected = DatabaseError.busy(path: path, patience: .milliseconds(200))
            #expect(throws: expected) { try database.insert(1) }
            #expect(expected.kind == .busy)
            #expect(try database.count() == 0, "reading goes on")
            // Forty writers share a few waits; one after the other they would wait for eight seconds.
            let failures = onThreads(40) { try database.insert($0) }
            #expect(failures.count == 40)
            #expect(failures.allSatisfy { $0 as? DatabaseError == expected })
            try holder.run("ROLLBACK")
            try database.insert(1)
            #expect(try database.count() == 1)
        }
    }

    @Test("Many openers of a fresh file make its schema once")
    func migrationRace() throws {
        for _ in 0..<5 {
            try withTemporaryDirectory { folder throws in
                let path = folder + "/device.db"
                let failures = onThreads(16) { number in
                    let database = try Database(path: path, migrations: notes, sharing: .processes)
                    try database.insert(number)
                    database.close()
                }
                #expect(failures.isEmpty, "\(failures)")
                let database = try Database(path: path, migrations: notes, sharing: .processes)
                defer { database.close() }
                #expect(try database.count() == 16)
            }
        }
    }

    @Test("Closing one opener of a process leaves the locks of the other: nobody takes the log away")
    func closingKeepsLocks() throws {
        try withTemporaryDirectory { folder throws in
            let path = folder + "/device.db"
            let stays = try Database(path: path, migrations: notes, sharing: .processes)
            defer { stays.close() }
            try stays.insert(1)
            try Database(path: path, migrations: notes, sharing: .processes, examines: false).close()
            let log = try FileStatus.of(path + "-wal").inode
            let tool = Process()
            tool.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
            tool.arguments = [path, "SELECT count(*) FROM notes"]
            tool.standardOutput = FileHandle.nullDevice
            try tool.run()
            tool.waitUntilExit()
            #expect(tool.terminationStatus == 0)
            #expect(try FileStatus.ifExists(path + "-wal")?.inode == log)
        }
    }

    @Test("Opened without the examination, a damaged page is found when it is read, not before")
    func unexamined() throws {
        try withNotes { database, path throws in
            for id in 0..<200 { try database.insert(id, String(repeating: "abc", count: 200)) }
            database.close()
            let file = try Descriptor.open(path, .readWrite)
            let pages = try file.stat().size / 4_096
            try file.pwrite(all: [0x55, 0x55], at: (pages - 3) * 4_096 + 1_000)
            #expect(throws: DatabaseError.self) { try Database(path: path, migrations: notes) }
            let opened = try Database(path: path, migrations: notes, sharing: .processes, examines: false)
            defer { opened.close() }
            #expect {
                try opened.read { try $0.query("SELECT body FROM notes") }
            } throws: {
                ($0 as? DatabaseError)?.kind == .damaged
            }
        }
    }
}
