import AuroraModel

/// Everything the scheduler knows, in memory: jobs, what is due when, live runs, and what the database must still hear of.
///
/// A plain value without clocks, threads or I/O: each change says what time it is. Whoever changes it saves the ``outbox``
/// before it starts the runs that ``takeStarts()`` gives.
struct JobBook {
    /// What time it is.
    struct Now: Hashable {
        /// Nanoseconds of the boot clock.
        let boot: Int64
        /// Milliseconds since 1970.
        let wall: Int64
        let isTrusted: Bool
        let bootID: String

        var anchor: JobRow.Anchor { JobRow.Anchor(bootID: bootID, boot: boot, wall: wall) }
    }

    struct Entry {
        let job: Job
        let zone: Zone
        /// Nanoseconds of delay of this job on this device.
        let jitter: Int64
        var row: JobRow
        /// The heap entry that counts; others are passed over.
        var alarm: UInt64?
        /// The ticket of the run that has begun or waits for its resources.
        var live: UInt64?
        /// Why it cannot run; nil when it can.
        var suspended: String?
    }

    /// A run that has not ended.
    struct LiveRun {
        let job: Job
        let due: Timestamp?
        let stop = RunStop()
        let begun: Int64
        /// Whether it has its resources.
        var isRunning = false
        /// Its number, once it is in the database.
        var number: Int64?
    }

    /// What the database must still hear of, oldest first.
    struct Outbox {
        var jobs: Set<JobID> = []
        var removed: Set<JobID> = []
        var begins: [UInt64] = []
        var ends: [(number: Int64, outcome: RunOutcome, moment: Int64)] = []
        var started: [UInt64] = []

        var isEmpty: Bool { jobs.isEmpty && removed.isEmpty && begins.isEmpty && ends.isEmpty && started.isEmpty }
    }

    /// Later than this, a moment counts as missed, and further than this, the wall clock has jumped: seconds.
    static let tolerance: Int64 = 60
    /// How often a run of another process, and an untrusted clock, is looked at again: nanoseconds.
    static let recheck: Int64 = 1_000_000_000

    let device: String
    let kinds: Set<String>
    let zoneFolder: String
    var entries: [JobID: Entry] = [:]
    var live: [UInt64: LiveRun] = [:]
    var resources: ResourceQueue
    var outbox = Outbox()
    /// Jobs that another process runs by hand, and when (boot clock) that is looked at again.
    var held: [JobID: Int64] = [:]
    var events: [JobEvent] = []
    /// Runs that are durable and have their resources, but have not been handed over.
    var starts: [UInt64] = []
    /// Wall clock minus boot clock at the last look, in milliseconds.
    var lastOffset: Int64?
    var wasTrusted = false
    private var zones: [String: Zone] = [:]
    private var boot = TimerHeap()
    private var wall = TimerHeap()
    private var alarms: [UInt64: JobID] = [:]
    private var lastTicket: UInt64 = 0

    init(device: String, kinds: Set<String>, capacities: [String: Int], zoneFolder: String) {
        self.device = device
        self.kinds = kinds
        self.zoneFolder = zoneFolder
        resources = ResourceQueue(capacities: capacities)
    }

    mutating func nextTicket() -> UInt64 {
        lastTicket += 1
        return lastTicket
    }

    // MARK: Jobs

    /// Adds a job or gives it a new definition; one that is the same as before keeps its moment.
    mutating func put(_ job: Job, now: Now) throws(SchedulerError) {
        try job.check(capacities: resources.capacities)
        let definition = String(decoding: job.json.documentBytes, as: UTF8.self)
        if let known = entries[job.id], known.row.definition == definition, known.suspended == nil { return }
        let old = entries[job.id]
        let row = JobRow(
            id: job.id, definition: definition, nextWall: nil, nextBoot: nil, anchor: now.anchor,
            pending: old?.row.pending ?? 0, lastRun: old?.row.lastRun, lastOutcome: old?.row.lastOutcome)
        var entry = try makeEntry(job, row)
        guard entry.suspended == nil else {
            throw .badJob(job.id.text, reason: entry.suspended ?? "", remedy: "name one of \(kinds.sorted())")
        }
        entry.live = old?.live
        entries[job.id] = entry
        plan(job.id, now: now)
        outbox.removed.remove(job.id)
    }

    /// An entry with its zone and jitter; suspended when this program has no handler for it.
    mutating func makeEntry(_ job: Job, _ row: JobRow) throws(SchedulerError) -> Entry {
        var zone = Zone.utc
        if case .cron(_, let name) = job.trigger { zone = try knownZone(name) }
        var entry = Entry(
            job: job, zone: zone, jitter: Jitter.delay(device: device, job: job.id, window: job.jitter), row: row)
        if !kinds.contains(job.kind) { entry.suspended = "no handler of this program does \"\(job.kind)\"" }
        return entry
    }

    private mutating func knownZone(_ name: String) throws(SchedulerError) -> Zone {
        if let zone = zones[name] { return zone }
        let zone = try Zone.named(name, in: zoneFolder)
        zones[name] = zone
        return zone
    }

    /// Forgets a job and calls its run off.
    mutating func remove(_ id: JobID, now: Now) throws(SchedulerError) {
        guard let entry = entries[id] else { throw .unknown("the job \"\(id)\"") }
        if let alarm = entry.alarm { alarms[alarm] = nil }
        forget(id)
        if let ticket = entry.live { callOff(ticket, now: now) }
    }

    mutating func forget(_ id: JobID) {
        held[id] = nil
        entries[id] = nil
        outbox.jobs.remove(id)
        outbox.removed.insert(id)
    }

    // MARK: Moments

    /// Works out when a job is due first, counted from now.
    mutating func plan(_ id: JobID, now: Now) {
        guard var entry = entries[id] else { return }
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
        if let alarm = entry.alarm { alarms[alarm] = nil }
        entry.alarm = nil
        if entry.suspended == nil, entry.row.nextBoot != nil || entry.row.nextWall != nil {
            let ticket = nextTicket()
            entry.alarm = ticket
            alarms[ticket] = entry.job.id
            if let moment = entry.row.nextBoot { boot.insert(moment: moment, key: ticket) }
            if let moment = entry.row.nextWall { wall.insert(moment: moment + entry.jitter / 1_000_000, key: ticket) }
        }
        entries[entry.job.id] = entry
        outbox.jobs.insert(entry.job.id)
        if boot.count + wall.count > 2 * alarms.count + 1024 {
            boot.filter { [alarms] in alarms[$0] != nil }
            wall.filter { [alarms] in alarms[$0] != nil }
        }
    }

    /// Takes the next job that is due; calendars only once the clock is trusted.
    mutating func takeDue(_ now: Now) -> JobID? {
        while let first = boot.popFirst(until: now.boot) {
            if let id = alarms.removeValue(forKey: first.key) { return id }
        }
        while now.isTrusted, let first = wall.popFirst(until: now.wall) {
            if let id = alarms.removeValue(forKey: first.key) { return id }
        }
        return nil
    }

    /// When something must be done next, on either clock.
    func nextWake(_ now: Now) -> (boot: Int64?, wall: Int64?) {
        var moments = [boot.first?.moment, resources.nextPatienceEnd(after: now.boot)].compactMap { $0 }
        moments += held.values
        // The kernel does not tell when it comes to trust its clock without setting it.
        if !now.isTrusted, !zones.isEmpty { moments.append(now.boot + 10 * Self.recheck) }
        return (moments.min(), now.isTrusted ? wall.first?.moment : nil)
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
