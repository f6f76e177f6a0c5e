/// The life of one service as a pure state machine: what happened goes in, what is to be done comes out.
///
/// It does no work, reads no clock and waits for nothing. Whoever drives it hands over every report of the room it was
/// told to open, tells it the time when ``deadline`` has come, and carries out the actions in their order.
package struct ServiceMachine: Sendable {
    package private(set) var state = ServiceState.staged
    /// Which start this is, counted from 1; 0 before the first.
    package private(set) var attempt = 0
    /// Whether a room is open, also one that is being closed.
    package private(set) var isOpen = false
    /// When it came into its state.
    package private(set) var since: Duration = .zero
    /// Why it came into its state.
    package private(set) var cause = ServiceCause.supervisor
    /// When it is started again by itself.
    package private(set) var retryAt: Duration?
    /// Whether nothing of it runs, and nothing needs to: its processes ended with status 0, or its start left none.
    package var isDone: Bool { isOpen && room.isDone }

    private var settings: ServiceSettings
    /// What holds from the next attempt on.
    private var nextSettings: ServiceSettings
    private var backoff: Backoff
    private var room = OpenAttempt()
    /// To be started as soon as the present room is closed, for that reason.
    private var startAfterEnd: ServiceCause?
    private var actions: [Action] = []

    /// A service that was never started.
    ///
    /// - Parameter seed: of the random part of its delays.
    package init(settings: ServiceSettings, seed: UInt64) {
        self.settings = settings
        nextSettings = settings
        backoff = Backoff(seed: seed)
    }

    /// Keeps it by these settings from its next start on.
    package mutating func adopt(_ settings: ServiceSettings) { nextSettings = settings }

    /// Failures in a row, since it last worked for long enough or was started by an operator.
    package var failures: Int { backoff.failures }

    /// Takes in what happened at `now`, which never goes back.
    ///
    /// - Returns: what is to be done, in this order.
    package mutating func handle(_ input: Input, at now: Duration) -> [Action] {
        actions = []
        forgetFailures(now)
        switch input {
        case .startAsked(let cause): start(cause, now)
        case .stopAsked(let cause): stop(cause, now)
        case .report(let number, let report):
            if number == attempt, isOpen { take(report, now) }
        case .clock: break
        }
        passTime(now)
        return actions
    }

    // MARK: What people ask

    private mutating func start(_ cause: ServiceCause, _ now: Duration) {
        switch state {
        case .starting, .ready, .degraded: return
        case .stopping: startAfterEnd = cause
        case .staged, .stopped, .backoff, .quarantined:
            if cause != .retry { backoff.reset() }
            begin(cause, now)
        }
    }

    private mutating func stop(_ cause: ServiceCause, _ now: Duration) {
        startAfterEnd = nil
        switch state {
        case .stopping, .stopped: return
        case .staged, .quarantined, .backoff:
            // A failed attempt may still be closing its room; then STOPPED comes with its end.
            move(to: isOpen ? .stopping : .stopped, cause, now)
        case .starting, .ready, .degraded:
            move(to: .stopping, cause, now)
            end(orderly: true)
        }
    }

    // MARK: What rooms report

    private mutating func take(_ report: Report, _ now: Duration) {
        if case .ended(let survivors) = report { return ended(survivors, now) }
        guard !room.isEnding else { return }
        switch report {
        case .refused(let detail): fail(.refused(detail), now)
        case .started(let result): started(result, now)
        case .gone(let exit): gone(exit, now)
        case .ready: room.isNotified = true
        case .ping: room.lastPing = now
        case .probed(let role, let passed, let detail): probed(role, passed, detail, now)
        case .ended: break
        }
    }

    private mutating func started(_ result: ConfinedResult.Cause, _ now: Duration) {
        switch result {
        case .exited(0): room.startedAt = now
        case .exited(let status): fail(.startExited(status), now)
        case .signalled(let signal): fail(.signalled(signal), now)
        case .outOfMemory: fail(.outOfMemory, now)
        case .timedOut, .stopped: fail(.startTimedOut, now)
        }
    }

    private mutating func gone(_ exit: ServiceExit, _ now: Duration) {
        if exit == .exited(0), settings.restart.mode != .always {
            room.isDone = true
            if state == .ready { move(to: .ready, .done, now) }
            return
        }
        let speaksForItself = exit == .outOfMemory || exit == .exited(ServiceExit.misconfigured)
        fail(state == .starting && !speaksForItself ? .diedAtOnce("\(exit.cause)") : exit.cause, now)
    }

    private mutating func probed(_ role: ProbeRole, _ passed: Bool, _ detail: String, _ now: Duration) {
        if role == .startup { room.startupPassed = passed }
        room.lastDetail = detail
        switch (role, passed, state) {
        case (.ready, false, .ready): move(to: .degraded, .probe(detail), now)
        case (.ready, true, .degraded): becomeReady(.recovered, now)
        case (.live, false, .ready), (.live, false, .degraded): fail(.probe(detail), now)
        default: break
        }
    }

    private mutating func ended(_ survivors: Int, _ now: Duration) {
        isOpen = false
        guard state == .stopping else { return }
        if let cause = startAfterEnd {
            startAfterEnd = nil
            backoff.reset()
            move(to: .stopped, .ended(survivors: survivors), now)
            begin(cause, now)
        } else {
            move(to: .stopped, .ended(survivors: survivors), now)
        }
    }

    // MARK: What time brings

    /// The next moment at which something happens by itself; nil when only an input can change anything.
    package var deadline: Duration? {
        switch state {
        case .starting: room.deadline(settings)
        case .ready:
            [room.watchdogDeadline(settings), failures > 0 ? room.readySince + settings.restart.resetAfter : nil]
                .compactMap { $0 }.min()
        case .degraded: room.watchdogDeadline(settings)
        case .backoff, .quarantined: isOpen ? nil : retryAt
        case .staged, .stopping, .stopped: nil
        }
    }

    private mutating func passTime(_ now: Duration) {
        switch state {
        case .starting: if !room.isEnding { judgeStart(now) }
        case .ready, .degraded: judgeWatchdog(now)
        case .backoff, .quarantined:
            if !isOpen, let retryAt, now >= retryAt { begin(.retry, now) }
        case .staged, .stopping, .stopped: break
        }
    }

    /// Comes before anything that happens at the same moment: it has worked until now.
    private mutating func forgetFailures(_ now: Duration) {
        if state == .ready, now >= room.readySince + settings.restart.resetAfter { backoff.reset() }
    }

    private mutating func judgeStart(_ now: Duration) {
        guard let startedAt = room.startedAt else { return }
        if room.isReady(settings, at: now) { return becomeReady(room.isDone ? .done : .shownReady, now) }
        if now >= startedAt + settings.readyTimeout { fail(.notReady(room.lastDetail), now) }
    }

    private mutating func judgeWatchdog(_ now: Duration) {
        if let due = room.watchdogDeadline(settings), now >= due { fail(.watchdog, now) }
    }

    // MARK: Changing

    private mutating func begin(_ cause: ServiceCause, _ now: Duration) {
        retryAt = nil
        guard !isOpen else {
            // The room of the last attempt is still closing: begin when it reports its end.
            startAfterEnd = cause
            return move(to: .stopping, cause, now)
        }
        attempt += 1
        settings = nextSettings
        room = OpenAttempt()
        isOpen = true
        move(to: .starting, cause, now)
        actions.append(.begin(attempt: attempt))
    }

    private mutating func becomeReady(_ cause: ServiceCause, _ now: Duration) {
        room.readySince = now
        if room.lastPing == nil { room.lastPing = now }
        move(to: .ready, cause, now)
    }

    private mutating func end(orderly: Bool) {
        room.isEnding = true
        actions.append(.end(attempt: attempt, orderly: orderly))
    }

    private mutating func fail(_ cause: ServiceCause, _ now: Duration) {
        let delay = backoff.fail(at: now, isTemporary: cause.isTemporary, policy: settings.restart)
        let isFinal = cause.isHopeless || settings.restart.mode == .never
        let pause = isFinal ? nil : delay ?? settings.restart.quarantineRetry
        retryAt = pause.map { now + $0 }
        move(to: isFinal || delay == nil ? .quarantined : .backoff, cause, now, retryIn: pause)
        actions.append(.keepCrash(attempt: attempt, cause))
        end(orderly: false)
    }

    private mutating func move(
        to next: ServiceState, _ cause: ServiceCause, _ now: Duration, retryIn: Duration? = nil
    ) {
        let change = ServiceTransition(
            from: state, to: next, cause: cause, attempt: attempt, at: now, retryIn: retryIn)
        if next != .backoff && next != .quarantined { retryAt = nil }
        state = next
        since = now
        self.cause = cause
        actions.append(.changed(change))
    }
}
