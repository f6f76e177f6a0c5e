import AuroraDatabase
import AuroraModel
import AuroraSystem
import Synchronization

@testable import AuroraRuntime

/// Carries no run out, a test says when it ends: a double of the pool.
final class HeldRuns: RunExecutor {
    private struct State {
        var runs: [(run: JobRun, finished: @Sendable (RunOutcome) -> Void)] = []
        var log: [(job: String, number: Int64)] = []
    }

    private let state = Mutex(State())

    func start(_ run: JobRun, _ handler: @escaping JobHandler, finished: @escaping @Sendable (RunOutcome) -> Void) {
        state.withLock {
            $0.runs.append((run, finished))
            $0.log.append((run.job.id.text, run.number))
        }
    }

    /// The jobs that run now, in the order they began.
    var running: [String] { state.withLock { $0.runs.map(\.run.job.id.text) } }
    var runs: [JobRun] { state.withLock { $0.runs.map(\.run) } }
    /// Every run that ever began.
    var begun: [String] { state.withLock { $0.log.map(\.job) } }

    /// The first run of a job ends.
    func end(_ job: String, _ outcome: RunOutcome = .succeeded) {
        let finished = state.withLock { state in
            state.runs.firstIndex { $0.run.job.id.text == job }.map { state.runs.remove(at: $0).finished }
        }
        finished?(outcome)
    }

    func endAll() { for job in running { end(job) } }
}

/// A scheduler without threads on a database of its own and a clock of the test's.
final class SchedulerStage {
    let time: SteeredClock
    let runs = HeldRuns()
    let events = Record<JobEvent>()
    let database: Database
    private(set) var scheduler: Scheduler
    private let start: (Database) throws -> Scheduler

    init(
        in folder: String, wall: Int64 = 1_780_000_000_000, capacities: [String: Int] = [:],
        zoneFolder: String = "/usr/share/zoneinfo", delaysOnWallClock: Bool = false,
        isAlive: @escaping @Sendable (RunOwner) -> Bool = { _ in false },
        change: (SteeredClock) -> Void = { _ in }
    ) throws {
        time = SteeredClock(wall: wall)
        change(time)
        database = try Database(path: "\(folder)/device.db", migrations: JobStore.migrations)
        var options = SchedulerOptions(device: "device-1")
        options.clock = delaysOnWallClock ? time.clockOfTwin : time.clock
        options.zoneFolder = zoneFolder
        options.capacities = capacities
        options.bootID = { [time] in time.bootID }
        options.isAlive = isAlive
        options.owner = RunOwner(text: "test")
        let settings = options
        let (runs, events) = (runs, events)
        start = { database in
            try Scheduler(
                database: database, options: settings, handlers: ["work": { _ in }], executor: runs,
                report: { events.add($0) })
        }
        scheduler = try start(database)
    }

    /// As after a kill: what was in memory is gone, and what ran runs no more.
    ///
    /// - Parameter forgetting: what a scheduler without a database does.
    func restart(forgetting: Bool = false) throws {
        for job in runs.running { runs.end(job) }
        if forgetting {
            try database.write { transaction in
                for row in try JobStore.jobs(in: transaction) { try JobStore.remove(row.id, in: transaction) }
            }
        }
        scheduler = try start(database)
    }

    func pass(_ duration: Duration) {
        time.pass(duration)
        scheduler.turn()
    }

    func job(
        _ id: String, _ trigger: Trigger, missed: MissedPolicy = .once, overlap: OverlapPolicy = .forbid,
        tags: [String: Int] = [:], priority: Priority = .normal
    ) throws -> Job {
        var job = Job(try JobID.require(id), kind: "work", trigger: trigger)
        job.missed = missed
        job.overlap = overlap
        job.tags = tags
        job.priority = priority
        return job
    }

    /// The words of what was reported since the last call.
    func said() -> [JobEvent] {
        let all = events.all
        defer { told = all.count }
        return Array(all.dropFirst(told))
    }
    private var told = 0
}
