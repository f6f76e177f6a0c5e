package import AuroraDatabase
import AuroraModel
package import AuroraSystem

/// A run of a job by a process that has no scheduler, such as a command: the scheduler of the device sees it and its
/// policy for overlaps holds, also when this process is killed in the middle.
package struct ForeignRun: Sendable {
    /// Its number.
    package let number: Int64
    private let database: Database

    /// Records that a run has begun; durable when this returns.
    ///
    /// - Throws: ``SchedulerError/badJob(_:reason:remedy:)`` when the job is running already.
    package static func begin(_ job: JobID, in database: Database, clock: WallClock = .system) throws -> ForeignRun {
        let owner = RunOwner.own()
        let now = clock.now()
        let number = try database.write { transaction in
            if let other = try JobStore.live(of: job, in: transaction), !RunOwner.isAlive(other.owner) {
                try JobStore.end(other.number, .interrupted, at: now, in: transaction)
            }
            let number = try JobStore.nextRun(in: transaction)
            let run = RunRow(number: number, job: job, state: "running", owner: owner, begun: now)
            guard try JobStore.begin(run, in: transaction) else {
                throw SchedulerError.badJob(job.text, reason: "it is running", remedy: "wait, or cancel the run first")
            }
            return number
        }
        return ForeignRun(number: number, database: database)
    }

    /// Records how it ended.
    package func end(_ outcome: RunOutcome, clock: WallClock = .system) throws {
        let (number, now) = (number, clock.now())
        try database.write { try JobStore.end(number, outcome, at: now, in: $0) }
    }
}
