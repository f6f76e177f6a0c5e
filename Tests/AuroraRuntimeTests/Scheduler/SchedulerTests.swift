import AuroraDatabase
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Synchronization
import Testing

@testable import AuroraRuntime

@Suite("The scheduler of jobs")
struct SchedulerTests {
    private func seconds(_ count: Int) throws -> Span { try Span(.seconds(count)) }
    private func cron(_ text: String, _ zone: String = "UTC") throws -> Trigger {
        .cron(try CronExpression(text), zone: zone)
    }

    @Test("a delay runs once and its job goes with the run")
    func delay() throws {
        try withTemporaryDirectory { folder in
            let stage = try SchedulerStage(in: folder)
            try stage.scheduler.add(try stage.job("once", .after(try seconds(60))))
            stage.pass(.seconds(59))
            #expect(stage.runs.running.isEmpty)
            stage.pass(.seconds(1))
            #expect(stage.runs.running == ["once"])
            stage.runs.end("once")
            stage.pass(.zero)
            #expect(stage.scheduler.status().isEmpty)
            #expect(stage.said() == [.ended(try JobID.require("once"), run: 1, .succeeded)])
        }
    }

    @Test("defect 46: setting the wall clock neither fires nor stalls a delay or a rate, and is told")
    func clockSteps() throws {
        try withTemporaryDirectory { folder in
            let stage = try SchedulerStage(in: folder)
            try stage.scheduler.add(try stage.job("delay", .after(try seconds(600))))
            try stage.scheduler.add(try stage.job("rate", .every(try seconds(300))))
            stage.time.step(10 * 365 * 86_400_000)
            stage.pass(.seconds(1))
            #expect(stage.runs.running.isEmpty)
            stage.time.step(-20 * 365 * 86_400_000)
            stage.pass(.seconds(299))
            #expect(stage.runs.running == ["rate"])
            stage.runs.endAll()
            stage.pass(.seconds(300))
            #expect(stage.runs.running.sorted() == ["delay", "rate"])
            let jumps = stage.said().filter { if case .clockJumped = $0 { true } else { false } }
            #expect(
                jumps == [.clockJumped(milliseconds: 315_360_000_000), .clockJumped(milliseconds: -630_720_000_000)])
        }
    }

    @Test("a calendar is worked out anew when the clock is set, and small corrections change nothing")
    func calendarAfterJump() throws {
        try withTemporaryDirectory { folder in
            // 2026-05-28T20:26:40Z
            let stage = try SchedulerStage(in: folder)
            try stage.scheduler.add(try stage.job("daily", try cron("0 12 * * *")))
            stage.time.step(-59_000)
            stage.pass(.zero)
            #expect(stage.said().isEmpty)
            stage.time.step(-12 * 3_600_000)
            stage.pass(.zero)
            #expect(stage.said() == [.clockJumped(milliseconds: -43_200_000)])
            stage.pass(.seconds(3 * 3600 + 34 * 60 + 19))
            #expect(stage.runs.running == ["daily"])
            #expect(stage.runs.runs.first?.due == Timestamp(rfc3339: "2026-05-28T12:00:00Z"))
        }
    }

    @Test("before the time is trusted only delays and rates run")
    func untrustedTime() throws {
        try withTemporaryDirectory { folder in
            let stage = try SchedulerStage(in: folder, wall: 0, change: { $0.trust(false) })
            try stage.scheduler.add(try stage.job("calendar", try cron("* * * * *")))
            try stage.scheduler.add(try stage.job("rate", .every(try seconds(60))))
            stage.pass(.seconds(180))
            #expect(stage.runs.running == ["rate"])
            stage.runs.endAll()
            stage.time.step(1_780_000_000_000)
            stage.time.trust(true)
            stage.pass(.seconds(1))
            #expect(stage.runs.running.isEmpty)
            #expect(stage.said().contains(.timeTrusted))
            stage.pass(.seconds(60))
            #expect(stage.runs.running.contains("calendar"))
        }
    }

    struct Missed: Sendable {
        let policy: MissedPolicy
        let runs: Int
    }

    @Test(
        "moments missed while nothing ran are made up for as the policy says, within its bound",
        arguments: [
            Missed(policy: .skip, runs: 0), Missed(policy: .once, runs: 1), Missed(policy: .all(max: 3), runs: 3),
            Missed(policy: .all(max: 100), runs: 8),
        ])
    func missed(_ example: Missed) throws {
        try withTemporaryDirectory { folder in
            let stage = try SchedulerStage(in: folder)
            try stage.scheduler.add(try stage.job("hourly", try cron("0 * * * *"), missed: example.policy))
            stage.time.reboot(off: .seconds(8 * 3600))
            try stage.restart()
            #expect(stage.said() == [.missed(try JobID.require("hourly"), runs: example.runs)])
            var count = 0
            while !stage.runs.running.isEmpty {
                #expect(stage.runs.running == ["hourly"], "one at a time")
                stage.runs.endAll()
                stage.pass(.zero)
                count += 1
            }
            #expect(count == example.runs)
        }
    }

    @Test("a job that is due while it runs is left out, waits once, or takes the place of the other")
    func overlaps() throws {
        try withTemporaryDirectory { folder in
            let stage = try SchedulerStage(in: folder)
            for policy in OverlapPolicy.allCases {
                try stage.scheduler.add(
                    try stage.job(policy.rawValue, .every(try seconds(60)), overlap: policy))
            }
            stage.pass(.seconds(60))
            #expect(stage.runs.running == ["forbid", "queue", "replace"])
            for _ in 0..<3 { stage.pass(.seconds(60)) }
            #expect(stage.runs.running == ["forbid", "queue", "replace"])
            #expect(stage.runs.runs.map(\.stop.isRaised) == [false, false, true])
            stage.runs.end("forbid")
            stage.runs.end("queue")
            stage.runs.end("replace", .cancelled)
            stage.pass(.zero)
            #expect(stage.runs.running == ["queue", "replace"])
            stage.runs.endAll()
            stage.pass(.zero)
            #expect(stage.runs.running.isEmpty)
        }
    }

    @Test("a run by hand counts: it is refused while another runs, and keeps the next one out")
    func byHand() throws {
        try withTemporaryDirectory { folder in
            let stage = try SchedulerStage(in: folder)
            let id = try JobID.require("job")
            try stage.scheduler.add(try stage.job("job", .every(try seconds(60))))
            try stage.scheduler.runNow(id)
            stage.pass(.zero)
            #expect(stage.runs.running == ["job"])
            #expect(
                throws: SchedulerError.badJob("job", reason: "it is running", remedy: "wait, or cancel the run first")
            ) { try stage.scheduler.runNow(id) }
            stage.pass(.seconds(60))
            #expect(stage.runs.running == ["job"])
            #expect(stage.said() == [.overlapped(id, .forbid)])
            #expect(throws: SchedulerError.unknown("the job \"none\"")) {
                try stage.scheduler.runNow(try JobID.require("none"))
            }
        }
    }

    @Test("a run that another process began by hand counts, until that process ends or is gone")
    func byAnotherProcess() throws {
        try withTemporaryDirectory { folder in
            let stage = try SchedulerStage(in: folder, isAlive: { RunOwner.isAlive($0) })
            let id = try JobID.require("job")
            try stage.scheduler.add(try stage.job("job", .every(try seconds(60)), overlap: .queue))
            let other = try ForeignRun.begin(id, in: stage.database)
            #expect(throws: SchedulerError.self) { try ForeignRun.begin(id, in: stage.database) }
            stage.pass(.seconds(60))
            stage.pass(.seconds(5))
            #expect(stage.runs.running.isEmpty)
            #expect(stage.said() == [.heldElsewhere(id)])
            try other.end(.succeeded)
            stage.pass(.seconds(1))
            #expect(stage.runs.running == ["job"])
        }
    }

    @Test("a run left behind by a process that is gone gives way")
    func deadOwner() throws {
        try withTemporaryDirectory { folder in
            let stage = try SchedulerStage(in: folder)
            let id = try JobID.require("job")
            try stage.scheduler.add(try stage.job("job", .every(try seconds(60))))
            // Owners are all dead on this stage.
            _ = try ForeignRun.begin(id, in: stage.database)
            stage.pass(.seconds(60))
            #expect(stage.runs.running == ["job"])
        }
    }

    @Test("after a kill the run in the middle is told as interrupted, and what was owed is done")
    func restart() throws {
        try withTemporaryDirectory { folder in
            let stage = try SchedulerStage(in: folder, capacities: ["gpu": 1])
            try stage.scheduler.add(try stage.job("first", .every(try seconds(60)), overlap: .queue, tags: ["gpu": 1]))
            try stage.scheduler.add(try stage.job("second", .every(try seconds(60)), tags: ["gpu": 1]))
            stage.pass(.seconds(60))
            #expect(stage.runs.running == ["first"])
            stage.pass(.seconds(60))
            _ = stage.said()
            try stage.restart()
            let (first, second) = (try JobID.require("first"), try JobID.require("second"))
            let ends = stage.said()
            #expect(ends.contains(.ended(first, run: 1, .interrupted)))
            #expect(ends.contains(.ended(second, run: 2, .interrupted)))
            // One run of the first was waiting in its queue, and the second had never begun.
            #expect(stage.runs.running == ["first"])
            #expect(stage.scheduler.waits().map(\.job) == [second])
            #expect(stage.scheduler.status().map(\.lastOutcome) == [.interrupted, .interrupted])
        }
    }

    @Test("a job that is added again at each start keeps its moment; a changed one starts anew")
    func addedAgain() throws {
        try withTemporaryDirectory { folder in
            let stage = try SchedulerStage(in: folder)
            let job = try stage.job("job", .every(try seconds(60)))
            try stage.scheduler.add(job)
            stage.pass(.seconds(50))
            try stage.restart()
            try stage.scheduler.add(job)
            #expect(stage.scheduler.status().first?.dueIn == 10_000)
            try stage.scheduler.add(try stage.job("job", .every(try seconds(61))))
            #expect(stage.scheduler.status().first?.dueIn == 61_000)
            // The moment of the old definition is forgotten.
            stage.pass(.seconds(60))
            #expect(stage.runs.running.isEmpty)
            stage.pass(.seconds(1))
            #expect(stage.runs.running == ["job"])
        }
    }

    @Test("a delay goes on over a restart of the machine, as far as the wall clock can tell")
    func reboot() throws {
        try withTemporaryDirectory { folder in
            let stage = try SchedulerStage(in: folder)
            try stage.scheduler.add(try stage.job("job", .after(try seconds(1000))))
            stage.time.reboot(off: .seconds(400))
            try stage.restart()
            #expect(stage.scheduler.status().first?.dueIn == 600_000)
            stage.time.trust(false)
            stage.time.reboot(off: .seconds(100))
            try stage.restart()
            #expect(stage.scheduler.status().first?.dueIn == 600_000)
        }
    }

    @Test("a failed run is told with its reason and kept as the last outcome, also over a restart")
    func failures() throws {
        try withTemporaryDirectory { folder in
            let stage = try SchedulerStage(in: folder)
            try stage.scheduler.add(try stage.job("job", .every(try seconds(60))))
            stage.pass(.seconds(60))
            stage.runs.end("job", .failed("no route to host"))
            stage.pass(.zero)
            #expect(stage.said() == [.ended(try JobID.require("job"), run: 1, .failed("no route to host"))])
            try stage.restart()
            #expect(stage.scheduler.status().first?.lastOutcome == .failed("no route to host"))
        }
    }

    @Test("waiting and running runs can be called off by their number")
    func cancellation() throws {
        try withTemporaryDirectory { folder in
            let stage = try SchedulerStage(in: folder)
            for id in ["first", "second"] {
                try stage.scheduler.add(try stage.job(id, .every(try seconds(60)), tags: ["disk": 1]))
            }
            stage.pass(.seconds(60))
            #expect(
                stage.scheduler.waits() == [
                    ResourceWait(job: try JobID.require("second"), run: 2, tags: ["disk"], holders: [1])
                ])
            try stage.scheduler.cancel(run: 2)
            #expect(stage.scheduler.waits().isEmpty)
            try stage.scheduler.cancel(run: 1)
            #expect(stage.runs.runs.first?.stop.isRaised == true)
            #expect(throws: SchedulerError.unknown("the run 9")) { try stage.scheduler.cancel(run: 9) }
        }
    }

    @Test("jobs outside their bounds are refused with the remedy, and none of their batch is added")
    func badJobs() throws {
        try withTemporaryDirectory { folder in
            let stage = try SchedulerStage(in: folder, capacities: ["disk": 2])
            let good = try stage.job("good", .every(try seconds(60)))
            var heavy = good
            heavy.payload = String(repeating: "x", count: 65_537)
            let bad = [
                heavy, try stage.job("fast", .every(try Span(.milliseconds(999)))),
                try stage.job("much", .every(try seconds(60)), missed: .all(max: 1001)),
                try stage.job("tags", .every(try seconds(60)), tags: ["disk": 3]),
                try stage.job("zone", try cron("* * * * *", "No/Where")),
                Job(try JobID.require("kind"), kind: "unknown", trigger: .every(try seconds(60))),
            ]
            for job in bad {
                #expect(throws: SchedulerError.self) { try stage.scheduler.add([good, job]) }
                #expect(stage.scheduler.status().isEmpty, "\(job.id)")
            }
        }
    }

    @Test("the jitter of a job is the same at each start, inside its window, and spread over devices")
    func jitter() throws {
        let job = try JobID.require("job")
        let window = try seconds(600)
        let delays = (0..<1000).map { Jitter.delay(device: "device-\($0)", job: job, window: window) }
        #expect(delays.allSatisfy { (0..<window.nanoseconds).contains($0) })
        #expect(delays == (0..<1000).map { Jitter.delay(device: "device-\($0)", job: job, window: window) })
        let tenths = Dictionary(grouping: delays) { $0 / (window.nanoseconds / 10) }
        #expect(tenths.count == 10 && tenths.values.allSatisfy { (60...140).contains($0.count) })
    }

    @Test("the real scheduler runs its jobs, reports what fails, and stops")
    func real() throws {
        try withTemporaryDirectory { folder in
            struct Broken: Error, CustomStringConvertible { let description = "it broke" }
            let database = try Database(path: "\(folder)/device.db", migrations: JobStore.migrations)
            let workers = Workers(limit: 4)
            let events = Record<JobEvent>()
            let scheduler = try Scheduler(
                database: database, options: SchedulerOptions(device: "d"),
                handlers: [
                    "good": { _ in }, "bad": { _ in throw Broken() },
                    "long": { run in
                        let signal = try run.stop.signal()
                        _ = try Processes.run(
                            {
                                var spec = ProcessSpec(executable: "/usr/bin/sleep", arguments: ["600"])
                                spec.stop = signal
                                return spec
                            }())
                    },
                ], workers: workers, report: { events.add($0) })
            let jobs = try ["good", "bad", "long"].map {
                Job(try JobID.require($0), kind: $0, trigger: .after(try Span(.milliseconds(10))))
            }
            try scheduler.add(jobs)
            let ended = Set(events.wait(for: 2))
            #expect(ended.contains { if case .ended(jobs[0].id, _, .succeeded) = $0 { true } else { false } })
            #expect(ended.contains { if case .ended(jobs[1].id, _, .failed("it broke")) = $0 { true } else { false } })
            scheduler.stop()
            workers.stop()
            #expect(events.all.contains { if case .ended(jobs[2].id, _, .cancelled) = $0 { true } else { false } })
            #expect(throws: SchedulerError.stopped("it was told to stop")) { try scheduler.add(jobs) }
        }
    }
}
