import AuroraDatabase
import AuroraModel
import AuroraRuntime
import AuroraSystem
import AuroraTestSupport
import Synchronization
import Testing

@testable import AuroraPacks

/// What a core does by the calendar.
@Suite struct MaintenanceTests {
    /// Whose tasks count how often they ran.
    private final class Stage: Sendable {
        let device: Device
        let runs = Monitor<[String]>([])
        let events = Monitor<[CoreEvent]>([])
        let failure = Mutex<Refusal?>(nil)
        let now: Mutex<Int64>

        init(_ folder: String, at now: Int64) throws {
            var configuration = DeviceConfiguration()
            configuration.maintenance = try Self.plan("0 3 * * *", "30 3 * * 0")
            device = try Device(places: DevicePlaces(root: folder), configuration: configuration)
            self.now = Mutex(now)
        }

        static func plan(_ verify: String, _ collect: String) throws -> MaintenancePlan {
            var plan = MaintenancePlan()
            plan.verify = try MaintenancePlan.Calendar(verify)
            plan.collect = try MaintenancePlan.Calendar(collect)
            return plan
        }

        /// A core's maintenance for as long as `body` runs.
        func run(
            period: Duration = .seconds(3600), isTimeTrusted: Bool = true, _ body: (Maintenance) throws -> Void
        ) throws {
            let clock = SchedulerClock(
                boot: .system, wall: WallClock { [self] in now.withLock { $0 } }, isTimeTrusted: { isTimeTrusted })
            let maintenance = try Maintenance(
                device: device,
                work: Maintenance.Work(
                    judge: { [self] in runs.change(wakingAll: true) { $0.append("judge") } },
                    verify: { [self] _ in
                        runs.change(wakingAll: true) { $0.append("verify") }
                        if let failure = failure.withLock({ $0 }) { throw failure }
                    },
                    collect: { [self] _ in runs.change(wakingAll: true) { $0.append("collect") } }), period: period,
                clock: clock, tell: { [self] event in events.change(wakingAll: true) { $0.append(event) } })
            defer { maintenance.end() }
            try body(maintenance)
        }

        func wait(_ count: Int, of task: String) -> Bool {
            runs.wait(timeout: .seconds(20)) { $0.filter { $0 == task }.count >= count ? true : nil } ?? false
        }

        func jobs() throws -> [JobRecord] { try JobRecord.all(in: device.database, device: "device") }

        func job(_ task: MaintenanceTask) throws -> JobRecord? { try jobs().first { $0.id == task.job } }
    }

    private func withStage(_ body: (Stage) throws -> Void) throws {
        try withTemporaryDirectory { folder in
            // 2026-01-01 00:00 UTC, a Thursday.
            let stage = try Stage(folder, at: 1_767_225_600_000)
            defer { stage.device.database.close() }
            try body(stage)
        }
    }

