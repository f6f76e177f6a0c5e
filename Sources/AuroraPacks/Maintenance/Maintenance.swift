import AuroraModel
package import AuroraRuntime
import AuroraSystem

/// What a core does beside running packs: it looks every minute whether what runs may go on, and carries out the tasks of
/// ``MaintenancePlan`` by the calendar.
///
/// The tasks are persisted jobs of the device's database, so that one which fell due while the machine was off is made up for
/// once, and `aurora device jobs` shows how each ended. What fails is told and kept, and stops nothing else.
package final class Maintenance: Sendable {
    /// What is to be done; each is called on a thread of its own.
    package struct Work: Sendable {
        /// Ends what may not go on running.
        package var judge: @Sendable () -> Void
        /// Reads everything; the stop says that nobody wants to know any more.
        package var verify: @Sendable (RunStop) throws -> Void
        package var collect: @Sendable (RunStop) throws -> Void

        package init(
            judge: @escaping @Sendable () -> Void, verify: @escaping @Sendable (RunStop) throws -> Void,
            collect: @escaping @Sendable (RunStop) throws -> Void
        ) {
            self.judge = judge
            self.verify = verify
            self.collect = collect
        }
    }

    private let workers = Workers(limit: 2, name: "maintenance")
    private let timers: Timers
    private let scheduler: Scheduler

    /// Begins; what fell due while no core ran is made up for at once.
    ///
    /// - Parameters:
    ///   - period: how often what runs is judged.
    ///   - tell: takes what an operator should hear of, on any thread.
    package init(
        device: Device, work: Work, period: Duration = .seconds(60), clock: SchedulerClock = .system,
        tell: @escaping @Sendable (CoreEvent) -> Void
    ) throws {
        timers = try Timers(clock: clock, workers: workers) { tell(.trouble("\($0.label): \($0.reason)")) }
        var options = SchedulerOptions(device: device.configuration.target.text)
        options.clock = clock
        scheduler = try Scheduler(
            database: device.database, options: options,
            handlers: [
                MaintenanceTask.verify.rawValue: { try work.verify($0.stop) },
                MaintenanceTask.collect.rawValue: { try work.collect($0.stop) },
            ], workers: workers, report: { event in event.coreEvent.map(tell) })
        try timers.every(Span(period), label: "judging what runs") { _ in work.judge() }
        try adopt(device.configuration.maintenance)
    }

    /// Goes by this plan from now on; a task whose calendar has not changed keeps its moment.
    package func adopt(_ plan: MaintenancePlan) throws {
        let (wanted, unwanted) = plan.jobs
        try scheduler.add(wanted)
        let known = Set(scheduler.status().map(\.job.id))
        for id in unwanted where known.contains(id) { try scheduler.remove(id) }
    }

    /// Does a task now, as if it had fallen due.
    package func run(_ task: MaintenanceTask) throws { try scheduler.runNow(task.job) }

    /// Begins nothing more and calls off what runs; what does not listen in time ends with the process, and counts as
    /// interrupted.
    package func end(grace: Duration = .seconds(2)) {
        timers.stop()
        scheduler.stop(grace: grace)
    }
}

extension JobEvent {
    /// What an operator should hear of it; nil for what goes as it should.
    fileprivate var coreEvent: CoreEvent? {
        switch self {
        case .ended(_, _, .succeeded), .ended(_, _, .cancelled), .timeTrusted, .overlapped, .heldElsewhere: nil
        case .ended(let id, _, .failed(let reason)): .trouble("\(id) failed: \(reason)")
        case .ended(let id, _, .interrupted): .note("\(id) was interrupted by the end of the core that ran it")
        case .missed(let id, let runs): .note("\(id) fell due while no core ran; \(runs == 0 ? "not " : "")made up for")
        case .clockJumped(let milliseconds):
            .note("the time of day was set by \(milliseconds / 1000) seconds; calendars follow it")
        case .suspended(let id, let reason): .trouble("\(id) cannot run: \(reason)")
        case .storeFailed(let reason): .trouble("jobs are not kept: \(reason)")
        }
    }
}
