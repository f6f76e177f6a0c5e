import AuroraRuntime

/// What went wrong in a history.
struct Violation: Error, CustomStringConvertible {
    let description: String
}

/// Watches a machine from outside and says which promise it broke; knows the rules, not the machine's code.
struct HistoryChecker {
    private let settings: ServiceSettings
    private var state = ServiceState.staged
    private var attempt = 0
    private var isOpen = false
    private var isEndAsked = false
    private var isWanted = false
    /// What the present room has shown.
    private var startedAt: Duration?
    private var isNotified = false
    private var isStartupPassed = false
    private var isGone = false
    private var isDone = false
    private var lastPing: Duration?
    /// Failures that count, by the rules.
    private var failures = 0
    private var recent: [Duration] = []
    private var isSpent = false
    private var isHopeless = false
    private var readySince: Duration = .zero
    private var retryAt: Duration?

    init(_ settings: ServiceSettings) { self.settings = settings }

    mutating func observe(
        _ input: ServiceMachine.Input, _ actions: [ServiceMachine.Action], at now: Duration
    ) throws(Violation) {
        note(input, now)
        for action in actions {
            switch action {
            case .begin(let number): try begin(number)
            case .end(let number, _): try end(number)
            case .changed(let change): try move(change, now)
            case .keepCrash: break
            }
        }
    }

    /// The delay is over and nothing is in the way: the service must be on its way.
    func mustHaveBegun(at now: Duration) throws(Violation) {
        if let retryAt, now >= retryAt, !isOpen, state == .backoff || state == .quarantined {
            throw Violation(description: "still \(state.rawValue) after its delay")
        }
    }

    private mutating func note(_ input: ServiceMachine.Input, _ now: Duration) {
        switch input {
        case .startAsked:
            isWanted = true
            isHopeless = false
            if ![.starting, .ready, .degraded].contains(state) { forget() }
        case .stopAsked: isWanted = false
        case .report(let number, let report):
            if number == attempt, isOpen { note(report, now) }
        case .clock: break
        }
    }

    private mutating func note(_ report: ServiceMachine.Report, _ now: Duration) {
        switch report {
        case .started(.exited(0)): startedAt = startedAt ?? now
        case .ready: isNotified = true
        case .probed(.startup, let passed, _): isStartupPassed = passed
        case .gone(let exit):
            isGone = isGone || exit != .exited(0)
            isDone = isDone || exit == .exited(0)
        case .ping: lastPing = now
        case .ended:
            isOpen = false
            isEndAsked = false
        default: break
        }
    }

    private mutating func forget() {
        failures = 0
        recent = []
        isSpent = false
    }

    private mutating func begin(_ number: Int) throws(Violation) {
        if isOpen { throw Violation(description: "a second room was opened") }
        if number != attempt + 1 { throw Violation(description: "attempt \(number) after \(attempt)") }
        if !isWanted { throw Violation(description: "started although nobody wants it") }
        if isHopeless { throw Violation(description: "started again after status 78") }
        attempt = number
        isOpen = true
        (startedAt, isNotified, isStartupPassed, isGone, isDone, lastPing) = (nil, false, false, false, false, nil)
    }

    private mutating func end(_ number: Int) throws(Violation) {
        if !isOpen || number != attempt { throw Violation(description: "ended a room that is not open") }
        if isEndAsked { throw Violation(description: "ended one room twice") }
        isEndAsked = true
    }

    private mutating func move(_ change: ServiceTransition, _ now: Duration) throws(Violation) {
        if change.from != state { throw Violation(description: "left \(change.from), but was \(state)") }
        let before = state
        state = change.to
        switch change.to {
        case .ready:
            try checkReady(now, from: before)
            if before != .ready { readySince = now }
        case .backoff, .quarantined: try checkFailure(change, before, now)
        case .starting:
            if change.cause == .retry, let retryAt, now < retryAt { throw Violation(description: "retried too early") }
            retryAt = nil
        case .stopped, .stopping:
            retryAt = nil
        case .degraded:
            if before == .ready, now >= readySince + settings.restart.resetAfter { forget() }
        case .staged: throw Violation(description: "STAGED again")
        }
    }

    private func checkReady(_ now: Duration, from before: ServiceState) throws(Violation) {
        guard let startedAt else { throw Violation(description: "READY before the start command ended well") }
        if isGone { throw Violation(description: "READY with nothing alive") }
        // What the start has shown once need not be shown again.
        guard before == .starting else { return }
        if settings.readiness == .notify, !isNotified { throw Violation(description: "READY without its message") }
        if settings.hasStartupProbe, !isStartupPassed { throw Violation(description: "READY against its probe") }
        if !isDone, now < startedAt + settings.settleTime {
            throw Violation(description: "READY before it settled")
        }
    }

    private mutating func checkFailure(
        _ change: ServiceTransition, _ before: ServiceState, _ now: Duration
    ) throws(Violation) {
        if before == .ready, now >= readySince + settings.restart.resetAfter { forget() }
        failures += 1
        isHopeless = change.cause == .startExited(78) || change.cause == .exited(78)
        let isTemporary = change.cause == .startExited(75) || change.cause == .exited(75)
        if !isSpent {
            recent.removeAll { $0 <= now - settings.restart.window }
            if !isTemporary { recent.append(now) }
            isSpent = recent.count >= settings.restart.budget
        }
        let expected: ServiceState = isSpent || isHopeless ? .quarantined : .backoff
        if change.to != expected { throw Violation(description: "\(change.to), but \(recent.count) failures count") }
        retryAt = change.retryIn.map { now + $0 }
        guard change.to == .backoff else { return }
        var bound = settings.restart.base
        for _ in 1..<failures { bound = min(bound * 2, settings.restart.cap) }
        guard let delay = change.retryIn, delay >= .zero, delay <= min(bound, settings.restart.cap) else {
            throw Violation(description: "a delay above \(bound) after \(failures) failures")
        }
    }
}
