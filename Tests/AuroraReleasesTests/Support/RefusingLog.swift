import AuroraDatabase

extension Database {
    /// Runs `body` while the audit log takes no entry.
    func withoutLog<T>(_ body: () throws -> T) throws -> T {
        try execute(
            "CREATE TRIGGER no_entries BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(ABORT, 'no entries'); END")
        let result = Result { try body() }
        try execute("DROP TRIGGER no_entries")
        return try result.get()
    }

    private func execute(_ sql: String) throws {
        try write { _ = try $0.execute(sql) }
    }
}
