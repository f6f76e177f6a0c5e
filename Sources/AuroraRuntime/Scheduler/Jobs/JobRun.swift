package import AuroraModel
package import AuroraSystem
import Synchronization

/// How a run of a job ended.
package enum RunOutcome: Hashable, Sendable {
    case succeeded
    /// It threw; the text is the error's own.
    case failed(String)
    /// Somebody called it off.
    case cancelled
    /// The process that ran it ended in the middle.
    case interrupted

    /// One word, as the database keeps it.
    package var word: String {
        switch self {
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .cancelled: "cancelled"
        case .interrupted: "interrupted"
        }
    }

    /// What more there is to say; empty when nothing.
    package var detail: String { if case .failed(let reason) = self { reason } else { "" } }

    init?(word: String, detail: String) {
        switch word {
        case "succeeded": self = .succeeded
        case "failed": self = .failed(detail)
        case "cancelled": self = .cancelled
        case "interrupted": self = .interrupted
        default: return nil
        }
    }
}

/// One run of a job, for its handler.
package struct JobRun: Sendable {
    /// Its number, never used again in this database.
    package let number: Int64
    package let job: Job
    /// The moment of the calendar it is for; nil for a delay, a rate, a catch-up or a run by hand.
    package let due: Timestamp?
    package let stop: RunStop
}

/// Tells a running job that it is not wanted any more.
package final class RunStop: Sendable {
    private struct State {
        var isRaised = false
        var signal: StopSignal?
    }

    private let state = Mutex(State())

    /// One that is not raised.
    package init() {}

    /// Whether the run was called off; a long handler looks here from time to time.
    package var isRaised: Bool { state.withLock(\.isRaised) }

    /// The same for a program that the handler runs: it is ended when the run is called off.
    package func signal() throws(SystemError) -> StopSignal {
        if let signal = state.withLock(\.signal) { return signal }
        let fresh = try StopSignal()
        return state.withLock { state in
            let signal = state.signal ?? fresh
            state.signal = signal
            if state.isRaised { signal.raise() }
            return signal
        }
    }

    /// Calls the run off.
    package func raise() {
        state.withLock { state in
            state.isRaised = true
            state.signal?.raise()
        }
    }
}

/// Does the work of all jobs of one kind; runs on a thread of the pool, and what it throws is the run's outcome.
package typealias JobHandler = @Sendable (JobRun) throws -> Void

/// Where the runs of jobs are carried out.
protocol RunExecutor: Sendable {
    /// Begins a run; `finished` is called exactly once, from any thread, not from within this call's caller's lock.
    func start(_ run: JobRun, _ handler: @escaping JobHandler, finished: @escaping @Sendable (RunOutcome) -> Void)
}

/// Carries runs out on a pool of threads.
struct PoolExecutor: RunExecutor {
    let workers: Workers

    func start(_ run: JobRun, _ handler: @escaping JobHandler, finished: @escaping @Sendable (RunOutcome) -> Void) {
        let isTaken = workers.submit(run.job.priority) {
            guard !run.stop.isRaised else { return finished(.cancelled) }
            do {
                try handler(run)
                finished(run.stop.isRaised ? .cancelled : .succeeded)
            } catch {
                finished(run.stop.isRaised ? .cancelled : .failed(String("\(error)".prefix(4096))))
            }
        }
        if !isTaken { finished(.failed("the pool of workers has no thread")) }
    }
}
