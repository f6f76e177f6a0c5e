import AuroraDatabase
import AuroraModel
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraRuntime

@Suite("A scheduler that is killed")
struct KilledSchedulerTests {
    @Test("defect 46: kill -9 again and again: no run is lost or done twice, and no job ever runs twice at a time")
    func killedAgainAndAgain() throws {
        try withTemporaryDirectory { folder in
            for round in 1...6 { try runAndKill(folder, afterRuns: round * 3) }
            let database = try Database(path: "\(folder)/device.db", migrations: JobStore.migrations)
            defer { database.close() }
            // The last one's runs are still live in the database until somebody looks.
            let events = Record<JobEvent>()
            let scheduler = try Scheduler(
                database: database, options: SchedulerOptions(device: "driven"), handlers: ["work": { _ in }],
                executor: HeldRuns(), report: { events.add($0) })
            try expectOrder(folder, in: database)
            #expect(scheduler.status().map(\.job.id.text) == (0..<8).map { "job-\($0)" })
            let live = try database.read { try JobStore.live(in: $0) }
            #expect(live.allSatisfy { $0.owner == RunOwner.own() }, "nothing of a dead process is live")
        }
    }

    /// Starts the scheduler in a process of its own and kills it as soon as it has begun so many runs.
    private func runAndKill(_ folder: String, afterRuns count: Int) throws {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: try BuiltPrograms.path("aurora-crash-driver"))
        process.arguments = ["jobs", folder]
        process.standardOutput = output
        try process.run()
        var lines = 0
        while lines < count {
            let bytes = output.fileHandleForReading.availableData
            if bytes.isEmpty { break }
            lines += bytes.count { $0 == 0x0A }
        }
        #expect(lines >= count, "the scheduler ended by itself")
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Reads the log that the handlers wrote, and holds it against the database.
    private func expectOrder(_ folder: String, in database: Database) throws {
        var begun: Set<String> = []
        var ended: Set<String> = []
        var numbers: [String: Int64] = [:]
        for line in try readText("\(folder)/runs.log").split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if words[0] == "begin" {
                #expect(begun.insert(words[2]).inserted, "run \(words[2]) was done twice")
                let number = try #require(Int64(words[2]))
                #expect(number > numbers[words[1]] ?? 0, "the runs of \(words[1]) are out of order")
                numbers[words[1]] = number
            } else {
                ended.insert(words[2])
            }
        }
        let history = try (0..<8).flatMap { index in
            let id = try JobID.require("job-\(index)")
            return try database.read { try JobStore.history(of: id, limit: 1000, in: $0) }
        }
        let states = Dictionary(uniqueKeysWithValues: history.map { ("\($0.number)", $0.state) })
        for number in begun {
            let state = states[number]
            #expect(state != nil, "run \(number) began without being in the database")
            if !ended.contains(number) { #expect(state == "interrupted", "run \(number) was cut off") }
        }
        for (number, state) in states where state == "succeeded" {
            #expect(ended.contains(number), "run \(number) never ended")
        }
        #expect(states.values.contains("succeeded") && states.values.contains("interrupted"))
    }
}
