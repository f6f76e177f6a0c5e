import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraDatabase

struct DurabilityTests {
    @Test("Every connection has WAL, synchronous=FULL and foreign keys, read back from the engine")
    func settings() throws {
        try withNotes { _, path throws in
            for role in [Connection.Role.writer, .reader] {
                let connection = try Connection(path: path, role: role)
                #expect(try connection.setting("journal_mode") == "wal")
                #expect(try connection.setting("synchronous") == "2")
                #expect(try connection.setting("foreign_keys") == "1")
            }
        }
    }

    @Test("A database whose journal mode cannot be WAL is refused, not used without it")
    func refusesOtherJournal() throws {
        try withTemporaryDirectory { folder throws in
            // Another program holds the file in rollback mode and reads it: the switch to WAL cannot happen.
            let path = folder + "/hub.db"
            try DatabaseFile.prepare(path)
            let holder = try Connection(path: path, role: .copy)
            try holder.run("CREATE TABLE t (x BIGINT)")
            try holder.run("BEGIN IMMEDIATE")
            #expect(throws: DatabaseError.self) { try Database(path: path, migrations: notes) }
            try holder.run("ROLLBACK")
            #expect(throws: Never.self) { try Database(path: path, migrations: notes).close() }
        }
    }

    @Test("Only the owner may read the database and its log, also when the file was looser before")
    func fileMode() throws {
        try withTemporaryDirectory { folder throws in
            let path = folder + "/hub.db"
            try write("", to: path, mode: 0o666)
            let database = try Database(path: path, migrations: notes)
            try database.insert(1)
            for suffix in ["", "-wal", "-shm"] {
                #expect(try FileStatus.of(path + suffix).mode & 0o777 == 0o600, "\(suffix)")
            }
            database.close()
        }
    }

    @Test("A database that another program made, without checksums, is refused")
    func foreignFile() throws {
        try withTemporaryDirectory { folder throws in
            let path = folder + "/hub.db"
            let tool = Process()
            tool.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
            tool.arguments = [path, "CREATE TABLE t (x)"]
            try #require(FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3"))
            try tool.run()
            tool.waitUntilExit()
            #expect(throws: DatabaseError.foreign(path: path)) { try Database(path: path, migrations: notes) }
        }
    }

    @Test(
        "promise 5: another program that looks into the open database does not take its log away",
        arguments: [1, 2])
    func otherReader(opening: Int) throws {
        try withTemporaryDirectory { folder throws in
            let path = folder + "/hub.db"
            // The second opening finds a file that is in WAL mode already, and has its lock from the first statement on.
            for number in 1..<opening {
                let earlier = try Database(path: path, migrations: notes)
                try earlier.insert(number)
                earlier.close()
            }
            let database = try Database(path: path, migrations: notes)
            defer { database.close() }
            try database.insert(100)
            let log = try FileStatus.of(path + "-wal").inode
            let tool = Process()
            tool.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
            tool.arguments = [path, "PRAGMA user_version"]
            tool.standardOutput = FileHandle.nullDevice
            try tool.run()
            tool.waitUntilExit()
            #expect(tool.terminationStatus == 0)
            #expect(try FileStatus.ifExists(path + "-wal")?.inode == log, "the log is gone, and with it what follows")
        }
    }

