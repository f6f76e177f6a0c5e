import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraRuntime

/// A month in which the clocks change in New York, Berlin and Lord Howe, on a device that is set, killed and switched off.
@Suite("A simulated month of jobs")
struct SimulatedMonthTests {
    /// What is wrong with the scheduler on purpose.
    enum Twin: Sendable, CaseIterable {
        /// Delays are counted on the wall clock, as the prototype did.
        case delaysOnWallClock
        /// Calendars are kept in UTC.
        case noZones
        /// Jobs are forgotten by a kill.
        case forgetful
    }

    @Test("defect 46: every run of a random month is the one a plain model expects", arguments: [1, 2] as [UInt64])
    func month(seed: UInt64) throws {
        let difference = try simulate(seed: seed, twin: nil)
        #expect(difference == nil, "seed \(seed)")
    }

    @Test("the month catches a scheduler that is wrong in a way that was seen before", arguments: Twin.allCases)
    func twins(_ twin: Twin) throws {
        #expect(try simulate(seed: 1, twin: twin) != nil)
    }

    /// The first step at which scheduler and model differ; nil when they agree to the end.
    private func simulate(seed: UInt64, twin: Twin?) throws -> String? {
        try withTemporaryDirectory { folder in
            var month = try Month(seed: seed, twin: twin, folder: folder)
            while month.isGoingOn {
                if let difference = try month.step() { return "\(difference) (seed \(seed))" }
            }
            #expect(month.runs > 1000, "the month was too quiet: \(month.runs) runs")
            return nil
        }
    }
}

/// One random month: what happens is chosen from the seed, and told to the scheduler and to the model alike.
private struct Month {
    private var numbers: RepeatableNumbers
    private let stage: SchedulerStage
    private let twin: SimulatedMonthTests.Twin?
    private var model = MonthModel()
    private let end: Int64
    private var seen = 0
    /// Real time, which the wall clock of the device shows or does not.
    private var error: Int64 = 0
    private(set) var runs = 0

    /// 2026-03-05 to 2026-04-08.
    private static let begin: Int64 = 1_772_668_800_000
    private static let length: Int64 = 34 * 86_400_000

    init(seed: UInt64, twin: SimulatedMonthTests.Twin?, folder: String) throws {
        numbers = RepeatableNumbers(seed: seed)
        self.twin = twin
        end = Self.begin + Self.length
        var zones = "/usr/share/zoneinfo"
        if twin == .noZones {
            zones = "\(folder)/zones"
            for name in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"] {
                let universal = try Descriptor.open("/usr/share/zoneinfo/Etc/UTC", .readOnly).readAll()
                try write("", to: "\(zones)/\(name)")
                try Descriptor.open("\(zones)/\(name)", .writeOnly).write(all: universal)
            }
        }
        stage = try SchedulerStage(
            in: folder, wall: Self.begin, zoneFolder: zones, delaysOnWallClock: twin == .delaysOnWallClock)
        let jobs = try Self.jobs(stage)
        try stage.scheduler.add(jobs)
        for job in jobs { try model.add(job, zone: Self.zone(of: job), boot: stage.time.boot, wall: stage.time.wall) }
        model.begin(boot: stage.time.boot, wall: stage.time.wall)
    }

    var isGoingOn: Bool { stage.time.wall - error < end }

    private static func zone(of job: Job) throws -> Zone {
        guard case .cron(_, let name) = job.trigger else { return .utc }
        return try Zone.named(name)
    }

    /// Every kind of trigger with every policy.
    private static func jobs(_ stage: SchedulerStage) throws -> [Job] {
        let calendars = [
            ("30 2 * * *", "Europe/Berlin"), ("15 2 * * *", "America/New_York"),
            ("*/20 1-3 * * *", "Australia/Lord_Howe"),
            ("0 * * * *", "Europe/Berlin"), ("*/45 9-17 * * mon-fri", "America/New_York"), ("0 12 1,15 * SUN", "UTC"),
        ]
        let missed: [MissedPolicy] = [.skip, .once, .all(max: 5)]
        var jobs: [Job] = []
        for (index, (text, zone)) in calendars.enumerated() {
            jobs.append(
                try stage.job(
                    "calendar-\(index)", .cron(try CronExpression(text), zone: zone), missed: missed[index % 3],
                    overlap: OverlapPolicy.allCases[index / 2]))
        }
        for (index, minutes) in [7, 31, 240, 1441].enumerated() {
            jobs.append(
                try stage.job(
                    "rate-\(index)", .every(try Span(.seconds(minutes * 60 + index))), missed: missed[index % 3],
                    overlap: OverlapPolicy.allCases[index % 3]))
        }
        for index in 0..<20 {
            jobs.append(
                try stage.job(
                    "delay-\(index)", .after(try Span(.seconds(4000 + index * 120_000))), missed: missed[index % 3]))
        }
        for index in jobs.indices where index % 4 == 1 { jobs[index].jitter = try Span(.seconds(900)) }
        return jobs
    }

    /// Time goes by, perhaps something happens; says how scheduler and model differ.
    mutating func step() throws -> String? {
        stage.time.pass(.milliseconds(Int64.random(in: 500...600_000, using: &numbers)))
        var ended: [String] = []
        switch Int.random(in: 0..<1000, using: &numbers) {
        case 0..<4: jump()
        case 4..<8: stage.time.trust(false)
        case 8..<60: stage.time.trust(true)
        case 60..<68: return try restart(off: nil)
        case 68..<74: return try restart(off: .seconds(Int64.random(in: 10...200_000, using: &numbers)))
        default: break
        }
        for job in stage.runs.running where Int.random(in: 0..<3, using: &numbers) > 0 {
            stage.runs.end(job)
            ended.append(job)
        }
        stage.scheduler.turn()
        model.step(boot: stage.time.boot, wall: stage.time.wall, isTrusted: stage.time.isTrusted, ended: ended)
        return compare("after \(ended)")
    }

    private mutating func jump() {
        let size = Int64.random(in: -14_400_000...14_400_000, using: &numbers)
        error += size
        stage.time.step(size)
    }

    private mutating func restart(off: Duration?) throws -> String? {
        if let off { stage.time.reboot(off: off) }
        try stage.restart(forgetting: twin == .forgetful)
        model.restart(
            isReboot: off != nil, boot: stage.time.boot, wall: stage.time.wall, isTrusted: stage.time.isTrusted)
        model.step(boot: stage.time.boot, wall: stage.time.wall, isTrusted: stage.time.isTrusted, ended: [])
        return compare(off.map { "after \($0) off" } ?? "after a kill")
    }

    private mutating func compare(_ what: String) -> String? {
        let all = stage.runs.begun
        let found = all.dropFirst(seen).sorted()
        seen = all.count
        runs += found.count
        let expected = model.takeBegun().sorted()
        guard found != expected else { return nil }
        let moment = Timestamp(milliseconds: stage.time.wall)
        return "\(moment) \(what): began \(found), expected \(expected)"
    }
}
