import AuroraModel

extension JobBook {
    /// Begins a run: it waits for its resources, if only for this moment.
    mutating func begin(_ id: JobID, due: Timestamp?, _ now: Now) {
        guard var entry = entries[id] else { return }
        let ticket = nextTicket()
        entry.live = ticket
        store(entry)
        live[ticket] = LiveRun(job: entry.job, due: due, begun: now.wall)
        outbox.begins.append(ticket)
        resources.request(
            ResourceQueue.Request(
                run: ticket, job: id, tags: entry.job.tags, priority: entry.job.priority, since: now.boot))
    }

    /// Gives resources to the runs that can have them.
    mutating func grant(_ now: Now) {
        for request in resources.grant(now: now.boot) {
            live[request.run]?.isRunning = true
            outbox.started.append(request.run)
        }
    }

    /// The runs to hand over now; each is given once.
    mutating func takeStarts() -> [(ticket: UInt64, run: JobRun)] {
        defer { starts = [] }
        return starts.compactMap { ticket in
            guard let run = live[ticket], let number = run.number else { return nil }
            return (ticket, JobRun(number: number, job: run.job, due: run.due, stop: run.stop))
        }
    }

    /// The runs to tell now that they are called off; each is given once.
    mutating func takeStops() -> [RunStop] {
        defer { stops = [] }
        return stops
    }

    /// Calls a run off: one that runs is told as soon as that is durable, one that waits is over at once.
    mutating func callOff(_ ticket: UInt64, now: Now) {
        guard let run = live[ticket] else { return }
        outbox.stops.append(run.stop)
        if !run.isRunning { end(ticket, .cancelled, now) }
    }

    /// A run is over; the next one that waits for it begins.
    mutating func end(_ ticket: UInt64, _ outcome: RunOutcome, _ now: Now) {
        guard let run = live.removeValue(forKey: ticket) else { return }
        resources.release(ticket)
        if let number = run.number {
            outbox.ends.append((number, outcome, now.wall))
            events.append(.ended(run.job.id, run: number, outcome))
        }
        outbox.begins.removeAll { $0 == ticket }
        outbox.started.removeAll { $0 == ticket }
        guard var entry = entries[run.job.id], entry.live == ticket else { return }
        entry.live = nil
        entry.row.lastRun = run.number
        entry.row.lastOutcome = outcome
        store(entry)
        beginPending(run.job.id, now)
        forgetIfOver(run.job.id)
    }

    /// Begins a run that has waited for another one of its job.
    mutating func beginPending(_ id: JobID, _ now: Now) {
        guard var entry = entries[id], entry.live == nil, entry.row.pending > 0, entry.suspended == nil else { return }
        entry.row.pending -= 1
        store(entry)
        begin(id, due: nil, now)
    }

    /// A job that happens once goes with its run.
    mutating func forgetIfOver(_ id: JobID) {
        guard let entry = entries[id], case .after = entry.job.trigger else { return }
        if entry.row.nextBoot == nil, entry.live == nil, entry.row.pending == 0 { forget(id) }
    }

    /// The database would not let a run begin: another process runs the job.
    mutating func hold(_ ticket: UInt64, _ now: Now) {
        guard let run = live.removeValue(forKey: ticket) else { return }
        resources.release(ticket)
        guard var entry = entries[run.job.id], entry.live == ticket else { return }
        entry.live = nil
        if held[run.job.id] == nil { events.append(.heldElsewhere(run.job.id)) }
        if entry.job.overlap != .forbid {
            entry.row.pending += 1
            held[run.job.id] = now.boot + Self.recheck
        }
        store(entry)
        forgetIfOver(run.job.id)
    }

    /// The run is in the database.
    mutating func confirm(_ ticket: UInt64, number: Int64) {
        live[ticket]?.number = number
        if let run = live[ticket] { held[run.job.id] = nil }
    }

    /// Tries again what was held.
    mutating func retryHeld(_ now: Now) {
        for (id, moment) in held where moment <= now.boot {
            beginPending(id, now)
            held[id] = entries[id]?.live == nil ? nil : now.boot + Self.recheck
        }
    }

    // MARK: Restart

    /// Takes up what the database kept, after a stop, a kill or a power cut.
    ///
    /// - Parameters:
    ///   - rows: all jobs.
    ///   - dead: live runs of processes that are gone.
    mutating func restore(_ rows: [JobRow], dead: [RunRow], _ now: Now) {
        for row in rows { restore(row, now) }
        for run in dead {
            outbox.ends.append((run.number, .interrupted, now.wall))
            events.append(.ended(run.job, run: run.number, .interrupted))
            guard var entry = entries[run.job] else { continue }
            entry.row.lastRun = run.number
            entry.row.lastOutcome = .interrupted
            // It had not begun: it is still owed.
            if run.state == "waiting" { entry.row.pending += 1 }
            store(entry)
        }
        for id in entries.keys.sorted() {
            beginPending(id, now)
            forgetIfOver(id)
        }
    }

    private mutating func restore(_ row: JobRow, _ now: Now) {
        guard let value = try? JSONParser.parse(row.definition), let job = Job(row.id, json: value) else {
            events.append(.suspended(row.id, reason: "this program does not understand its definition"))
            return
        }
        var entry: Entry
        do { entry = try makeEntry(job, row) } catch {
            events.append(.suspended(row.id, reason: "\(error)"))
            return
        }
        if let reason = entry.suspended { events.append(.suspended(row.id, reason: reason)) }
        if let due = row.nextBoot, row.anchor.bootID != now.bootID || now.bootID.isEmpty {
            entry.row.nextBoot = now.boot &+ Self.remaining(due, row.anchor, now)
            entry.row.anchor = now.anchor
        }
        save(entry)
    }

    /// What is left of a delay after the machine was started again: the time it was off counts if the wall clock can tell
    /// it, and does not otherwise.
    private static func remaining(_ due: Int64, _ anchor: JobRow.Anchor, _ now: Now) -> Int64 {
        let left = due - anchor.boot
        guard now.isTrusted, now.wall > anchor.wall else { return left }
        let passed = (now.wall - anchor.wall).multipliedReportingOverflow(by: 1_000_000)
        return passed.overflow ? 0 : left - passed.partialValue
    }
}
