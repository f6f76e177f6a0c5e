import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraSystem
import Testing

@testable import AuroraAudit

/// S-36, I-9: whatever is done to the rows of the log is found with the key alone, and told where it begins.
struct RowTamperTests {
    struct Tampering: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let kind: AuditReport.Problem.Kind
        let entry: Int64?
        let statements: [(String, [SQLValue])]

        init(
            _ name: String, _ kind: AuditReport.Problem.Kind, at entry: Int64?, _ statements: (String, [SQLValue])...
        ) {
            testDescription = name
            self.kind = kind
            self.entry = entry
            self.statements = statements
        }
    }

    private static let forged = Array("forged".utf8)
    private static let forgedLeaf = SQLValue.bytes(MerkleTree.leafHash(forged).bytes)

    /// Each changes a log of 700 entries.
    static let tamperings = [
        Tampering(
            "edit", .entryChanged, at: 300, ("UPDATE audit_entries SET entry = ? WHERE number = 300", [.bytes(forged)])),
        Tampering(
            "edit with its own hash", .tileDamaged, at: 256,
            ("UPDATE audit_entries SET entry = ?, leaf = ? WHERE number = 300", [.bytes(forged), forgedLeaf])),
        Tampering(
            "edit with its own hash past the last full tile", .historyChanged, at: 0,
            ("UPDATE audit_entries SET entry = ?, leaf = ? WHERE number = 690", [.bytes(forged), forgedLeaf])),
        Tampering("drop", .entryMissing, at: 300, ("DELETE FROM audit_entries WHERE number = 300", [])),
        Tampering(
            "drop and close up", .entryChanged, at: 300, ("DELETE FROM audit_entries WHERE number = 300", []),
            ("UPDATE audit_entries SET number = -number WHERE number > 300", []),
            ("UPDATE audit_entries SET number = -number - 1 WHERE number < 0", []),
            (
                """
                UPDATE audit_entries SET leaf = (SELECT leaf FROM audit_entries WHERE number = 0) WHERE number = 300
                """, []
            )),
        Tampering(
            "swap", .tileDamaged, at: 256, ("UPDATE audit_entries SET number = -1 WHERE number = 300", []),
            ("UPDATE audit_entries SET number = 300 WHERE number = 301", []),
            ("UPDATE audit_entries SET number = 301 WHERE number = -1", [])),
        Tampering(
            "double", .stateDamaged, at: 700,
            (
                "INSERT INTO audit_entries (number, entry, leaf) SELECT 700, entry, leaf FROM audit_entries WHERE number = 5",
                []
            )),
        Tampering("tail cut", .tailCut, at: 650, ("DELETE FROM audit_entries WHERE number >= 650", [])),
        Tampering("emptied", .tailCut, at: 0, ("DELETE FROM audit_entries", [])),
        Tampering("gap at the start", .entryMissing, at: 0, ("DELETE FROM audit_entries WHERE number < 10", [])),
        Tampering(
            "flipped hash", .tileDamaged, at: 300,
            ("UPDATE audit_entries SET leaf = ? WHERE number = 300", [forgedLeaf])),
        Tampering(
            "flipped upper hash", .tileDamaged, at: 256,
            ("UPDATE audit_nodes SET hash = ? WHERE level = 1 AND number = 1", [forgedLeaf])),
        Tampering("missing upper hash", .tileMissing, at: 256, ("DELETE FROM audit_nodes WHERE number = 1", [])),
        Tampering(
            "signed root replaced", .stateDamaged, at: nil, ("UPDATE audit_signed SET root = ?", [forgedLeaf])),
        Tampering(
            "signed note replaced", .checkpointMalformed, at: nil,
            ("UPDATE audit_signed SET note = ?", [.bytes(forged)])),
        Tampering("state damaged", .stateDamaged, at: nil, ("UPDATE audit_state SET hashes = ?", [.bytes(forged)])),
    ]

    @Test("S-36: tampering with rows is found and the first bad entry is named", arguments: tamperings)
    func found(_ tampering: Tampering) throws {
        try withLog { test throws in
            try test.fill(700)
            try test.log.publish()
            #expect(try test.verifyRows().isSound)
            try test.database.write { transaction in
                for (sql, values) in tampering.statements { try transaction.execute(sql, values) }
            }
            let report = try test.verifyRows()
            #expect(report.problems.contains { $0.kind == tampering.kind }, "\(report.problems)")
            #expect(report.firstBadEntry == tampering.entry, "\(report.problems)")
        }
    }

    @Test("S-36: rows and all their hashes rewritten: the published log names the very entry")
    func rewritten() throws {
        try withLog { test throws in
            try test.fill(700)
            try test.log.publish()
            let other = test.folder + "/audit"
            try test.database.write { transaction in
                for table in ["audit_entries", "audit_nodes", "audit_state"] {
                    try transaction.execute("DELETE FROM \(table)")
                }
                for number in 0..<700 {
                    try test.log.append(test.entry(number, subject: number == 333 ? "forged" : nil), in: transaction)
                }
            }
            let alone = try test.verifyRows()
            #expect(alone.problems.map(\.kind) == [.historyChanged])
            let compared = try AuditLog.verify(test.database, verifierKey: test.verifierKey, published: other)
            #expect(compared.firstBadEntry == 333)
            #expect(try test.log.verifyNow().firstBadEntry == 333)
            #expect(try test.log.verificationState().report?.isSound == false)
        }
    }

    @Test("S-36: rows signed anew by another key are found")
    func otherKey() throws {
        try withLog { test throws in
            try test.fill(10)
            try test.log.publish()
            let thief = try AuditLog(
                database: test.database, origin: origin, key: Ed25519PrivateKey(), directory: test.folder + "/thief",
                clock: .fixed(1))
            try test.fill(1)
            try thief.publish()
            #expect(try test.verifyRows().problems.map(\.kind) == [.wrongKey])
        }
    }

    @Test("A sound log says so, with its size, key and time of the last check")
    func sound() throws {
        try withLog { test throws in
            try test.fill(20)
            try test.log.publish()
            try test.fill(2)
            #expect(try test.log.verifyNow().isSound)
            let state = try test.log.verificationState()
            #expect(state.size == 22)
            #expect(state.signedSize == 20)
            #expect(state.verifierKey == "\(test.verifierKey)")
            #expect(state.checkedAt == Timestamp(milliseconds: 1_000))
            #expect(state.report?.summary == "22 entries verified")
        }
    }
}
