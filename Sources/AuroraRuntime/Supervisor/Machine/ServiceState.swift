/// Where a supervised service stands.
package enum ServiceState: String, CaseIterable, Hashable, Sendable, Codable {
    /// Known, and not asked to run since the supervisor began.
    case staged = "STAGED"
    /// Its start command runs, or it runs and has not shown yet that it works.
    case starting = "STARTING"
    /// It runs and works.
    case ready = "READY"
    /// It runs and its probe says that it does not work.
    case degraded = "DEGRADED"
    /// It failed; it is started again when a delay is over.
    case backoff = "BACKOFF"
    /// It was asked to stop and has not ended yet.
    case stopping = "STOPPING"
    /// It does not run, because somebody said so or because it is done.
    case stopped = "STOPPED"
    /// It failed too often, or in a way that a restart cannot mend.
    case quarantined = "QUARANTINED"

    /// Whether processes of it may be there.
    package var isRunning: Bool { self == .starting || self == .ready || self == .degraded || self == .stopping }
}

/// One change of a service's state, with what caused it: what status, the log and the audit of a device are made from.
package struct ServiceTransition: Hashable, Sendable {
    /// The state before.
    package let from: ServiceState
    /// The state after.
    package let to: ServiceState
    /// Why.
    package let cause: ServiceCause
    /// Which start of the service it belongs to, counted from 1; 0 before the first.
    package let attempt: Int
    /// When, on the supervisor's monotonic clock.
    package let at: Duration
    /// How long until the next start; only on the way to BACKOFF and QUARANTINED.
    package let retryIn: Duration?
}
