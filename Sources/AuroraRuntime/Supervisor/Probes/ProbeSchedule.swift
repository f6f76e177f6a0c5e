/// Which probe of a service is to be put next: the startup probe alone until it has passed, the others from then on.
struct ProbeSchedule {
    private let probes: [ProbeRole: Probe]
    private var counters: [ProbeRole: ProbeCounter]
    private var due: [ProbeRole: ContinuousClock.Instant] = [:]

    init(_ probes: [ProbeRole: Probe], at now: ContinuousClock.Instant) {
        self.probes = probes
        counters = probes.mapValues(ProbeCounter.init)
        if probes[.startup] != nil { due = [.startup: now] } else { beginOthers(now) }
    }

    private mutating func beginOthers(_ now: ContinuousClock.Instant) {
        for (role, probe) in probes where role != .startup { due[role] = now + probe.period }
    }

    /// When the next one is to be put; nil when there is none.
    var next: ContinuousClock.Instant? { due.values.min() }

    /// The probe that is late the longest, if any is.
    func due(at now: ContinuousClock.Instant) -> (ProbeRole, Probe)? {
        guard let first = due.min(by: { $0.value < $1.value }), first.value <= now, let probe = probes[first.key] else {
            return nil
        }
        return (first.key, probe)
    }

    /// Takes in an answer that came at `now`.
    ///
    /// - Returns: the verdict, when enough answers agree.
    mutating func count(_ role: ProbeRole, _ passed: Bool, at now: ContinuousClock.Instant) -> Bool? {
        due[role] = probes[role].map { now + $0.period }
        let verdict = counters[role]?.count(passed)
        if role == .startup, verdict == true {
            due[.startup] = nil
            beginOthers(now)
        }
        return verdict ?? nil
    }
}
