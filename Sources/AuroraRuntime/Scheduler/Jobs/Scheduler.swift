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
    let book: Mutex<JobBook>
    /// Runs that have ended since the last turn.
    private let ended = Monitor<[(ticket: UInt64, outcome: RunOutcome)]>([])
    private let alarm: Alarm
    let bootID: @Sendable () -> String
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
    func change(_ body: (inout JobBook, JobBook.Now) throws -> Void) throws {
        guard !isStopping.load(ordering: .sequentiallyConsistent) else {
            throw SchedulerError.stopped("it was told to stop")
        }
        let now = Self.now(clock, bootID)
        let stops = try book.withLock { book in
            try book.attempt { book in
                try body(&book, now)
                try store.save(&book, now)
            }
            return book.takeStops()
        }
        for stop in stops { stop.raise() }
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

    /// Starts and calls off the runs for which that is durable and tells the events, with no lock held.
    private func deliver() {
        let (starts, stops, events) = book.withLock { book in
            (book.takeStarts(), book.takeStops(), take(&book.events))
        }
        for stop in stops { stop.raise() }
        for event in events { report(event) }
        for (ticket, run) in starts {
            guard let handler = handlers[run.job.kind] else { continue }
            executor.start(run, handler) { [self] outcome in
                ended.change(wakingAll: true) { $0.append((ticket, outcome)) }
                alarm.ring()
            }
        }
    }

    static func now(_ clock: SchedulerClock, _ bootID: () -> String) -> JobBook.Now {
        JobBook.Now(
            boot: clock.boot.now(), wall: clock.wall.now(), isTrusted: clock.isTimeTrusted(), bootID: bootID())
    }
}
