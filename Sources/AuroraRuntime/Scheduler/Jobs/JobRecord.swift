package import AuroraDatabase
package import AuroraModel

/// A job as the database has it, for a process that is not its scheduler.
package struct JobRecord: Hashable, Sendable {
    /// A run that is over, whoever carried it out.
    package struct Run: Hashable, Sendable {
        package let begun: Timestamp
        package let ended: Timestamp
        package let outcome: RunOutcome
    }

    package let id: JobID
    /// When it is due, in words.
    package let trigger: String
    /// When its next run starts, jitter counted; nil until the scheduler has worked it out.
    package let next: Timestamp?
    /// Whether it waits until the time of day can be believed.
    package let waitsForClock: Bool
    /// When the run that is under way began, whether it waits for its resources or works; nil when there is none.
    package let running: Timestamp?
    /// The run that ended last.
    package let last: Run?

    /// All jobs, by id.
    ///
    /// - Parameter device: what distinguishes the device, as its scheduler was told.
    package static func all(in database: Database, device: String) throws -> [JobRecord] {
        try database.read { transaction in
            try JobStore.jobs(in: transaction).map { row in
                let job = (try? JSONParser.parse(row.definition)).flatMap { Job(row.id, json: $0) }
                let live = try JobStore.live(of: row.id, in: transaction)
                return JobRecord(
                    id: row.id, trigger: job?.trigger.words ?? "not known to this program",
                    next: row.next(
                        delayed: job.map { Jitter.delay(device: device, job: row.id, window: $0.jitter) } ?? 0),
                    waitsForClock: row.nextWall == nil && job?.trigger.followsCalendar == true,
                    running: live.flatMap { RunOwner.isAlive($0.owner) ? Timestamp(milliseconds: $0.begun) : nil },
                    last: try JobStore.lastRun(of: row.id, in: transaction))
            }
        }
    }
}

extension JobRow {
    /// - Parameter jitter: nanoseconds; moments of the boot clock have it counted already.
    fileprivate func next(delayed jitter: Int64) -> Timestamp? {
        if let nextWall { return Timestamp(milliseconds: nextWall + jitter / 1_000_000) }
        return nextBoot.map { Timestamp(milliseconds: anchor.wall + ($0 - anchor.boot) / 1_000_000) }
    }
}

extension Trigger {
    fileprivate var words: String {
        switch self {
        case .after(let delay): "once, after \(delay.nanoseconds / 1_000_000_000) s"
        case .every(let period): "every \(period.inHours ?? "\(period.nanoseconds / 1_000_000_000) s")"
        case .cron(let expression, let zone): "\(expression) \(zone)"
        }
    }
}

extension Span {
    /// Such as `24 h`; nil for what is no whole number of hours.
    fileprivate var inHours: String? {
        let hour: Int64 = 3_600_000_000_000
        return nanoseconds > 0 && nanoseconds % hour == 0 ? "\(nanoseconds / hour) h" : nil
    }
}
