import CSQLite

/// One prepared statement of one connection.
///
/// Not thread-safe; used only by the thread that has the connection.
final class Statement {
    let sql: String
    private let handle: OpaquePointer
    private let connection: OpaquePointer
    private(set) lazy var columns: [String] = (0..<sqlite3_column_count(handle)).map { index in
        sqlite3_column_name(handle, index).map { String(cString: $0) } ?? ""
    }

    init(_ sql: String, on connection: OpaquePointer) throws(DatabaseError) {
        var handle: OpaquePointer?
        var text = sql
        let (code, complete) = text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { characters -> (Int32, Bool) in
                var tail: UnsafePointer<CChar>?
                let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
                let code = sqlite3_prepare_v3(
                    connection, characters.baseAddress, Int32(characters.count), flags, &handle, &tail)
                let used = tail.flatMap { end in characters.baseAddress.map { end - $0 } } ?? characters.count
                return (code, characters[used...].allSatisfy { [9, 10, 13, 32, 59].contains($0) })
            }
        }
        guard code == SQLITE_OK else { throw Self.failure(sql, on: connection) }
        guard let handle else { throw .misuse("the statement is empty: \(sql)") }
        guard complete else {
            sqlite3_finalize(handle)
            throw .misuse("more than one statement in one call: \(sql)")
        }
        self.sql = sql
        self.handle = handle
        self.connection = connection
    }

    deinit {
        sqlite3_finalize(handle)
    }

    func bind(_ values: [SQLValue]) throws(DatabaseError) {
        let expected = Int(sqlite3_bind_parameter_count(handle))
        guard values.count == expected else {
            throw .misuse("\(values.count) values for \(expected) places in: \(sql)")
        }
        for (index, value) in values.enumerated() {
            guard bind(value, at: Int32(index + 1)) == SQLITE_OK else { throw Self.failure(sql, on: connection) }
        }
    }

    private func bind(_ value: SQLValue, at index: Int32) -> Int32 {
        switch value {
        case .null:
            return sqlite3_bind_null(handle, index)
        case .integer(let number):
            return sqlite3_bind_int64(handle, index, number)
        case .text(var text):
            return text.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) {
                    guard let address = $0.baseAddress else {
                        return sqlite3_bind_text(handle, index, "", 0, transient)
                    }
                    return sqlite3_bind_text64(
                        handle, index, address, UInt64($0.count), transient, UInt8(SQLITE_UTF8))
                }
            }
        case .bytes(let bytes):
            guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(handle, index, 0) }
            return sqlite3_bind_blob64(handle, index, bytes, UInt64(bytes.count), transient)
        }
    }

    /// Moves to the next row; `false` at the end.
    func step() throws(DatabaseError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw Self.failure(sql, on: connection)
        }
    }

    /// The row that `step` moved to.
    func row() throws(DatabaseError) -> Row {
        var values: [SQLValue] = []
        values.reserveCapacity(columns.count)
        for index in 0..<Int32(columns.count) { values.append(try value(at: index)) }
        return Row(columns: columns, values: values)
    }

    private func value(at index: Int32) throws(DatabaseError) -> SQLValue {
        switch sqlite3_column_type(handle, index) {
        case SQLITE_NULL:
            return .null
        case SQLITE_INTEGER:
            return .integer(sqlite3_column_int64(handle, index))
        case SQLITE_TEXT:
            let address = sqlite3_column_text(handle, index)
            let utf8 = UnsafeBufferPointer(start: address, count: Int(sqlite3_column_bytes(handle, index)))
            guard let text = String(validating: utf8, as: UTF8.self) else {
                throw .column(name: columns[Int(index)], reason: "its text is not UTF-8")
            }
            return .text(text)
        case SQLITE_BLOB:
            let address = sqlite3_column_blob(handle, index)
            return .bytes(
                [UInt8](UnsafeRawBufferPointer(start: address, count: Int(sqlite3_column_bytes(handle, index)))))
        default:
            throw .column(name: columns[Int(index)], reason: "floating-point values are not used here")
        }
    }

    /// Makes the statement ready for its next use and forgets the values bound to it.
    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    private static func failure(_ sql: String, on connection: OpaquePointer) -> DatabaseError {
        .statement(
            sql: sql, code: sqlite3_extended_errcode(connection), message: String(cString: sqlite3_errmsg(connection)))
    }
}

// `SQLITE_TRANSIENT` is a cast macro that Swift cannot see: "copy the bytes before the call returns".
private var transient: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
