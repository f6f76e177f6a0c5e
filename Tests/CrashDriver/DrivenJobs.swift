import AuroraDatabase
import AuroraModel
import AuroraRuntime
import AuroraSystem
import Glibc

/// A real scheduler with real jobs, to be killed at any moment; prints `ack N` when run N has begun.
struct DrivenJobs {
    private let folder: String

    init(_ folder: String) { self.folder = folder }

    /// Adds its jobs, as a program does at each start, and runs until it is killed.
    func run() throws {
        let database = try Database(path: "\(folder)/device.db", migrations: JobStore.migrations)
        let workers = Workers(limit: 4)
        let log = try Descriptor.open("\(folder)/runs.log", [.writeOnly, .create, .append])
        let number = log.release()
        let scheduler = try Scheduler(
            database: database, options: SchedulerOptions(device: "driven"),
            handlers: ["work": { run in try Self.work(run, number) }], workers: workers, report: { _ in })
        var jobs: [Job] = []
        for index in 0..<8 {
            var job = Job(
                try JobID.require("job-\(index)"), kind: "work", trigger: .every(try Span(.seconds(1))))
            job.overlap = OverlapPolicy.allCases[index % 3]
            job.tags = index < 4 ? ["disk": 1] : [:]
            jobs.append(job)
        }
        try scheduler.add(jobs)
        for job in jobs where job.overlap != .forbid { try scheduler.runNow(job.id) }
        while true { sleep(1000) }
    }

    /// One line when it begins and one when it ends, each in one write.
    private static func work(_ run: JobRun, _ number: Int32) throws {
        func say(_ word: String) {
            let line = "\(word) \(run.job.id) \(run.number)\n"
            _ = line.withCString { write(number, $0, strlen($0)) }
        }
        say("begin")
        Standard.writeOutput("ack \(run.number)\n")
        usleep(UInt32.random(in: 1000...300_000))
        say("end")
    }
}
