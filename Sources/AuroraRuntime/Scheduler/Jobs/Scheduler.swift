package import AuroraDatabase
import AuroraModel
import AuroraSystem
import Synchronization

/// Runs persisted jobs: after a delay, at a fixed rate or by a calendar.
///
/// What a job is, when it is due next and each run of it are in the database before anything happens, in one transaction
/// for all that falls due together; so a kill or a power cut neither loses a job nor runs it twice at a time. One thread
/// sleeps until the next moment; handlers run on a pool. Any thread may call; adding and removing block until durable.
package final class Scheduler: Sendable {
    let clock: SchedulerClock
    private let store: JobWriter
    private let handlers: [String: JobHandler]
    private let executor: any RunExecutor
    private let report: @Sendable (JobEvent) -> Void
    private let book: Mutex<JobBook>
    /// Runs that have ended since the last turn.
    private let ended = Monitor<[(ticket: UInt64, outcome: RunOutcome)]>([])
    private let alarm: Alarm
    private let bootID: @Sendable () -> String
    private let thread = Mutex<ServiceThread?>(nil)
    private let isStopping = Atomic(false)

    /// Takes up the jobs of the database; runs that a process which is gone has left are recorded as interrupted.
    ///
    /// - Parameters:
    ///   - database: with ``JobStore/migrations``.
    ///   - options: what distinguishes this device, and the clocks.
    ///   - handlers: what does the work, by the jobs' kind.
    ///   - workers: where handlers run; stopped by its owner, after this.
    ///   - report: hears of every event, on any thread; must not call back.
    package convenience init(
        database: Database, options: SchedulerOptions, handlers: [String: JobHandler], workers: Workers,
        report: @escaping @Sendable (JobEvent) -> Void
    ) throws {
        try self.init(
            database: database, options: options, handlers: handlers, executor: PoolExecutor(workers: workers),
            report: report)
        let started = ServiceThread(name: "scheduler") { [self] in run() }
        guard let started else { throw SchedulerError.stopped("the system gives no more threads") }
        thread.withLock { $0 = started }
    }

    /// The same without a thread: ``turn()`` is called by tests that own time.
    init(
        database: Database, options: SchedulerOptions, handlers: [String: JobHandler], executor: any RunExecutor,
        report: @escaping @Sendable (JobEvent) -> Void
    ) throws {
        clock = options.clock
        bootID = options.bootID
        store = JobWriter(database: database, owner: options.owner, isAlive: options.isAlive)
        self.handlers = handlers
        self.executor = executor
        self.report = report
        alarm = try Alarm()
        var book = JobBook(
            device: options.device, kinds: Set(handlers.keys), capacities: options.capacities,
            zoneFolder: options.zoneFolder)
        let kept = try store.load()
        let now = Self.now(options.clock, options.bootID)
        book.wasTrusted = now.isTrusted
        book.lastOffset = now.wall - now.boot / 1_000_000
        book.restore(kept.jobs, dead: kept.dead, now)
        if now.isTrusted { book.replanCalendars(now) }
        self.book = Mutex(book)
        _ = turn()
    }

    // MARK: Jobs

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

    /// Starts nothing more, calls running handlers off and waits for them; what outlives `grace` counts as interrupted
    /// at the next start.
    package func stop(grace: Duration = .seconds(10)) {
        isStopping.store(true, ordering: .sequentiallyConsistent)
        alarm.ring()
        let thread = thread.withLock { $0.take() }
        thread?.join()
        let tickets = book.withLock { book in
            for run in book.live.values { run.stop.raise() }
            return Set(book.live.filter(\.value.isRunning).keys)
        }
        _ = ended.wait(timeout: grace) { ended in
            tickets.isSubset(of: ended.map(\.ticket)) ? true : nil
        }
        _ = turn()
    }

    // MARK: Turns

    private func run() {
        while !isStopping.load(ordering: .sequentiallyConsistent) {
            let next = turn()
            // A wait fails only without memory; then it is looked at again.
            _ = try? alarm.wait(boot: next.boot, wall: next.wall)
        }
    }

    /// Does what is due and says when to look again.
    @discardableResult
    func turn() -> (boot: Int64?, wall: Int64?) {
        let now = Self.now(clock, bootID)
        let (next, failure) = book.withLock { book -> ((boot: Int64?, wall: Int64?), (any Error)?) in
            let failure: (any Error)?
            do {
                try advance(&book, now)
                failure = nil
            } catch { failure = error }
            var next = book.nextWake(now)
            if failure != nil { next.boot = min(next.boot ?? Int64.max, now.boot + JobBook.recheck) }
            return (next, failure)
        }
        if let failure { report(.storeFailed("\(failure)")) }
        deliver()
        return next
    }

    /// Makes a change of somebody's; durable when this returns, and not made at all when it throws.
    private func change(_ body: (inout JobBook, JobBook.Now) throws -> Void) throws {
        guard !isStopping.load(ordering: .sequentiallyConsistent) else {
            throw SchedulerError.stopped("it was told to stop")
        }
        let now = Self.now(clock, bootID)
        try book.withLock { book in
            let before = book
            do {
                try body(&book, now)
                try store.save(&book, now)
            } catch {
                book = before
                throw error
            }
        }
        alarm.ring()
    }

    private func advance(_ book: inout JobBook, _ now: JobBook.Now) throws {
        book.look(now)
        for run in ended.withLock({ take(&$0) }) { book.end(run.ticket, run.outcome, now) }
        if !isStopping.load(ordering: .sequentiallyConsistent) {
            book.retryHeld(now)
            book.processDue(now)
            book.grant(now)
        }
        try store.save(&book, now)
    }

    private func take<Element>(_ list: inout [Element]) -> [Element] {
        defer { list = [] }
        return list
    }

    /// Starts the runs that are durable and tells the events, with no lock held.
    private func deliver() {
        let (starts, events) = book.withLock { book in (book.takeStarts(), take(&book.events)) }
        for event in events { report(event) }
        for (ticket, run) in starts {
            guard let handler = handlers[run.job.kind] else { continue }
            executor.start(run, handler) { [self] outcome in
                ended.change(wakingAll: true) { $0.append((ticket, outcome)) }
                alarm.ring()
            }
        }
    }

    private static func now(_ clock: SchedulerClock, _ bootID: () -> String) -> JobBook.Now {
        JobBook.Now(
            boot: clock.boot.now(), wall: clock.wall.now(), isTrusted: clock.isTimeTrusted(), bootID: bootID())
    }
}