    @Test("the tasks are planned by device.yaml's calendars, each device with its own delay")
    func planned() throws {
        try withStage { stage in
            try stage.run { _ in }
            let (verify, collect) = (try #require(stage.job(.verify)?.next), try #require(stage.job(.collect)?.next))
            // The Sunday is three days later.
            let (daily, weekly) = (
                Int64(1_767_225_600_000 + 3 * 3_600_000), Int64(1_767_225_600_000 + 3 * 86_400_000 + 12_600_000)
            )
            #expect((daily...daily + 7_200_000).contains(verify.milliseconds))
            #expect((weekly...weekly + 7_200_000).contains(collect.milliseconds))
            #expect(try stage.job(.verify)?.trigger == "0 3 * * * UTC")
            #expect(try stage.job(.verify)?.last == nil)
        }
    }

    @Test(
        "a calendar is five fields of crontab, a number of hours, or never",
        arguments: [
            ("never", true), ("every 1h", true), ("every 8760h", true), ("0 3 * * *", true), ("every 0h", false),
            ("every 8761h", false), ("every +5h", false), ("every 05h", false), ("every h", false), ("every 1d", false),
            ("", false), ("0 3 * *", false),
            ("0 3 31 2 *", false),
        ])
    func calendars(text: String, isOne: Bool) { #expect(((try? MaintenancePlan.Calendar(text)) != nil) == isOne) }

    @Test("before the clock can be believed a calendar waits and says so, and hours are counted all the same")
    func untrusted() throws {
        try withStage { stage in
            var configuration = stage.device.configuration
            configuration.maintenance.collect = .every(try Span(.seconds(3600)))
            stage.device.adopt(configuration)
            try stage.run(isTimeTrusted: false) { _ in }
            let (verify, collect) = (try stage.job(.verify), try stage.job(.collect))
            #expect(verify?.waitsForClock == true && verify?.next == nil)
            #expect(collect?.waitsForClock == false && collect?.next != nil && collect?.trigger == "every 1 h")
        }
    }

    @Test("a task that fell due while no core ran is made up for once, and its end is kept")
    func missed() throws {
        try withStage { stage in
            try stage.run { _ in }
            stage.now.withLock { $0 += 3 * 86_400_000 }
            try stage.run { _ in
                #expect(stage.wait(1, of: "verify"))
                _ = try eventually { try stage.job(.verify)?.last != nil }
            }
            #expect(stage.runs.withLock { $0.filter { $0 == "verify" } }.count == 1)
            #expect(try stage.job(.verify)?.last?.outcome == .succeeded)
            #expect(
                stage.events.withLock { $0 }.contains(.note("packs/verify fell due while no core ran; made up for")))
        }
    }

    @Test("a task that fails is told with its reason and kept with it")
    func failing() throws {
        try withStage { stage in
            let refusal = Refusal(.conflict, code: "pack_drift", "a file was changed")
            stage.failure.withLock { $0 = refusal }
            try stage.run { maintenance in
                try maintenance.run(.verify)
                let told = stage.events.wait(timeout: .seconds(20)) {
                    $0.contains(.trouble("packs/verify failed: \(refusal)")) ? true : nil
                }
                #expect(told == true)
            }
            #expect(try stage.job(.verify)?.last?.outcome == .failed("\(refusal)"))
        }
    }

    @Test("never takes a task away, another calendar moves it, and the same one leaves its moment alone")
    func adopted() throws {
        try withStage { stage in
            try stage.run { maintenance in
                let before = try stage.job(.verify)
                stage.now.withLock { $0 += 60_000 }
                try maintenance.adopt(try Stage.plan("0 3 * * *", "30 3 * * 0"))
                #expect(try stage.job(.verify) == before)
                var plan = try Stage.plan("30 12 * * *", "never")
                (plan.zone, plan.spreadMinutes) = ("Europe/Berlin", 0)
                try maintenance.adopt(plan)
                #expect(try stage.jobs().map(\.id) == [MaintenanceTask.verify.job])
                // 12:30 in Berlin is 11:30 UTC in winter.
                #expect(try stage.job(.verify)?.next == Timestamp(milliseconds: 1_767_225_600_000 + 41_400_000))
                // Hours are counted unless the operator says otherwise: they need no clock that is right.
                try maintenance.adopt(MaintenancePlan())
                #expect(try stage.jobs().map(\.trigger) == ["every 168 h", "every 24 h"])
            }
        }
    }

    @Test("what runs is judged again and again")
    func judging() throws {
        try withStage { stage in
            try stage.run(period: .milliseconds(5)) { _ in #expect(stage.wait(3, of: "judge")) }
        }
    }

    @Test("a person and the core never do the same task at once, and what a person did is kept as well")
    func byHand() throws {
        try withStage { stage in
            var refusal: String?
            try stage.run { maintenance in
                refusal = code {
                    try MaintenanceTask.verify.byHand(on: stage.device) {
                        #expect(try stage.job(.verify)?.running != nil)
                        try maintenance.run(.verify)
                        #expect(code { try MaintenanceTask.verify.byHand(on: stage.device) {} } == "task_running")
                        throw Refusal(.conflict, code: "by_hand", "no")
                    }
                }
            }
            #expect(refusal == "by_hand")
            #expect(!stage.runs.withLock { $0 }.contains("verify"))
            let last = try #require(stage.job(.verify)?.last)
            #expect(last.outcome.word == "failed" && last.outcome.detail.hasPrefix("no"))
            #expect(try MaintenanceTask.collect.byHand(on: stage.device) { 7 } == 7)
        }
    }
}
