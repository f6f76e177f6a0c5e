import AuroraSystem
import Synchronization
import Testing

@testable import AuroraRuntime

@Suite("Timers")
struct TimersTests {
    private struct Broken: Error, CustomStringConvertible {
        let description = "the disk is gone"
    }

    /// Timers without threads, on a clock of the test's own.
    private final class Stage: Sendable {
        let time = SteeredClock()
        let workers = Workers(limit: 0)
        let log = Record<String>()
        let timers: Timers

        init() throws {
            let log = log
            timers = try Timers(clock: time.clock, workers: workers, isDriven: false) {
                log.add("! \($0.label): \($0.reason)")
            }
        }

        func note(_ text: String) -> Timers.Work { { [log] _ in log.add(text) } }

        func pass(_ duration: Duration) {
            time.pass(duration)
            timers.advance()
            workers.drain()
        }
    }

    @Test("defect 46: tasks of one moment start in the order they were added, whatever their number")
    func equalMoments() throws {
        let stage = try Stage()
        let delay = try Span(.seconds(5))
        for number in 0..<5000 { stage.timers.after(delay, stage.note("\(number)")) }
        stage.pass(.seconds(5))
        #expect(stage.log.all == (0..<5000).map(String.init))
        #expect(stage.timers.count == 0)
    }

    @Test("a higher priority goes first, and a lower one still gets its turn")
    func priorities() throws {
        let stage = try Stage()
        let delay = try Span(.seconds(1))
        for number in 0..<20 {
            stage.timers.after(delay, priority: .low, stage.note("low \(number)"))
            stage.timers.after(delay, priority: .high, stage.note("high \(number)"))
        }
        stage.pass(.seconds(1))
        #expect(stage.log.all.prefix(7) == ArraySlice((0..<7).map { "high \($0)" }))
        #expect(stage.log.all[7] == "low 0")
        #expect(stage.log.all.count == 40)
    }

    @Test("defect 46: setting the wall clock neither fires nor delays what waits for a delay")
    func wallClockSteps() throws {
        let stage = try Stage()
        stage.timers.after(try Span(.seconds(60)), stage.note("delay"))
        stage.timers.at(wall: stage.time.wall + 60_000, stage.note("calendar"))
        stage.time.step(-3_600_000)
        stage.pass(.seconds(60))
        #expect(stage.log.all == ["delay"])
        stage.time.step(3_600_000)
        stage.pass(.zero)
        #expect(stage.log.all == ["delay", "calendar"])
    }

    @Test("defect 46: a task that is called off does not run; one that has its token's number later does")
    func cancellation() throws {
        let stage = try Stage()
        let delay = try Span(.seconds(1))
        let token = stage.timers.after(delay, stage.note("never"))
        #expect(stage.timers.cancel(token))
        #expect(!stage.timers.cancel(token))
        stage.timers.after(delay, stage.note("later"))
        #expect(!stage.timers.cancel(token))
        stage.pass(.seconds(1))
        #expect(stage.log.all == ["later"])
    }

    @Test("a task that was handed over but has not begun can still be called off")
    func cancellationOfQueued() throws {
        let stage = try Stage()
        let token = stage.timers.after(try Span(.seconds(1)), stage.note("never"))
        stage.time.pass(.seconds(1))
        stage.timers.advance()
        #expect(stage.timers.cancel(token))
        stage.workers.drain()
        #expect(stage.log.all.isEmpty && stage.timers.count == 0)
    }

    @Test("a running task sees that it is called off, and a rate ends with it")
    func cancellationOfRunning() throws {
        let stage = try Stage()
        let token = Mutex<TimerToken?>(nil)
        let log = stage.log
        let added = try stage.timers.every(try Span(.seconds(1))) { run in
            let own = token.withLock { $0 }
            log.add("\(run.isCancelled) \(own.map { run.timers.cancel($0) } ?? true) \(run.isCancelled)")
        }
        token.withLock { $0 = added }
        for _ in 0..<3 { stage.pass(.seconds(1)) }
        #expect(stage.log.all == ["false false true"])
        #expect(stage.timers.count == 0)
    }

