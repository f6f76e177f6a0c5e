import AuroraDatabase
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraRuntime

/// The database refuses for a while, as a full disk does.
@Suite("Changes of jobs that the database refuses")
struct RefusedChangeTests {
    private func seconds(_ count: Int) throws -> Span { try Span(.seconds(count)) }

    private func refuse(_ operation: String, on table: String, in database: Database) throws {
        try database.write { transaction in
            _ = try transaction.execute(
                "CREATE TRIGGER full_disk BEFORE \(operation) ON \(table) BEGIN SELECT RAISE(ABORT, 'full'); END")
        }
    }

    private func accept(in database: Database) throws {
        try database.write { transaction in _ = try transaction.execute("DROP TRIGGER full_disk") }
    }

    @Test("jobs that could not be added, changed or removed are as before, and run at their moments")
    func nothingOfItHappened() throws {
        try withTemporaryDirectory { folder in
            let stage = try SchedulerStage(in: folder)
            try stage.scheduler.add(try stage.job("old", .every(try seconds(60))))
            try stage.scheduler.add(try stage.job("kept", .every(try seconds(60))))
            let before = stage.scheduler.status()
            try refuse("INSERT", on: "jobs", in: stage.database)
            #expect(throws: DatabaseError.self) {
                try stage.scheduler.add([
                    try stage.job("new", .every(try seconds(10))), try stage.job("old", .every(try seconds(10))),
                ])
            }
            try accept(in: stage.database)
            try refuse("DELETE", on: "jobs", in: stage.database)
            #expect(throws: DatabaseError.self) { try stage.scheduler.remove(try JobID.require("kept")) }
            try accept(in: stage.database)
            #expect(stage.scheduler.status() == before)
            stage.pass(.seconds(59))
            #expect(stage.runs.running.isEmpty)
            stage.pass(.seconds(1))
            #expect(stage.runs.running.sorted() == ["kept", "old"])
        }
    }

    @Test("a run is told that it is called off only once that is in the database")
    func calledOffWhenDurable() throws {
        try withTemporaryDirectory { folder in
            let stage = try SchedulerStage(in: folder)
            try stage.scheduler.add(try stage.job("job", .every(try seconds(60)), overlap: .replace))
            stage.pass(.seconds(60))
            let run = try #require(stage.runs.runs.first)
            try refuse("INSERT", on: "jobs", in: stage.database)
            #expect(throws: DatabaseError.self) { try stage.scheduler.runNow(run.job.id) }
            #expect(!run.stop.isRaised)
            #expect(stage.scheduler.status().first?.pending == 0)
            stage.pass(.seconds(60))
            #expect(!run.stop.isRaised)
            try accept(in: stage.database)
            stage.pass(.seconds(1))
            #expect(run.stop.isRaised)
            stage.runs.end("job", .cancelled)
            stage.pass(.zero)
            #expect(stage.runs.running == ["job"])
        }
    }
}