    @Test("A file that is no database is refused as damaged")
    func garbage() throws {
        try withTemporaryDirectory { folder throws in
            let path = folder + "/hub.db"
            try write(String(repeating: "no database ", count: 1_000), to: path)
            #expect {
                try Database(path: path, migrations: notes)
            } throws: {
                ($0 as? DatabaseError)?.kind == .damaged
            }
        }
    }

    @Test("What was acknowledged is there after the process lost its connection without closing")
    func survivesWithoutClose() throws {
        try withNotes { database, path throws in
            for id in 1...20 { try database.insert(id) }
            // A copy of the files as they are on disk now is what a killed process leaves.
            let copy = path + ".killed"
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
            }
            let reopened = try Database(path: copy, migrations: notes)
            #expect(try reopened.count() == 20)
            reopened.close()
        }
    }

    @Test("I-26: a backup taken while writers run is whole and holds all that was acknowledged before")
    func backupWhileWriting() throws {
        try withNotes { database, path throws in
            for id in 0..<50 { try database.insert(id, String(repeating: "x", count: 2_000)) }
            let copy = path + ".copy"
            let failures = onThreads(9) { number in
                if number == 8 {
                    try database.backup(to: copy)
                } else {
                    for round in 0..<25 { try database.insert(100 + number * 100 + round) }
                }
            }
            #expect(failures.isEmpty)
            let restored = try Database(path: copy, migrations: notes)
            #expect(try restored.integrityCheck().isEmpty)
            #expect(try restored.count() >= 50)
            #expect(try restored.read { try $0.first("SELECT 1 AS one FROM notes WHERE id = 49") } != nil)
            restored.close()
            #expect(try database.count() == 250)
            #expect(try FileStatus.of(copy).mode & 0o777 == 0o600)
        }
    }

    @Test("A backup never replaces a file, and a failed one leaves nothing")
    func backupRefusals() throws {
        try withNotes { database, path throws in
            let taken = path + ".taken"
            try write("mine", to: taken)
            #expect(throws: DatabaseError.self) { try database.backup(to: taken) }
            #expect(try readText(taken) == "mine")
            #expect(throws: DatabaseError.self) { try database.backup(to: "/proc/none/copy") }
            let folder = (path as NSString).deletingLastPathComponent
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(!names.contains { $0.contains("partial") }, "\(names)")
        }
    }

    @Test("I-27: one flipped bit in any page is found at start, and the message says how to restore")
    func flippedBits() throws {
        try withNotes { database, path throws in
            for id in 0..<200 { try database.insert(id, String(repeating: "abc", count: 200 + id)) }
            database.close()
            let sound = try Descriptor.open(path, .readOnly).readAll()
            let pages = sound.count / 4_096
            try #require(pages > 20)
            var generator = SystemRandomNumberGenerator()
            for page in 0..<pages {
                let bit = Int.random(in: 0..<4_096 * 8, using: &generator)
                var damaged = sound
                damaged[page * 4_096 + bit / 8] ^= 1 << UInt8(bit % 8)
                let copy = path + ".damaged"
                try Descriptor.open(copy, [.writeOnly, .create, .truncate]).write(all: damaged)
                #expect("page \(page) bit \(bit)") {
                    try Database(path: copy, migrations: notes).close()
                } throws: { error in
                    (error as? DatabaseError)?.kind == .damaged && "\(error)".contains("aurora hub restore")
                }
                for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: copy + suffix) }
            }
        }
    }

    @Test(
        "Two pages that changed places, a page of zeros and a cut file are found", arguments: ["swap", "zero", "cut"])
    func displacedPages(_ damage: String) throws {
        try withNotes { database, path throws in
            for id in 0..<200 { try database.insert(id, String(repeating: "abc", count: 200)) }
            database.close()
            var bytes = try Descriptor.open(path, .readOnly).readAll()
            let (fifth, sixth) = (4 * 4_096..<5 * 4_096, 5 * 4_096..<6 * 4_096)
            switch damage {
            case "swap":
                let page = Array(bytes[fifth])
                bytes.replaceSubrange(fifth, with: Array(bytes[sixth]))
                bytes.replaceSubrange(sixth, with: page)
            case "zero": bytes.replaceSubrange(fifth, with: [UInt8](repeating: 0, count: 4_096))
            default: bytes.removeLast(3 * 4_096)
            }
            try Descriptor.open(path, [.writeOnly, .truncate]).write(all: bytes)
            #expect {
                try Database(path: path, migrations: notes).close()
            } throws: {
                ($0 as? DatabaseError)?.kind == .damaged
            }
        }
    }
}
