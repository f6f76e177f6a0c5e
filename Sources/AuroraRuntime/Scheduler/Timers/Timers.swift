package import AuroraSystem
import Glibc
import Synchronization

/// Runs tasks after a delay, at a fixed rate or at a moment of the wall clock, kept in memory only.
///
/// One thread waits for the earliest of them on both clocks and hands what is due to a pool; a task that blocks or fails
/// stops no other. Tasks of one moment and priority start in the order they were added. Any thread may call.
package final class Timers: Sendable {
    /// What a task does; an error is reported, and kept with a task that repeats.
    package typealias Work = @Sendable (TimerRun) throws -> Void

    let clock: SchedulerClock
    private let workers: Workers
    private let report: @Sendable (TaskFailure) -> Void
    private let state = Mutex(TimerState())
    private let alarm: Alarm
    private let thread = Mutex<ServiceThread?>(nil)
    private let clockHooks = Mutex<[@Sendable () -> Void]>([])

    /// Most due tasks taken in one step, so that new ones and cancellations get their turn.
    private static let batch = 4096

    /// Makes one that keeps nothing yet.
    ///
    /// - Parameters:
    ///   - workers: where tasks run; stopped by its owner, after this.
    ///   - isDriven: false has no thread: ``advance()`` is called by tests that own time.
    ///   - report: hears of every task that threw.
    /// - Throws: `SystemError` when the system gives no timers or no thread.
    package init(
        clock: SchedulerClock = .system, workers: Workers, isDriven: Bool = true,
        report: @escaping @Sendable (TaskFailure) -> Void
    ) throws(SystemError) {
        self.clock = clock
        self.workers = workers
        self.report = report
        alarm = try Alarm()
        guard isDriven else { return }
        guard let started = ServiceThread(name: "timers", run: { [self] in run() }) else {
            throw SystemError(operation: "pthread_create", errno: EAGAIN)
        }
        thread.withLock { $0 = started }
    }

    // MARK: Adding

    /// Runs `work` once after `delay`.
    @discardableResult
    package func after(
        _ delay: Span, label: String = "", priority: Priority = .normal, _ work: @escaping Work
    ) -> TimerToken {
        let due = clock.boot.now() &+ delay.nanoseconds
        return add(TimerState.Slot(label: label, priority: priority, period: 0, work: work), boot: due)
    }

    /// Runs `work` after `first`, then once every `period`; never twice at once: what falls due meanwhile is left out.
    ///
    /// - Throws: ``SchedulerError/badDuration(_:reason:)`` for a period of less than a microsecond.
    @discardableResult
    package func every(
        _ period: Span, first: Span? = nil, label: String = "", priority: Priority = .normal, _ work: @escaping Work
    ) throws(SchedulerError) -> TimerToken {
        guard period.nanoseconds >= 1000 else {
            throw .badDuration("\(period.nanoseconds) ns", reason: "a rate needs at least a microsecond")
        }
        let due = clock.boot.now() &+ (first ?? period).nanoseconds
        return add(
            TimerState.Slot(label: label, priority: priority, period: period.nanoseconds, work: work), boot: due)
    }

    /// Runs `work` once when the wall clock shows `moment` (milliseconds since 1970) or later.
    @discardableResult
    package func at(
        wall moment: Int64, label: String = "", priority: Priority = .normal, _ work: @escaping Work
    ) -> TimerToken {
        add(TimerState.Slot(label: label, priority: priority, period: 0, work: work), wall: moment)
    }

    private func add(_ slot: TimerState.Slot, boot: Int64? = nil, wall: Int64? = nil) -> TimerToken {
        let (key, isEarliest) = state.withLock { $0.add(slot, boot: boot, wall: wall) }
        if isEarliest { alarm.ring() }
        return TimerToken(key: key)
    }

    // MARK: Asking and stopping

    /// Calls a task off.
    ///
    /// - Returns: true when it will not start any more; false when it is running (it then sees
    ///   ``TimerRun/isCancelled``), or is over.
    @discardableResult
    package func cancel(_ token: TimerToken) -> Bool {
        state.withLock { $0.cancel(token.key) }
    }

    /// Why the last run of a task that repeats failed; nil when it went well or there was none.
    package func lastFailure(of token: TimerToken) -> String? {
        state.withLock { $0.slot(token.key)?.lastFailure }
    }

    /// How often the thread has looked for work since the start.
    package var wakeups: Int { state.withLock(\.looks) }

    /// Tasks that are kept: waiting, queued or running.
    package var count: Int { state.withLock(\.count) }

    /// Calls `hook` on the timers' thread whenever the wall clock is set; it must not block.
    package func onClockSet(_ hook: @escaping @Sendable () -> Void) {
        clockHooks.withLock { $0.append(hook) }
    }

    /// Starts no further task and waits for the thread; running tasks go on.
    ///
    /// Not from a task.
    package func stop() {
        state.withLock { $0.isStopping = true }
        alarm.ring()
        let thread = thread.withLock { $0.take() }
        thread?.join()
    }

    // MARK: The thread

    private func run() {
        while true {
            let next = advance()
            if state.withLock(\.isStopping) { return }
            // Nothing can be done about a failing wait but to look again; it fails only without memory.
            let wasSet = (try? alarm.wait(boot: next.boot, wall: next.wall)) ?? false
            if wasSet { clockWasSet() }
        }
    }

    /// Tells the hooks that the wall clock was set.
    func clockWasSet() {
        for hook in clockHooks.withLock({ $0 }) { hook() }
    }

    /// Hands over everything that is due; returns the next moment on either clock.
    @discardableResult
    func advance() -> (boot: Int64?, wall: Int64?) {
        while true {
            let (boot, wall) = (clock.boot.now(), clock.wall.now())
            let (due, next) = state.withLock { state in
                let due = state.takeDue(boot: boot, wall: wall, limit: Self.batch)
                return (due, state.rest())
            }
            if due.isEmpty { return next }
            workers.submit(due.map { task in (task.priority, { [self] in perform(task.key) }) })
        }
    }

    private func perform(_ key: UInt64) {
        guard let slot = state.withLock({ $0.begin(key) }) else { return }
        var failure: String?
        do { try slot.work(TimerRun(key: key, timers: self)) } catch { failure = "\(error)" }
        state.withLock { $0.end(key, failure: failure) }
        if let failure { report(TaskFailure(label: slot.label, reason: failure)) }
    }

    fileprivate func isCancelled(_ key: UInt64) -> Bool {
        state.withLock { $0.isStopping || $0.slot(key)?.isCancelled ?? true }
    }
}

/// Names one task of ``Timers``; never means another one later.
package struct TimerToken: Hashable, Sendable {
    let key: UInt64
}

/// One run of a task of ``Timers``, for the task itself.
package struct TimerRun: Sendable {
    let key: UInt64
    let timers: Timers

    /// Whether it was called off since it began; a long task looks here from time to time.
    package var isCancelled: Bool { timers.isCancelled(key) }
}

/// A task of ``Timers`` that threw.
package struct TaskFailure: Hashable, Sendable {
    /// As it was added.
    package let label: String
    /// The error's own words.
    package let reason: String
}
