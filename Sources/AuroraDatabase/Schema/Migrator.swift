/// Brings a database to the schema that this program knows.
///
/// Each migration and its record commit together, so a kill at any point leaves it applied or not, never half.
struct Migrator {
    let path: String
    let migrations: [Migration]

    /// Applies what is missing, in the given order.
    /// - Throws: ``DatabaseError/newerSchema(path:unknown:)`` before anything is changed, or the statement's error.
    func run(on connection: Connection) throws(DatabaseError) {
        let names = migrations.map(\.name)
        guard Set(names).count == names.count else { throw .misuse("two migrations have one name") }
        try connection.run(
            """
            CREATE TABLE IF NOT EXISTS aurora_migrations (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE)
            """)
        var applied = try recorded(on: connection)
        let unknown = applied.filter { !names.contains($0) }
        guard unknown.isEmpty else { throw .newerSchema(path: path, unknown: unknown) }
        for migration in migrations where !applied.contains(migration.name) {
            try apply(migration, number: applied.count + 1, on: connection)
            applied.append(migration.name)
        }
    }

    private func recorded(on connection: Connection) throws(DatabaseError) -> [String] {
        var names: [String] = []
        for row in try connection.rows("SELECT name FROM aurora_migrations ORDER BY number") {
            names.append(try row.text("name"))
        }
        return names
    }

    private func apply(_ migration: Migration, number: Int, on connection: Connection) throws(DatabaseError) {
        try connection.run("BEGIN IMMEDIATE")
        do throws(DatabaseError) {
            for statement in migration.statements { try connection.run(statement) }
            try connection.run(
                "INSERT INTO aurora_migrations (number, name) VALUES (?, ?)",
                [.integer(Int64(number)), .text(migration.name)])
            try connection.run("COMMIT")
        } catch {
            // The first error is the one to tell; a failing rollback changes nothing about it.
            try? connection.run("ROLLBACK")
            throw error
        }
    }
}
