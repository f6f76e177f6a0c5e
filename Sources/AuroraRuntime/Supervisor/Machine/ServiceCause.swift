import AuroraSystem

/// Why a service changed its state.
package enum ServiceCause: Hashable, Sendable {
    /// A person, or a program in a person's name, asked.
    case operatorAsked
    /// The supervisor starts or stops what it was given: at its own start and end.
    case supervisor
    /// A change of the active set starts or stops it.
    case change
    /// The delay after a failure is over.
    case retry
    /// What it must show to be ready has been shown.
    case shownReady
    /// Nothing of it runs and nothing needs to: its work is done.
    case done
    /// A probe says that it works again.
    case recovered
    /// Its last process ended with this exit status.
    case exited(Int32)
    /// It was ended by this signal, which the supervisor did not send.
    case signalled(Int32)
    /// Memory ran out in its room.
    case outOfMemory
    /// Nothing of it runs any more, and how its last process ended is not known.
    case vanished
    /// Its start command reported success, and what it had started failed before it was ready; how.
    case diedAtOnce(String)
    /// Its start command ended with this status.
    case startExited(Int32)
    /// Its start command did not end in time.
    case startTimedOut
    /// It was not ready in time; what the last probe said.
    case notReady(String)
    /// A probe failed as often as it may; what it said.
    case probe(String)
    /// Two pings of its watchdog did not come.
    case watchdog
    /// Its room could not be opened, or must not stay open; why, and what to do.
    case refused(String)
    /// It ended after it was asked to; how many processes had to be left behind, which is 0 as a rule.
    case ended(survivors: Int)

    /// A stable word for programs.
    package var code: String {
        switch self {
        case .operatorAsked: "operator"
        case .supervisor: "supervisor"
        case .change: "change"
        case .retry: "retry"
        case .shownReady: "ready"
        case .done: "done"
        case .recovered: "recovered"
        case .exited: "exited"
        case .signalled: "signalled"
        case .outOfMemory: "out_of_memory"
        case .vanished: "vanished"
        case .diedAtOnce: "died_at_once"
        case .startExited: "start_exited"
        case .startTimedOut: "start_timed_out"
        case .notReady: "not_ready"
        case .probe: "probe"
        case .watchdog: "watchdog"
        case .refused: "refused"
        case .ended: "ended"
        }
    }
}

extension ServiceCause: CustomStringConvertible {
    /// The cause in words.
    package var description: String {
        switch self {
        case .operatorAsked: "asked by an operator"
        case .supervisor: "by the supervisor"
        case .change: "the active set changes"
        case .retry: "started again"
        case .shownReady: "ready"
        case .done: "done: nothing of it needs to run"
        case .recovered: "works again"
        case .exited(let status): "ended with exit status \(status)"
        case .signalled(let signal): "ended by signal \(signal)"
        case .outOfMemory: "out of memory"
        case .vanished: "none of its processes runs any more"
        case .diedAtOnce(let how): "the start command reported success, but what it started died at once: \(how)"
        case .startExited(let status): "the start command ended with exit status \(status)"
        case .startTimedOut: "the start command did not end in time"
        case .notReady(let detail): "not ready in time\(detail.isEmpty ? "" : ": \(detail)")"
        case .probe(let detail): "probe failed\(detail.isEmpty ? "" : ": \(detail)")"
        case .watchdog: "two watchdog pings were missed"
        case .refused(let detail): detail
        case .ended(let survivors): survivors == 0 ? "ended" : "ended, \(survivors) processes could not be killed"
        }
    }
}

/// How the last process of a service ended.
package enum ServiceExit: Hashable, Sendable {
    /// With this exit status.
    case exited(Int32)
    /// By this signal.
    case signalled(Int32)
    /// The kernel killed it because memory ran out.
    case outOfMemory
    /// Nobody saw.
    case unknown

    /// The same as what a state is caused by.
    package var cause: ServiceCause {
        switch self {
        case .exited(let status): .exited(status)
        case .signalled(let signal): .signalled(signal)
        case .outOfMemory: .outOfMemory
        case .unknown: .vanished
        }
    }

    /// What the end of a process means for its service; nil for ends that somebody brought about.
    init?(_ outcome: ProcessOutcome) {
        switch outcome {
        case .exited(let status): self = .exited(status)
        case .signalled(let signal): self = .signalled(signal)
        case .timedOut, .stopped: return nil
        }
    }

    /// Exit status 78 (`EX_CONFIG` of sysexits.h): its configuration is wrong, and no restart mends that.
    static let misconfigured: Int32 = 78
    /// Exit status 75 (`EX_TEMPFAIL`): what it needs is not there yet; tried again without end.
    static let temporary: Int32 = 75
}

extension ServiceCause {
    /// Whether no restart can mend it.
    var isHopeless: Bool {
        switch self {
        case .exited(ServiceExit.misconfigured), .startExited(ServiceExit.misconfigured): true
        default: false
        }
    }

    /// Whether it says by itself that it will pass.
    var isTemporary: Bool {
        switch self {
        case .exited(ServiceExit.temporary), .startExited(ServiceExit.temporary): true
        default: false
        }
    }
}
