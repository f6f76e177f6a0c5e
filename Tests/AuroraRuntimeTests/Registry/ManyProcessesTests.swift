import AuroraDatabase
import AuroraRuntime
import AuroraTestSupport
import Foundation
import Testing

/// Real processes on one registry; they open the fresh file at the same moment, too.
@Suite struct ManyProcessesTests {
    @Test("defect 48: eight processes lose no registration and no update of one row")
    func noLostUpdate() throws {
        try withTemporaryDirectory { folder in
            let first = try openShared(folder)
            try NamespaceRegistry(database: first).register(id("common"), NamespaceFacts(root: "/common"))
            first.close()
            let workers = try (1...8).map { try Registering(folder, group: "g\($0)", count: 100) }
            for worker in workers {
                let (count, status, errors) = worker.finish()
                #expect(count == 100 && status == 0, "\(errors)")
            }
            try expect(folder, groups: 8, acknowledged: Array(repeating: 100, count: 8), updates: 800...800)
        }
    }

    @Test("defect 48: a registry that many processes make at once is whole")
    func freshFile() throws {
        try withTemporaryDirectory { folder in
            // Without the common row each process fails after its first registration: what counts is that it got there.
            let workers = try (1...8).map { try Registering(folder, group: "g\($0)", count: 1) }
            for worker in workers {
                let (_, status, errors) = worker.finish()
                #expect(status == 3 && errors.contains("pack:common is not registered"), "\(errors)")
            }
            try expect(folder, groups: 8, acknowledged: Array(repeating: 1, count: 8), updates: nil)
        }
    }

    @Test("defect 48: kill -9 of one process loses nothing acknowledged, and the others go on")
    func killed() throws {
        try withTemporaryDirectory { folder in
            let first = try openShared(folder)
            try NamespaceRegistry(database: first).register(id("common"), NamespaceFacts(root: "/common"))
            first.close()
            let workers = try (1...4).map { try Registering(folder, group: "g\($0)", count: 60) }
            let victims = workers.prefix(2)
            for (worker, count) in zip(victims, [5, 23]) { worker.kill(afterAcknowledged: count) }
            let counts = workers.map { $0.finish().count }
            #expect(counts[0] >= 5 && counts[1] >= 23 && counts[2] == 60 && counts[3] == 60)
            // A killed process may have made one change more than it could acknowledge.
            let sum = counts.reduce(0, +)
            try expect(folder, groups: 4, acknowledged: counts, updates: sum...(sum + 2))
        }
    }

    private func expect(_ folder: String, groups: Int, acknowledged: [Int], updates: ClosedRange<Int>?) throws {
        let database = try openShared(folder)
        defer { database.close() }
        let registry = NamespaceRegistry(database: database)
        for (index, count) in acknowledged.enumerated() {
            for number in 1...count { #expect(try registry.find(id("g\(index + 1)-\(number)")) != nil) }
        }
        if let updates { #expect(updates.contains(Int(try registry.get(id("common")).facts.generation))) }
        let all = try registry.list(limit: 1_000).items
        #expect(Set(all.map(\.identity)).count == all.count, "two ids share a user")
        #expect(try database.integrityCheck().isEmpty)
    }
}

/// One process of the crash driver that registers and acknowledges.
private final class Registering {
    private let process = Process()
    private let output = Pipe()
    private let errors = Pipe()
    private var text = ""

    init(_ folder: String, group: String, count: Int) throws {
        process.executableURL = URL(fileURLWithPath: try BuiltPrograms.path("aurora-crash-driver"))
        process.arguments = ["register", folder, group, "\(count)"]
        process.standardOutput = output
        process.standardError = errors
        try process.run()
    }

    private var acknowledged: Int { text.split(separator: "\n").count { $0.hasPrefix("ack ") } }

    /// Kills it with SIGKILL as soon as it has acknowledged this many.
    func kill(afterAcknowledged count: Int) {
        while acknowledged < count {
            let bytes = output.fileHandleForReading.availableData
            if bytes.isEmpty { break }
            text += String(decoding: bytes, as: UTF8.self)
        }
        Foundation.kill(process.processIdentifier, SIGKILL)
    }

    /// Waits for its end; what it acknowledged, its exit status and what it complained about.
    func finish() -> (count: Int, status: Int32, errors: String) {
        text += String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (acknowledged, process.terminationStatus, said)
    }
}
