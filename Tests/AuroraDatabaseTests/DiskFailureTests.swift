import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraDatabase

/// What happens when the disk fails or the process is killed inside a system call.
///
/// Each runs in a process of its own, into which strace injects the failure.
struct DiskFailureTests {
    private static let hasStrace =
        geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")

    private struct Wrong: Error {
        let what: String
    }

    /// Has strace change calls of this process from now on, until it is killed.
    private static func inject(_ rule: String) throws -> pid_t {
        let strace = Process()
        strace.executableURL = URL(fileURLWithPath: "/usr/bin/strace")
        strace.arguments = ["-f", "-qq", "-o", "/dev/null", "-p", "\(getpid())", "-e", "inject=\(rule)"]
        strace.standardError = FileHandle.nullDevice
        try strace.run()
        // Attached once each thread of this process has a tracer.
        for _ in 0..<10_000_000 {
            let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
            let isTraced = threads.allSatisfy { thread in
                guard let status = try? readText("/proc/self/task/\(thread)/status") else { return true }
                return !status.contains("TracerPid:\t0\n")
            }
            if isTraced { return strace.processIdentifier }
            sched_yield()
        }
        throw Wrong(what: "strace did not attach")
    }

    @Test(
        "A flush that fails is told to the writer, never retried as success, and nothing more is written",
        .enabled(if: hasStrace, "needs root and strace"))
    func failedFlush() async {
        await #expect(processExitsWith: .success) {
            try withNotes { database, path throws in
                try database.insert(1)
                let strace = try Self.inject("fdatasync,fsync:error=EIO")
                do {
                    try database.insert(2)
                    throw Wrong(what: "the write was acknowledged")
                } catch let error as DatabaseError {
                    guard case .commit = error, error.kind == .io else { throw Wrong(what: "\(error)") }
                }
                kill(strace, SIGKILL)
                do {
                    try database.insert(3)
                    throw Wrong(what: "a write after the failure was acknowledged")
                } catch let error as DatabaseError {
                    guard case .stopped = error else { throw Wrong(what: "\(error)") }
                }
                guard try database.count() == 1 else { throw Wrong(what: "a row that was not acknowledged is visible") }
                database.close()
                let reopened = try Database(path: path, migrations: notes)
                defer { reopened.close() }
                try reopened.insert(4)
                let rows = try reopened.read {
                    try $0.query("SELECT id FROM notes ORDER BY id").map { try $0.integer("id") }
                }
                guard rows == [1, 4] || rows == [1, 2, 4] else { throw Wrong(what: "\(rows)") }
            }
        }
    }

    @Test(
        "I-25: killed at any write of a migration, the database has the old schema or the new one, whole",
        .enabled(if: hasStrace, "needs root and strace"), arguments: [1, 2, 3, 5, 8, 13, 21, 34])
    func killedMigration(_ write: Int) async throws {
        try await withAsyncTemporaryDirectory { folder in
            let path = folder + "/hub.db"
            let old = try Database(path: path, migrations: notes)
            for id in 0..<100 { try old.insert(id, String(repeating: "x", count: 1_000)) }
            old.close()
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, write = write as Int] in
                _ = try Self.inject("pwrite64:signal=KILL:when=\(write)")
                try Database(path: path, migrations: notes + [Self.more]).close()
            }
            let after = try Database(path: path, migrations: notes + [Self.more])
            defer { after.close() }
            #expect(try after.integrityCheck().isEmpty)
            let upper = try after.read {
                try $0.first("SELECT count(*) AS n FROM notes WHERE extra = 'old'")?.integer("n")
            }
            #expect(upper == 100)
        }
    }

    static let more = Migration(
        name: "notes-2", statements: ["ALTER TABLE notes ADD COLUMN extra TEXT", "UPDATE notes SET extra = 'old'"])
}
