/// How one service is kept running.
package struct ServiceSettings: Hashable, Sendable {
    /// How a service shows that it is ready, beside a start command that ended well.
    package enum Readiness: Hashable, Sendable {
        /// By running, and passing its startup probe where it has one.
        case none
        /// By sending `READY=1` to `$NOTIFY_SOCKET` (sd_notify(3)).
        case notify
    }

    package var readiness = Readiness.none
    /// Whether a startup probe must pass before it is ready.
    package var hasStartupProbe = false
    /// Longest run time of the start command.
    package var startTimeout: Duration = .seconds(60)
    /// From the end of the start command until it must be ready.
    package var readyTimeout: Duration = .seconds(60)
    /// How long what the start command left must stay alive before it counts as started.
    package var settleTime: Duration = .milliseconds(200)
    /// Longest run time of the stop command.
    package var stopTimeout: Duration = .seconds(30)
    /// Time between SIGTERM and the kill of the room.
    package var killGrace: Duration = .seconds(5)
    /// The service pings (`WATCHDOG=1`) at least this often once it is ready; nil for no watchdog.
    package var watchdog: Duration?
    package var restart = RestartPolicy()

    /// The settings of a service that says nothing about itself.
    package init() {}
}

/// When a failed service is started again.
///
/// Every delay is a uniformly random part of its bound (full jitter), so that a fleet does not start in step.
package struct RestartPolicy: Hashable, Sendable {
    /// After which end a service is started again.
    package enum Mode: Hashable, Sendable {
        /// After every one that nobody asked for.
        case always
        /// After every one but exit status 0 of a service that was ready: that one is done.
        case onFailure
        /// After none; a failure leads to quarantine until an operator starts it.
        case never
    }

    package var mode = Mode.onFailure
    /// Bound of the first delay; each further failure doubles it.
    package var base: Duration = .seconds(1)
    /// The bound never grows beyond this.
    package var cap: Duration = .seconds(60)
    /// Ready without a break for this long: the next failure counts as the first again.
    package var resetAfter: Duration = .seconds(600)
    /// This many failures within ``window`` put it in quarantine.
    package var budget = 10
    package var window: Duration = .seconds(3600)
    /// In quarantine it is tried again after this long; nil leaves it there until an operator starts it.
    package var quarantineRetry: Duration? = .seconds(1800)

    /// The usual policy.
    package init() {}
}
