/// The engine's own examination of a database file, plus the checksum of each page it reads.
enum IntegrityCheck {
    /// How much is examined.
    enum Depth: String {
        /// Structure and checksums of every used page; done at each start.
        case quick = "quick_check"
        /// Also that indexes agree with tables and that references hold.
        case complete = "integrity_check"
    }

    /// Returns what is wrong, nothing when all is well.
    static func findings(of connection: Connection, depth: Depth) -> [String] {
        do throws(DatabaseError) {
            var findings: [String] = []
            for row in try connection.rows("PRAGMA \(depth.rawValue)(100)") {
                if case .text(let text)? = row.only, text != "ok" { findings.append(text) }
            }
            guard findings.isEmpty, depth == .complete else { return findings }
            for row in try connection.rows("PRAGMA foreign_key_check") {
                findings.append(
                    "a row of table \(try row.text("table")) refers to nothing in \(try row.text("parent"))")
            }
            return findings
        } catch {
            return ["\(error)"]
        }
    }

    /// Refuses a damaged database.
    static func require(_ connection: Connection, depth: Depth) throws(DatabaseError) {
        let findings = findings(of: connection, depth: depth)
        guard findings.isEmpty else { throw .damaged(path: connection.path, findings: findings) }
    }
}
