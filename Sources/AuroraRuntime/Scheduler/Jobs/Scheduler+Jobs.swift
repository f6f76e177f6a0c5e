import AuroraModel
import Synchronization

/// What is asked of a scheduler about its jobs and their runs.
extension Scheduler {
    /// Adds jobs, or gives those of the same ids new definitions; durable when this returns.
    ///
    /// A job that is the same as before keeps its moment, so that a program may add its jobs at each start.
    /// - Throws: ``SchedulerError`` about the first job that is refused, and then none is added; or what the database said.
    package func add(_ jobs: [Job]) throws {
        try change { book, now in for job in jobs { try book.put(job, now: now) } }
    }

    /// Adds one job.
    package func add(_ job: Job) throws { try add([job]) }

    /// Forgets a job; its run is called off.
    package func remove(_ id: JobID) throws { try change { book, now in try book.remove(id, now: now) } }

    /// Runs a job now, whatever its calendar says; its policy for overlaps holds.
    ///
    /// - Throws: ``SchedulerError/badJob(_:reason:remedy:)`` when it is running and its policy forbids a second run.
    package func runNow(_ id: JobID) throws {
        try change { book, now in
            guard let entry = book.entries[id] else { throw SchedulerError.unknown("the job \"\(id)\"") }
            if entry.job.overlap == .forbid, entry.live != nil {
                throw SchedulerError.badJob(id.text, reason: "it is running", remedy: "wait, or cancel the run first")
            }
            book.occur(id, due: nil, runs: 1, now)
        }
    }

    /// Calls a run off: one that waits is over, one that runs is told through its ``JobRun/stop``.
    package func cancel(run number: Int64) throws {
        try change { book, now in
            guard let found = book.live.first(where: { $0.value.number == number }) else {
                throw SchedulerError.unknown("the run \(number)")
            }
            book.callOff(found.key, now: now)
        }
    }

    /// All jobs as they stand, by id.
    package func status() -> [JobStatus] {
        let now = Self.now(clock, bootID)
        return book.withLock { book in
            book.entries.values.sorted { $0.job.id < $1.job.id }.map { $0.status(now, book.live) }
        }
    }

    /// Who waits for whose resources, in the order of the queue.
    package func waits() -> [ResourceWait] {
        book.withLock { book in
            book.resources.waits.map { wait in
                ResourceWait(
                    job: wait.request.job, run: book.live[wait.request.run]?.number ?? 0, tags: wait.tags,
                    holders: wait.holders.compactMap { book.live[$0]?.number })
            }
        }
    }
}
