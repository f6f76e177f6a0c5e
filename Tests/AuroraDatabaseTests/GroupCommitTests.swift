import Foundation
import Synchronization
import Testing

@testable import AuroraDatabase

struct GroupCommitTests {
    private struct Refused: Error, Equatable {
        let number: Int
    }

    @Test("64 threads share commits: all rows are there, with far fewer commits than writes")
    func sharesCommits() throws {
        try withNotes { database, _ throws in
            let failures = onThreads(64) { number in
                for round in 0..<20 { try database.insert(number * 100 + round) }
            }
            #expect(failures.isEmpty)
            #expect(try database.count() == 1_280)
            let activity = database.activity
            #expect(activity.writes == 1_280)
            #expect(activity.commits * 2 < activity.writes, "\(activity)")
        }
    }

    @Test("A closure that fails in a group is rolled back alone and its error reaches only its caller")
    func savepointIsolation() throws {
        try withNotes { database, _ throws in
            let outcome = Mutex<[Int: String]>([:])
            let failures = onThreads(64) { number in
                do {
                    try database.write { transaction in
                        try transaction.execute(
                            "INSERT INTO notes (id, body) VALUES (?, 'kept')", [.integer(Int64(number))])
                        if number % 4 == 0 { throw Refused(number: number) }
                        if number % 4 == 1 {
                            try transaction.execute("INSERT INTO notes (id, body) VALUES (?, NULL)", [99])
                        }
                    }
                } catch let error as Refused {
                    outcome.withLock { $0[number] = "refused \(error.number)" }
                } catch let error as DatabaseError {
                    outcome.withLock { $0[number] = "\(error.kind)" }
                }
            }
            #expect(failures.isEmpty)
            let told = outcome.withLock { $0 }
            for number in 0..<64 {
                let expected: String? =
                    switch number % 4 {
                    case 0: "refused \(number)"
                    case 1: "constraint"
                    default: nil
                    }
                #expect(told[number] == expected)
            }
            let kept = try database.read {
                try $0.query("SELECT id FROM notes ORDER BY id").map { try $0.integer("id") }
            }
            #expect(kept == (0..<64).filter { $0 % 4 > 1 }.map(Int64.init))
        }
    }

    @Test("An error thrown by a lone closure rolls back all it did, and the next write works")
    func rollbackOnThrow() throws {
        try withNotes { database, _ throws in
            #expect(throws: Refused(number: 7)) {
                try database.write { transaction in
                    try transaction.execute("INSERT INTO notes (id, body) VALUES (1, 'a')")
                    try transaction.execute("CREATE TABLE other (x BIGINT)")
                    throw Refused(number: 7)
                }
            }
            #expect(try database.count() == 0)
            try database.insert(1)
            #expect(try database.count() == 1)
        }
    }

    @Test("A closure that ends the transaction itself is refused and harms nobody else")
    func ownCommit() throws {
        try withNotes { database, _ throws in
            #expect(throws: DatabaseError.misuse("a closure ended the transaction itself")) {
                try database.write { try $0.execute("ROLLBACK") }
            }
            try database.insert(1)
            #expect(try database.count() == 1)
        }
    }

    @Test("A write inside a write is refused instead of waiting for itself")
    func nestedWrite() throws {
        try withNotes { database, _ throws in
            #expect(throws: DatabaseError.misuse("a write inside a write would wait for itself")) {
                try database.write { _ in try database.insert(1) }
            }
        }
    }

    @Test("A reader does not see rows that are not committed, and keeps its moment to its end")
    func readerSnapshot() throws {
        try withNotes { database, _ throws in
            try database.insert(1)
            try database.write { transaction in
                try transaction.execute("INSERT INTO notes (id, body) VALUES (2, 'b')")
                #expect(try database.count() == 1)
            }
            try database.read { transaction in
                let before = try transaction.query("SELECT id FROM notes").count
                try database.insert(3)
                let after = try transaction.query("SELECT id FROM notes").count
                #expect(before == 2)
                #expect(after == 2)
            }
            #expect(try database.count() == 3)
        }
    }

    @Test("Values returned by a write come back to its caller")
    func returnsValue() throws {
        try withNotes { database, _ throws in
            let text = try database.write { transaction in
                try transaction.first("INSERT INTO notes (id, body) VALUES (5, 'five') RETURNING body")?.text("body")
            }
            #expect(text == "five")
        }
    }

    @Test("After close every call is refused, and closing twice is harmless")
    func closed() throws {
        try withNotes { database, _ throws in
            database.close()
            database.close()
            #expect(throws: DatabaseError.closed) { try database.insert(1) }
            #expect(throws: DatabaseError.closed) { try database.count() }
        }
    }

    @Test("A full disk fails the write with its kind, keeps what was acknowledged, and heals when there is room")
    func fullDisk() throws {
        try withSmallDisk { folder in
            let database = try Database(path: folder + "/hub.db", migrations: notes)
            defer { database.close() }
            let filler = folder + "/filler"
            try database.insert(0)
            try Data(count: 300_000).write(to: URL(fileURLWithPath: filler))
            var acknowledged: Int64 = 1
            var kind: DatabaseError.Kind?
            for id in 1...400 where kind == nil {
                do {
                    try database.insert(id, String(repeating: "x", count: 20_000))
                    acknowledged += 1
                } catch let error as DatabaseError {
                    kind = error.kind
                }
            }
            #expect(kind == .full)
            #expect(try database.count() == acknowledged)
            try FileManager.default.removeItem(atPath: filler)
            try database.insert(1_000)
            #expect(try database.count() == acknowledged + 1)
            #expect(try database.integrityCheck().isEmpty)
        }
    }

    /// A tmpfs of 1.5 MiB; needs root.
    private func withSmallDisk(_ body: (String) throws -> Void) throws {
        guard geteuid() == 0 else {
            print("full disk: not run, because mounting a small file system needs root")
            return
        }
        try withNotes { _, path throws in
            let folder = path + ".disk"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            guard mount("tmpfs", folder, "tmpfs", 0, "size=1536k") == 0 else {
                print("full disk: not run, because this machine forbids mounts")
                return
            }
            defer { umount2(folder, Int32(MNT_DETACH)) }
            try body(folder)
        }
    }
}
