import AuroraDatabase
import AuroraTestSupport
import Foundation
import Synchronization

/// The small schema of these tests.
let notes = [
    Migration(
        name: "notes-1",
        statements: ["CREATE TABLE notes (id BIGINT NOT NULL PRIMARY KEY, body TEXT NOT NULL, data BYTEA)"])
]

/// Gives `body` a fresh database with the table `notes`.
@discardableResult
func withNotes<T>(_ body: (Database, String) throws -> T) throws -> T {
    try withTemporaryDirectory { folder throws in
        let path = folder + "/hub.db"
        let database = try Database(path: path, migrations: notes)
        defer { database.close() }
        return try body(database, path)
    }
}

extension Database {
    func insert(_ id: Int, _ body: String = "note") throws {
        try write { transaction in
            try transaction.execute("INSERT INTO notes (id, body) VALUES (?, ?)", [.integer(Int64(id)), .text(body)])
        }
    }

    func count() throws -> Int64 {
        try read { try $0.first("SELECT count(*) AS n FROM notes")?.integer("n") ?? -1 }
    }
}

/// Runs `body` on `count` threads at once, waits for all, and returns what they threw.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) -> [any Error] {
    let failures = Mutex<[any Error]>([])
    let group = DispatchGroup()
    for number in 0..<count {
        group.enter()
        let thread = Thread {
            do { try body(number) } catch { failures.withLock { $0.append(error) } }
            group.leave()
        }
        thread.start()
    }
    group.wait()
    return failures.withLock { $0 }
}
