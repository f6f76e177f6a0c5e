/// Why something cannot be scheduled.
package enum SchedulerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A span of time is not one the scheduler can wait for.
    case badDuration(String, reason: String)
    /// A cron expression breaks the grammar; `column` counts from 1.
    case badCron(String, column: Int, problem: String, remedy: String)
    /// A time zone is unknown or its file cannot be read.
    case badZone(String, reason: String)
    /// A job's id, kind, payload or policy is outside its bounds.
    case badJob(String, reason: String, remedy: String)
    /// There is no such job or run.
    case unknown(String)
    /// The scheduler has been stopped, or the system gave it no thread.
    case stopped(String)

    /// What failed, on which thing, why, and what to do next.
    package var description: String {
        switch self {
        case .badDuration(let text, let reason):
            "the duration \(text) cannot be waited for: \(reason); give one between 0 and 100 years"
        case .badCron(let text, let column, let problem, let remedy):
            "the cron expression \"\(text)\" is wrong at column \(column): \(problem); \(remedy)"
        case .badZone(let name, let reason):
            "the time zone \"\(name)\" cannot be used: \(reason); name one of /usr/share/zoneinfo, such as Europe/Berlin"
        case .badJob(let id, let reason, let remedy): "the job \"\(id)\" is refused: \(reason); \(remedy)"
        case .unknown(let what): "\(what) is not known; list the jobs to see what there is"
        case .stopped(let why): "the scheduler does not run: \(why); start it again"
        }
    }
}
