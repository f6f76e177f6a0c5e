/// Brings a database to the schema that this program knows.
///
/// Each migration and its record commit together, so a kill at any point leaves it applied or not, never half. Several
/// processes may start at once: what is missing is looked up again with the right to write in hand.
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
            applied = try apply(migration, on: connection)
        }
    }

    private func recorded(on connection: Connection) throws(DatabaseError) -> [String] {
        var names: [String] = []
        for row in try connection.rows("SELECT name FROM aurora_migrations ORDER BY number") {
            names.append(try row.text("name"))
        }
        return names
    }

    /// Applies one migration unless another process just did.
    /// - Returns: All that are recorded now.
    private func apply(_ migration: Migration, on connection: Connection) throws(DatabaseError) -> [String] {
        try connection.beginWriting()
        do throws(DatabaseError) {
            let applied = try recorded(on: connection)
            guard !applied.contains(migration.name) else {
                try connection.run("ROLLBACK")
                return applied
            }
            for statement in migration.statements { try connection.run(statement) }
            try connection.run(
                "INSERT INTO aurora_migrations (number, name) VALUES (?, ?)",
                [.integer(Int64(applied.count + 1)), .text(migration.name)])
            try connection.run("COMMIT")
            return applied + [migration.name]
        } catch {
            // The first error is the one to tell; a failing rollback changes nothing about it.
            try? connection.run("ROLLBACK")
            throw error
        }
    }
}
