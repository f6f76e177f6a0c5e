/// Something about jobs that an operator may want to know; told once, right after it is durable.
package enum JobEvent: Hashable, Sendable {
    /// A run is over; anything but success deserves a look.
    case ended(JobID, run: Int64, RunOutcome)
    /// Moments passed without the job; `runs` of them are made up for.
    case missed(JobID, runs: Int)
    /// The job was due while it was still running, and its policy was followed.
    case overlapped(JobID, OverlapPolicy)
    /// Another process runs the job by hand; ours waits or is left out.
    case heldElsewhere(JobID)
    /// The wall clock was set by this many milliseconds; calendars have been worked out anew.
    case clockJumped(milliseconds: Int64)
    /// The time of day can be believed from now on: calendars begin.
    case timeTrusted
    /// The job cannot run until this is put right.
    case suspended(JobID, reason: String)
    /// The database refused; nothing new starts until it accepts again.
    case storeFailed(String)
}

/// A job as it stands.
package struct JobStatus: Hashable, Sendable {
    package let job: Job
    /// Milliseconds until it is due next, or until its run may start; nil when nothing is planned.
    package let dueIn: Int64?
    /// Runs that wait for the present one to end.
    package let pending: Int
    /// The run that has begun or waits for its resources.
    package let run: Int64?
    package let lastRun: Int64?
    package let lastOutcome: RunOutcome?
    /// Why it cannot run; nil when it can.
    package let suspended: String?
}

/// Who waits for whom.
package struct ResourceWait: Hashable, Sendable {
    package let job: JobID
    package let run: Int64
    /// The resources that are short, by name.
    package let tags: [String]
    /// The runs that hold them, in order.
    package let holders: [Int64]
}
