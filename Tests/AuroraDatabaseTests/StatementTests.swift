import AuroraDatabase
import Testing

struct StatementTests {
    static let naughty = [
        "", " ", "'", "\"", "';--", "'; DROP TABLE notes; --", "\u{0}", "a\u{0}b", "\u{202e}abc", "%s%n", "?1", "?",
        ":x",
        "$1", "NULL", "\\", "\r\n", "e\u{301}", "é", "🧑‍🚀", "𝔘𝔫𝔦", "\u{feff}", String(repeating: "x", count: 100_000),
    ]

    @Test("S-29: naughty text stays a value: it comes back exactly and finds exactly itself")
    func naughtyText() throws {
        try withNotes { database, _ throws in
            for (id, text) in Self.naughty.enumerated() { try database.insert(id, text) }
            for (id, text) in Self.naughty.enumerated() {
                let found = try database.read {
                    try $0.query("SELECT id, body FROM notes WHERE body = ?", [.text(text)])
                }
                #expect(try found.map { try $0.integer("id") } == [Int64(id)])
                #expect(try found.first.map { Array(try $0.text("body").utf8) } == Array(text.utf8))
            }
            #expect(try database.count() == Int64(Self.naughty.count))
        }
    }

    @Test("Values of each kind come back as they went in")
    func values() throws {
        try withNotes { database, _ throws in
            let all: [SQLValue] = [
                nil, 0, -1, .integer(.max), .integer(.min), "", "x", .bytes([]), .bytes([0, 255, 39]), SQLValue(true),
                SQLValue(nil as String?), SQLValue(nil as Int64?), SQLValue(nil as [UInt8]?),
            ]
            for value in all {
                let row = try database.read { try $0.first("SELECT ? AS v", [value]) }
                #expect(try row?.value("v") == value)
            }
        }
    }

    @Test("A column that is missing, null or of another kind is an error that names it")
    func columns() throws {
        try withNotes { database, _ throws in
            let row = try #require(
                try database.read { try $0.first("SELECT 'x' AS t, 5 AS n, NULL AS z, 1.5 > 1 AS b") })
            #expect(try row.text("t") == "x")
            #expect(try row.integer("n") == 5)
            #expect(try row.optionalText("z") == nil)
            #expect(try row.optionalInteger("z") == nil)
            #expect(try row.optionalBytes("z") == nil)
            #expect(try row.bool("b"))
            #expect(throws: DatabaseError.column(name: "t", reason: "it is text, not an integer")) {
                try row.integer("t")
            }
            #expect(throws: DatabaseError.column(name: "z", reason: "it is null")) { try row.text("z") }
            #expect(throws: DatabaseError.column(name: "n", reason: "5 is neither 0 nor 1")) { try row.bool("n") }
            #expect(throws: DatabaseError.column(name: "q", reason: "the result has only t, n, z, b")) {
                try row.bytes("q")
            }
        }
    }

    @Test("A read refuses changes, both as such and hidden in a query")
    func readOnly() throws {
        try withNotes { database, _ throws in
            #expect(throws: DatabaseError.self) { try database.read { try $0.execute("DELETE FROM notes") } }
            #expect(throws: DatabaseError.self) {
                try database.read { try $0.query("INSERT INTO notes (id, body) VALUES (1, 'a') RETURNING id").count }
            }
            #expect(try database.count() == 0)
        }
    }

    @Test("Two statements in one text, a wrong number of values and empty text are refused")
    func misuse() throws {
        try withNotes { database, _ throws in
            for (sql, values) in [
                ("SELECT 1; SELECT 2", []), ("SELECT ?", []), ("SELECT 1", [1]), ("  ", []), ("-- only", []),
            ] as [(String, [SQLValue])] {
                #expect {
                    try database.read { try $0.query(sql, values).count }
                } throws: {
                    if case DatabaseError.misuse = $0 { true } else { false }
                }
            }
        }
    }

    @Test("A failing statement keeps its text, the engine's code and the engine's message")
    func errorFacts() throws {
        try withNotes { database, _ throws in
            try database.insert(1)
            let sql = "INSERT INTO notes (id, body) VALUES (?, ?)"
            #expect(
                throws: DatabaseError.statement(sql: sql, code: 1_555, message: "UNIQUE constraint failed: notes.id")
            ) { try database.insert(1) }
            #expect {
                try database.insert(1)
            } throws: {
                ($0 as? DatabaseError)?.kind == .duplicate
            }
        }
    }

    @Test("A transaction that was carried out of its closure refuses to work")
    func escaped() throws {
        try withNotes { database, _ throws in
            nonisolated(unsafe) var escaped: Transaction?
            try database.read { escaped = $0 }
            #expect(throws: DatabaseError.misuse("a transaction was used after its end")) {
                try escaped?.query("SELECT 1")
            }
        }
    }

    @Test("execute tells how many rows changed, and forEach walks rows and stops at an error")
    func countsAndWalks() throws {
        struct Enough: Error {}
        try withNotes { database, _ throws in
            for id in 1...5 { try database.insert(id) }
            let changed = try database.write { transaction in
                (
                    try transaction.execute("UPDATE notes SET body = 'new' WHERE id > ?", [2]),
                    try transaction.execute("UPDATE notes SET body = 'new' WHERE id > 9"),
                    try transaction.execute("CREATE TABLE other (x BIGINT)")
                )
            }
            #expect(changed == (3, 0, 0))
            var seen: [Int64] = []
            #expect(throws: Enough.self) {
                try database.read { transaction in
                    try transaction.forEach("SELECT id FROM notes ORDER BY id") { row in
                        seen.append(try row.integer("id"))
                        // The same text again, inside the walk.
                        let inner = try transaction.first("SELECT id FROM notes ORDER BY id")
                        #expect(try inner?.integer("id") == 1)
                        if seen.count == 3 { throw Enough() }
                    }
                }
            }
            #expect(seen == [1, 2, 3])
        }
    }

    @Test("Twelve readers at once share eight connections")
    func manyReaders() throws {
        try withNotes { database, _ throws in
            try database.insert(1)
            let failures = onThreads(12) { _ in
                for _ in 0..<50 { if try database.count() != 1 { throw DatabaseError.closed } }
            }
            #expect(failures.isEmpty)
        }
    }
}
