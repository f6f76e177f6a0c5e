/// The statements of one unit of work, given to the closure of ``Database/read(_:)`` or ``Database/write(_:)``.
///
/// Belongs to that closure: used after it returned, every call throws ``DatabaseError/misuse(_:)``. Values are always
/// bound, never pasted into the text; `?` marks their places.
package final class Transaction {
    private var connection: Connection?
    private let isReadOnly: Bool

    init(_ connection: Connection, isReadOnly: Bool) {
        self.connection = connection
        self.isReadOnly = isReadOnly
    }

    /// Ends the life of this object with its closure.
    func end() {
        connection = nil
    }

    /// Runs one statement that changes rows.
    /// - Returns: The number of rows changed.
    @discardableResult
    package func execute(_ sql: String, _ values: [SQLValue] = []) throws(DatabaseError) -> Int {
        guard !isReadOnly else { throw .misuse("a change inside a read: \(sql)") }
        return try current().change(sql, values)
    }

    /// Runs one statement and returns all its rows; use ``forEach(_:_:_:)`` where there may be many.
    package func query(_ sql: String, _ values: [SQLValue] = []) throws(DatabaseError) -> [Row] {
        try current().rows(sql, values)
    }

    /// Runs one statement and returns its first row, or `nil` when it has none.
    package func first(_ sql: String, _ values: [SQLValue] = []) throws(DatabaseError) -> Row? {
        try current().firstRow(sql, values)
    }

    /// Runs one statement and gives its rows to `body` one by one, in constant memory.
    ///
    /// An error that `body` throws ends the walk and is passed on.
    package func forEach(_ sql: String, _ values: [SQLValue] = [], _ body: (Row) throws -> Void) throws {
        try current().useAny(sql, values) { statement in
            while try statement.step() { try body(statement.row()) }
        }
    }

    private func current() throws(DatabaseError) -> Connection {
        guard let connection else { throw .misuse("a transaction was used after its end") }
        return connection
    }
}
