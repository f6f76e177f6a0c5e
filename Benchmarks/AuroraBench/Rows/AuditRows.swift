import AuroraAudit
import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraSystem
import Foundation
import Synchronization

/// Durable audit entries, one writer and 64 writers, against an appended file with fsync.
enum AuditRows {
    static func run(_ bench: Bench) throws -> [ResultRow] {
        let folder = try bench.makeFolder("audit")
        let database = try Database(path: "\(folder)/hub.db", migrations: AuditLog.migrations)
        defer { database.close() }
        let log = try AuditLog(
            database: database, origin: "bench.example/audit", key: Ed25519PrivateKey(),
            directory: "\(folder)/audit", clock: .system)
        let plain = try AppendedFile("\(folder)/plain.log")
        let alone = bench.isQuick ? 50 : 200
        let each = bench.isQuick ? 20 : 60
        var single = Samples(.rate)
        var grouped = Samples(.rate)
        var plainRate = Samples(.rate)
        for _ in 0..<bench.rounds {
            try bench.settle()
            single.add(Double(alone) / (try seconds { for _ in 0..<alone { try log.record(entry()) } }))
            try bench.settle()
            plainRate.add(Double(alone) / (try seconds { for _ in 0..<alone { try plain.append() } }))
            try bench.settle()
            grouped.add(Double(64 * each) / (try seconds { try parallel(64) { try repeatRecord(log, each) } }))
        }
        let activity = database.activity
        let sharing = String(format: "%.1f entries a flush", Double(activity.writes) / Double(max(1, activity.commits)))
        let peer = "append 300 B + fsync, 1 writer: \(plainRate.text)"
        return [
            ResultRow(
                "audit append, durable, 1 writer", ours: single.text, peer: peer,
                ratio: times(single.median, plainRate.median)),
            ResultRow(
                "audit append, durable, 64 writers (all: \(sharing))", ours: grouped.text, peer: peer,
                ratio: times(grouped.median, plainRate.median), bar: "≥ 3,000/s", isMet: grouped.median >= 3000),
        ]
    }

    private static func repeatRecord(_ log: AuditLog, _ count: Int) throws {
        for _ in 0..<count { try log.record(entry()) }
    }

    private static func entry() -> AuditEntry {
        AuditEntry(
            time: Timestamp(milliseconds: WallClock.system.now()), actor: .system, action: "device.report",
            subject: "device-4711", reason: "status", details: [("state", "healthy"), ("version", "1.2.3")])
    }

    /// Runs `body` on `count` threads at once and waits for all; the first error is thrown.
    private static func parallel(_ count: Int, _ body: @escaping @Sendable () throws -> Void) throws {
        let failure = Failure()
        let group = DispatchGroup()
        for _ in 0..<count {
            group.enter()
            let thread = Thread {
                do { try body() } catch { failure.keep("\(error)") }
                group.leave()
            }
            thread.start()
        }
        group.wait()
        if let text = failure.text { throw BenchError(text) }
    }

    /// The first error of several threads.
    private final class Failure: Sendable {
        private let kept = Mutex<String?>(nil)
        var text: String? { kept.withLock { $0 } }
        func keep(_ text: String) { kept.withLock { $0 = $0 ?? text } }
    }

    /// The plainest durable log there is.
    private final class AppendedFile {
        private let file: Descriptor
        private let line = [UInt8](repeating: UInt8(ascii: "x"), count: 299) + [0x0A]

        init(_ path: String) throws {
            file = try Descriptor.open(path, [.writeOnly, .create, .append])
        }

        func append() throws {
            try file.write(all: line)
            try file.fsync()
        }
    }
}