    @Test("calling off most of a hundred thousand tasks keeps the rest in order and frees their room")
    func manyCancellations() throws {
        let stage = try Stage()
        var numbers = RepeatableNumbers(seed: 1)
        var kept: [(Int, Int)] = []
        for number in 0..<100_000 {
            let seconds = Int.random(in: 1...1000, using: &numbers)
            let token = stage.timers.after(try Span(.seconds(seconds)), stage.note("\(number)"))
            if number % 50 == 0 { kept.append((seconds, number)) } else { stage.timers.cancel(token) }
        }
        #expect(stage.timers.count == kept.count)
        for _ in 0..<1000 { stage.pass(.seconds(1)) }
        let expected = kept.sorted { $0 < $1 }.map { "\($0.1)" }
        #expect(stage.log.all == expected)
    }

    @Test("defect 46: a task that fails is reported, kept as the last outcome, and stops nothing")
    func failures() throws {
        let stage = try Stage()
        let isBroken = Atomic(true)
        let token = try stage.timers.every(try Span(.seconds(1)), label: "backup") { _ in
            if isBroken.load(ordering: .relaxed) { throw Broken() }
        }
        stage.pass(.seconds(1))
        #expect(stage.log.all == ["! backup: the disk is gone"])
        #expect(stage.timers.lastFailure(of: token) == "the disk is gone")
        isBroken.store(false, ordering: .relaxed)
        stage.pass(.seconds(1))
        #expect(stage.timers.lastFailure(of: token) == nil)
    }

    @Test("a rate keeps its beat however late it is looked at, and never runs twice for one look")
    func rates() throws {
        let stage = try Stage()
        let begin = stage.time.boot
        let (log, time) = (stage.log, stage.time)
        try stage.timers.every(try Span(.seconds(10))) { _ in log.add("\((time.boot - begin) / 1_000_000_000)") }
        for seconds in [10, 3, 9, 30, 8] { stage.pass(.seconds(seconds)) }
        #expect(stage.log.all == ["10", "22", "52", "60"])
    }

    @Test("a rate of less than a microsecond is refused")
    func absurdRate() throws {
        let stage = try Stage()
        #expect(throws: SchedulerError.self) { try stage.timers.every(try Span(.nanoseconds(999))) { _ in } }
    }

    @Test("defect 46: a task that blocks stops no other, and none is lost")
    func blockingTask() throws {
        let workers = Workers(limit: 4)
        let log = Record<Int>()
        let timers = try Timers(workers: workers) { _ in }
        let gate = Monitor(false)
        for _ in 0..<3 { timers.after(try Span(.zero)) { _ in _ = gate.wait { $0 ? true : nil } } }
        for number in 0..<2000 { timers.after(try Span(.milliseconds(number % 7))) { _ in log.add(number) } }
        #expect(Set(log.wait(for: 2000)).count == 2000)
        gate.change(wakingAll: true) { $0 = true }
        timers.stop()
        workers.stop()
    }

    @Test("nothing runs after the timers were stopped, and the pool can be stopped")
    func stopping() throws {
        let workers = Workers(limit: 2)
        let log = Record<String>()
        let timers = try Timers(workers: workers) { _ in }
        timers.after(try Span(.zero)) { _ in log.add("ran") }
        #expect(log.wait(for: 1) == ["ran"])
        timers.after(try Span(.seconds(3600))) { _ in log.add("never") }
        timers.stop()
        workers.stop()
        #expect(!workers.submit { log.add("never") })
        #expect(log.all == ["ran"])
    }

    @Test("defect 46: a thread that waits costs no time of the processor")
    func idle() throws {
        let workers = Workers(limit: 2)
        let log = Record<String>()
        let timers = try Timers(workers: workers) { _ in }
        timers.after(try Span(.seconds(3600))) { _ in }
        timers.after(try Span(.milliseconds(1))) { _ in log.add("ran") }
        #expect(log.wait(for: 1) == ["ran"])
        // Both threads sleep: what they have used so far stays what it is, however often this is asked.
        let clocks = timers.wakeups
        timers.after(try Span(.seconds(7200))) { _ in }
        #expect(timers.wakeups - clocks <= 1, "a later timer wakes nobody")
        timers.stop()
        workers.stop()
    }
}
