import AuroraModel

extension JobBook {
    /// Works out when a job is due first, counted from now, and keeps it.
    mutating func plan(_ entry: Entry, now: Now) {
        var entry = entry
        entry.row.anchor = now.anchor
        switch entry.job.trigger {
        case .after(let delay): entry.row.nextBoot = now.boot &+ delay.nanoseconds &+ entry.jitter
        case .every(let period): entry.row.nextBoot = now.boot &+ period.nanoseconds &+ entry.jitter
        case .cron: entry.row.nextWall = now.isTrusted ? entry.nextWall(after: now.wall) : nil
        }
        save(entry)
    }

    /// Keeps an entry whose moments were changed, in memory and for the database.
    mutating func save(_ entry: Entry) {
        var entry = entry
        arm(&entry)
        store(entry)
    }

    /// Keeps an entry whose moments were not changed.
    mutating func store(_ entry: Entry) {
        keep(entry, for: entry.job.id)
        outbox.jobs.insert(entry.job.id)
    }

    /// Makes the alarm of an entry that of its moments.
    mutating func arm(_ entry: inout Entry) {
        alarms.drop(entry.alarm)
        entry.alarm = nil
        guard entry.suspended == nil, entry.row.nextBoot != nil || entry.row.nextWall != nil else { return }
        let wall = entry.row.nextWall.map { $0 + entry.jitter / 1_000_000 }
        entry.alarm = alarms.set(entry.job.id, boot: entry.row.nextBoot, wall: wall)
    }

    /// When something must be done next, on either clock.
    func nextWake(_ now: Now) -> (boot: Int64?, wall: Int64?) {
        var moments = [alarms.nextBoot, resources.nextPatienceEnd(after: now.boot)].compactMap { $0 }
        moments += held.values
        // The kernel does not tell when it comes to trust its clock without setting it.
        if !now.isTrusted, hasCalendars { moments.append(now.boot + 10 * Self.recheck) }
        return (moments.min(), now.isTrusted ? alarms.nextWall : nil)
    }
}

extension JobBook.Entry {
    /// For people; moments relative to now.
    func status(_ now: JobBook.Now, _ live: [UInt64: JobBook.LiveRun]) -> JobStatus {
        let byBoot = row.nextBoot.map { ($0 - now.boot) / 1_000_000 }
        let byWall = row.nextWall.map { $0 + jitter / 1_000_000 - now.wall }
        return JobStatus(
            job: job, dueIn: (byBoot ?? byWall).map { max(0, $0) }, pending: row.pending,
            run: self.live.flatMap { live[$0]?.number }, lastRun: row.lastRun, lastOutcome: row.lastOutcome,
            suspended: suspended)
    }

    /// The next moment of its calendar, jitter not counted: milliseconds, both.
    func nextWall(after moment: Int64) -> Int64? {
        guard case .cron(let expression, _) = job.trigger else { return nil }
        return expression.next(after: moment.flooredDivision(by: 1000), in: zone).map { $0 * 1000 }
    }
}
