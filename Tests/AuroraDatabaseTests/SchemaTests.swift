import AuroraTestSupport
import Testing

@testable import AuroraDatabase

struct SchemaTests {
    private static let more = Migration(
        name: "notes-2", statements: ["ALTER TABLE notes ADD COLUMN extra TEXT", "UPDATE notes SET extra = 'old'"])

    private func reopen(_ path: String, _ migrations: [Migration]) throws -> [String] {
        let database = try Database(path: path, migrations: migrations)
        defer { database.close() }
        return try database.read {
            try $0.query("SELECT name FROM aurora_migrations ORDER BY number").map { try $0.text("name") }
        }
    }

    @Test("Migrations are applied once each, in order, and recorded")
    func once() throws {
        try withTemporaryDirectory { folder throws in
            let path = folder + "/hub.db"
            #expect(try reopen(path, notes) == ["notes-1"])
            #expect(try reopen(path, notes) == ["notes-1"])
            #expect(try reopen(path, notes + [Self.more]) == ["notes-1", "notes-2"])
            #expect(try reopen(path, notes + [Self.more]) == ["notes-1", "notes-2"])
        }
    }

    @Test("I-25: a database of a newer program is refused before anything changes, naming what is unknown")
    func newerSchema() throws {
        try withTemporaryDirectory { folder throws in
            let path = folder + "/hub.db"
            _ = try reopen(path, notes + [Self.more])
            let extra = Migration(name: "third-1", statements: ["CREATE TABLE third (x BIGINT)"])
            #expect(throws: DatabaseError.newerSchema(path: path, unknown: ["notes-2"])) {
                try reopen(path, notes + [extra])
            }
            #expect(try reopen(path, notes + [Self.more]) == ["notes-1", "notes-2"])
        }
    }

    @Test("I-25: a migration that fails half-way leaves the schema and the rows before it")
    func failingMigration() throws {
        try withTemporaryDirectory { folder throws in
            let path = folder + "/hub.db"
            let broken = Migration(
                name: "notes-2", statements: ["DROP TABLE notes", "CREATE TABLE fresh (x BIGINT)", "THIS IS NOT SQL"])
            let database = try Database(path: path, migrations: notes)
            try database.insert(1)
            database.close()
            #expect(throws: DatabaseError.self) { try reopen(path, notes + [broken]) }
            let after = try Database(path: path, migrations: notes)
            #expect(try after.count() == 1)
            after.close()
        }
    }

    @Test("Two migrations of one name are refused")
    func duplicateNames() throws {
        try withTemporaryDirectory { folder throws in
            #expect(throws: DatabaseError.misuse("two migrations have one name")) {
                try Database(path: folder + "/hub.db", migrations: notes + notes)
            }
        }
    }

    @Test("A database opened to be read refuses changes, and needs no knowledge of the schema")
    func readingOnly() throws {
        try withNotes { database, path throws in
            try database.insert(1)
            let reader = try Database(readingAt: path)
            #expect(try reader.count() == 1)
            #expect(throws: DatabaseError.self) { try reader.insert(2) }
            reader.close()
            #expect(throws: DatabaseError.self) { try Database(readingAt: path + ".none") }
        }
    }
}
