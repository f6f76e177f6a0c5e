import AuroraDatabase
import AuroraModel
import AuroraRuntime
import AuroraSystem
import Foundation

/// Persisted jobs: added durably, all due at once, and one added to the many; beside apscheduler.
enum JobRows {
    /// What one round measured.
    private struct Round {
        /// Seconds to add all jobs at once, to run them all, and to add one more, one at a time.
        let addAll: Double
        let runAll: Double
        let addOne: Double
        /// How many jobs the database held after they were added, and how many runs it recorded as succeeded.
        let kept: Int
        let succeeded: Int
    }

    static func run(_ bench: Bench, _ peer: SchedulerPeer?) throws -> [ResultRow] {
        let count = bench.isQuick ? 2000 : 10_000
        let few = bench.isQuick ? 200 : 1000
        var all: [Round] = []
        for round in 0..<bench.rounds {
            try bench.settle()
            all.append(try measure(count, few, try bench.makeFolder("jobs-\(round)")))
        }
        let path = "\(try bench.makeFolder("peer-jobs"))/jobs.db"
        let python = try peer.map { Double(few) / (try $0.run("persist", "\(few)", path).first ?? 1) }
        let added = Samples(.rate, all.map { Double(count) / $0.addAll })
        let ran = Samples(.rate, all.map { Double(count) / $0.runAll })
        let single = Samples(.rate, all.map { Double(few) / $0.addOne })
        let kept = all.map(\.kept).min() ?? 0
        let succeeded = all.map(\.succeeded).min() ?? 0
        let name = "\(SchedulerRows.text(count)) persisted jobs"
        return [
            ResultRow(
                "\(name), added at once", ours: kept == count ? added.text : "only \(kept) are in the database",
                bar: "10,000", isMet: bench.isQuick ? nil : kept == count),
            ResultRow(
                "\(name), all due at once, each run recorded",
                ours: succeeded == count ? ran.text : "only \(succeeded) are recorded", bar: "all of them",
                isMet: bench.isQuick ? nil : succeeded == count),
            ResultRow(
                "jobs added one at a time, each durable", ours: "beside \(SchedulerRows.text(count)): \(single.text)",
                peer: python.map { "apscheduler, SQLite: \(Unit.rate.text($0))" } ?? SchedulerRows.missing,
                ratio: times(single.median, python ?? 0)),
        ]
    }

    private static func measure(_ count: Int, _ few: Int, _ folder: String) throws -> Round {
        let database = try Database(path: "\(folder)/device.db", migrations: JobStore.migrations)
        defer { database.close() }
        let workers = Workers(limit: 4)
        let ended = Monitor(0)
        let scheduler = try Scheduler(
            database: database, options: SchedulerOptions(device: "bench"), handlers: ["work": { _ in }],
            workers: workers,
            report: { event in if case .ended = event { ended.change { $0 += 1 } } })
        defer {
            scheduler.stop()
            workers.stop()
        }
        let delay = Duration.seconds(10)
        let jobs = try (0..<count).map { try job("job-\($0)", after: delay) }
        let begin = ContinuousClock.now
        let addAll = try seconds { try scheduler.add(jobs) }
        let kept = try rows("SELECT COUNT(*) AS count FROM jobs", in: database)
        let more = try (0..<few).map { try job("more-\($0)", after: .seconds(86_400)) }
        let addOne = try seconds { for job in more { try scheduler.add(job) } }
        let left = begin + delay - ContinuousClock.now
        guard left > .zero else { throw BenchError("adding jobs took longer than \(delay)") }
        Thread.sleep(forTimeInterval: left / .seconds(1))
        let runAll = try seconds {
            guard ended.wait(timeout: .seconds(120), { $0 >= count ? true : nil }) == true else {
                throw BenchError("only \(ended.withLock { $0 }) of \(count) runs ended within two minutes")
            }
        }
        let succeeded = try rows("SELECT COUNT(*) AS count FROM job_runs WHERE state = 'succeeded'", in: database)
        return Round(addAll: addAll, runAll: runAll, addOne: addOne, kept: kept, succeeded: succeeded)
    }

    private static func job(_ name: String, after delay: Duration) throws -> Job {
        guard let id = JobID(name) else { throw BenchError("a bad id") }
        return Job(id, kind: "work", trigger: .after(try Span(delay)))
    }

    private static func rows(_ sql: String, in database: Database) throws -> Int {
        Int(try database.read { try $0.first(sql)?.integer("count") ?? 0 })
    }
}
