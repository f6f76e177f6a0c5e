/// One row of a result: values under the names of their columns.
package struct Row: Sendable {
    private let columns: [String]
    private let values: [SQLValue]

    init(columns: [String], values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// Returns the value of a column.
    /// - Throws: ``DatabaseError/column(name:reason:)`` when the result has no such column.
    package func value(_ column: String) throws(DatabaseError) -> SQLValue {
        guard let index = columns.firstIndex(of: column) else {
            throw .column(name: column, reason: "the result has only \(columns.joined(separator: ", "))")
        }
        return values[index]
    }

    /// Returns a number that must be there.
    package func integer(_ column: String) throws(DatabaseError) -> Int64 {
        guard let value = try optionalInteger(column) else { throw .column(name: column, reason: "it is null") }
        return value
    }

    /// Returns text that must be there.
    package func text(_ column: String) throws(DatabaseError) -> String {
        guard let value = try optionalText(column) else { throw .column(name: column, reason: "it is null") }
        return value
    }

    /// Returns bytes that must be there.
    package func bytes(_ column: String) throws(DatabaseError) -> [UInt8] {
        guard let value = try optionalBytes(column) else { throw .column(name: column, reason: "it is null") }
        return value
    }

    /// Returns a Boolean kept as 0 or 1; any other number is refused.
    package func bool(_ column: String) throws(DatabaseError) -> Bool {
        switch try integer(column) {
        case 0: return false
        case 1: return true
        case let other: throw .column(name: column, reason: "\(other) is neither 0 nor 1")
        }
    }

    /// Returns a number, or `nil` for NULL.
    package func optionalInteger(_ column: String) throws(DatabaseError) -> Int64? {
        switch try value(column) {
        case .null: return nil
        case .integer(let value): return value
        case let other: throw .column(name: column, reason: "it is \(other.kind), not an integer")
        }
    }

    /// Returns text, or `nil` for NULL.
    package func optionalText(_ column: String) throws(DatabaseError) -> String? {
        switch try value(column) {
        case .null: return nil
        case .text(let value): return value
        case let other: throw .column(name: column, reason: "it is \(other.kind), not text")
        }
    }

    /// Returns bytes, or `nil` for NULL.
    package func optionalBytes(_ column: String) throws(DatabaseError) -> [UInt8]? {
        switch try value(column) {
        case .null: return nil
        case .bytes(let value): return value
        case let other: throw .column(name: column, reason: "it is \(other.kind), not bytes")
        }
    }
}

extension Row {
    /// The value of a row with one column.
    var only: SQLValue? { values.count == 1 ? values[0] : nil }
}
