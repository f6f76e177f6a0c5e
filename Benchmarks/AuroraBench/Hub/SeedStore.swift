import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraReleases
import AuroraSystem

/// Fills a hub's database with staged releases before its first start; the schema is the one of AuroraReleases.
enum SeedStore {
    /// Writes `count` rows in transactions of 10,000; durable.
    static func seed(_ count: Int, state: String) throws {
        try DurableFile.makeDirectory(state, mode: 0o700)
        let database = try Database(path: "\(state)/hub.db", migrations: Releases.migrations)
        defer { database.close() }
        let verdict = SignatureVerdict(state: .good, covers: .release, explanation: "made for a measurement")
        let judged = String(decoding: verdict.json.documentBytes, as: UTF8.self)
        for first in stride(from: 0, to: count, by: 10_000) {
            try database.write { transaction in
                for number in first..<min(first + 10_000, count) { try insert(number, judged, in: transaction) }
            }
        }
    }

    private static func insert(_ number: Int, _ verdict: String, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO releases (artifact, tree, name, version, hardware, verdict, entries, bytes, label, staged_by,
                staged, evidence)
            VALUES (?, ?, 'bench', ?, '[]', ?, 20, 2097152, ?, 'ci', ?, '[]')
            """,
            [
                .text(Digest(hashing: Array("artifact \(number)".utf8)).hex),
                .text(Digest(hashing: Array("tree \(number)".utf8)).hex), .text("1.0.\(number)"), .text(verdict),
                .text("bench-\(number).tar.gz"), .integer(1_700_000_000_000 + Int64(number)),
            ])
    }
}
