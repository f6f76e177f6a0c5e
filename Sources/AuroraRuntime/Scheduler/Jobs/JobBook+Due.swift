import AuroraModel

extension JobBook {
    /// Notices that the wall clock was set, or has come to be trusted, and works calendars out anew.
    mutating func look(_ now: Now) {
        let offset = now.wall - now.boot / 1_000_000
        let jump = lastOffset.map { offset - $0 } ?? 0
        lastOffset = offset
        let isNewlyTrusted = now.isTrusted && !wasTrusted
        if wasTrusted, abs(jump) > Self.tolerance * 1000 { events.append(.clockJumped(milliseconds: jump)) }
        if isNewlyTrusted { events.append(.timeTrusted) }
        if isNewlyTrusted || wasTrusted && abs(jump) > Self.tolerance * 1000 { replanCalendars(now) }
        wasTrusted = now.isTrusted
    }

    /// Moments that have passed stay as they are and count as missed; those to come are counted from now.
    mutating func replanCalendars(_ now: Now) {
        guard now.isTrusted else { return }
        for var entry in Array(entries.values) where entry.job.trigger.followsCalendar {
            let delayed = now.wall - entry.jitter / 1_000_000
            if let next = entry.row.nextWall, next <= delayed { continue }
            entry.row.nextWall = entry.nextWall(after: delayed)
            save(entry)
        }
    }

    /// Decides about every job that is due.
    mutating func processDue(_ now: Now) {
        while let id = alarms.takeDue(now) {
            guard var entry = entries[id] else { continue }
            entry.alarm = nil
            switch entry.job.trigger {
            case .after: dueOnce(entry, now)
            case .every(let period): dueAgain(entry, every: period.nanoseconds, now)
            case .cron: dueByCalendar(entry, now)
            }
        }
    }

    private mutating func dueOnce(_ entry: Entry, _ now: Now) {
        var entry = entry
        let late = (now.boot - (entry.row.nextBoot ?? now.boot)) / 1_000_000_000
        entry.row.nextBoot = nil
        save(entry)
        decide(entry.job, Due(moment: nil, count: 1, oldest: late, latest: late), now)
        forgetIfOver(entry.job.id)
    }

    private mutating func dueAgain(_ entry: Entry, every period: Int64, _ now: Now) {
        var entry = entry
        let due = entry.row.nextBoot ?? now.boot
        let periods = (now.boot - due) / period
        let latest = due + periods * period
        entry.row.nextBoot = latest &+ period
        entry.row.anchor = now.anchor
        save(entry)
        let (oldest, newest) = ((now.boot - due) / 1_000_000_000, (now.boot - latest) / 1_000_000_000)
        decide(entry.job, Due(moment: nil, count: Int(clamping: periods + 1), oldest: oldest, latest: newest), now)
    }

    private mutating func dueByCalendar(_ entry: Entry, _ now: Now) {
        var entry = entry
        let delayed = now.wall - entry.jitter / 1_000_000
        let due = entry.row.nextWall ?? delayed
        // As many as the policy could want to make up for, and no more: years of minutes may have passed.
        var count = 1
        if case .all(let most) = entry.job.missed {
            var moment = due
            while count < most, let next = entry.nextWall(after: moment), next <= delayed {
                count += 1
                moment = next
            }
        }
        let oldest = (delayed - due) / 1000
        // Whether any is on time, found without looking at all that were missed.
        let recent = entry.nextWall(after: delayed - (Self.tolerance + 1) * 1000)
        let latest = recent.map { $0 <= delayed } ?? false ? 0 : oldest
        entry.row.nextWall = entry.nextWall(after: delayed)
        save(entry)
        let moment = oldest <= Self.tolerance ? Timestamp(milliseconds: due) : nil
        decide(entry.job, Due(moment: moment, count: count, oldest: oldest, latest: latest), now)
    }

    /// The moments of a job that have come.
    private struct Due {
        /// The moment of the calendar, when it was not missed.
        let moment: Timestamp?
        let count: Int
        /// How many seconds ago the first and the last of them were.
        let oldest: Int64
        let latest: Int64
    }

    /// Follows the policy for missed moments.
    private mutating func decide(_ job: Job, _ due: Due, _ now: Now) {
        let runs: Int
        switch job.missed {
        case .skip: runs = due.latest <= Self.tolerance ? 1 : 0
        case .once: runs = 1
        case .all(let most): runs = min(due.count, most)
        }
        if due.oldest > Self.tolerance { events.append(.missed(job.id, runs: runs)) }
        if runs > 0 { occur(job.id, due: due.moment, runs: runs, now) }
    }

    /// Follows the policy for overlaps: `runs` are wanted now.
    mutating func occur(_ id: JobID, due: Timestamp?, runs: Int, _ now: Now) {
        guard var entry = entries[id], entry.suspended == nil else { return }
        guard entry.live != nil || entry.row.pending > 0 else {
            entry.row.pending = runs - 1
            store(entry)
            return begin(id, due: due, now)
        }
        events.append(.overlapped(id, entry.job.overlap))
        switch entry.job.overlap {
        case .forbid: return
        case .queue:
            entry.row.pending = max(entry.row.pending, 1)
            store(entry)
        case .replace:
            entry.row.pending = runs
            store(entry)
            if let ticket = entry.live { callOff(ticket, now: now) }
        }
    }
}
