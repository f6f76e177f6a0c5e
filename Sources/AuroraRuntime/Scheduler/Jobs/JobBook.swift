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
        /// Its place among the ``JobBook/alarms``; nil when it is not due on its own.
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
        /// Runs that are to be told that they are called off, once all of this is durable.
        var stops: [RunStop] = []

        var isEmpty: Bool {
            jobs.isEmpty && removed.isEmpty && begins.isEmpty && ends.isEmpty && started.isEmpty && stops.isEmpty
        }
    }

    /// Later than this, a moment counts as missed, and further than this, the wall clock has jumped: seconds.
    static let tolerance: Int64 = 60
    /// How often a run of another process, and an untrusted clock, is looked at again: nanoseconds.
    static let recheck: Int64 = 1_000_000_000

    let device: String
    let kinds: Set<String>
    let zoneFolder: String
    private(set) var entries: [JobID: Entry] = [:]
    var live: [UInt64: LiveRun] = [:]
    var resources: ResourceQueue
    var outbox = Outbox()
    /// Jobs that another process runs by hand, and when (boot clock) that is looked at again.
    var held: [JobID: Int64] = [:]
    var events: [JobEvent] = []
    /// Runs that are durable and have their resources, but have not been handed over.
    var starts: [UInt64] = []
    /// Runs that are called off, durably, but have not been told.
    var stops: [RunStop] = []
    /// Wall clock minus boot clock at the last look, in milliseconds.
    var lastOffset: Int64?
    var wasTrusted = false
    /// When which job is due.
    var alarms = JobAlarms()
    /// What takes the change back that is being tried; nil when none is.
    var undo: Undo?
    private var zones: [String: Zone] = [:]
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

    /// The only way to change what is kept of a job; nil forgets it.
    mutating func keep(_ entry: Entry?, for id: JobID) {
        if undo != nil, undo?.entries[id] == nil { undo?.entries.updateValue(entries[id], forKey: id) }
        entries[id] = entry
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
        entry.alarm = old?.alarm
        guard entry.suspended == nil else {
            throw .badJob(job.id.text, reason: entry.suspended ?? "", remedy: "name one of \(kinds.sorted())")
        }
        entry.live = old?.live
        plan(entry, now: now)
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
        forget(id)
        if let ticket = entry.live { callOff(ticket, now: now) }
    }

    mutating func forget(_ id: JobID) {
        held[id] = nil
        alarms.drop(entries[id]?.alarm)
        keep(nil, for: id)
        outbox.jobs.remove(id)
        outbox.removed.insert(id)
    }

    /// Whether a calendar is kept, which cannot go on before the clock is trusted.
    var hasCalendars: Bool { !zones.isEmpty }
}
