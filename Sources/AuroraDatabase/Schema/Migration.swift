/// One step of the schema, applied exactly once to each database.
package struct Migration: Hashable, Sendable {
    /// The name it is recorded under, unique and never changed after a release, such as `audit-1`.
    package let name: String
    /// The statements, in order, in the portable subset (BIGINT, TEXT, BYTEA; no PRAGMA).
    package let statements: [String]

    /// Makes a migration.
    package init(name: String, statements: [String]) {
        self.name = name
        self.statements = statements
    }
}
