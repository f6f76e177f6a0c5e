/// The failures of one service that still count, and the delays that follow from them.
struct Backoff: Hashable, Sendable {
    private var generator: SeededGenerator
    /// Failures since the last reset; the exponent of the next delay.
    private(set) var failures = 0
    /// Those within ``RestartPolicy/window`` that count against the budget, oldest first; never more than the budget.
    private var recent: [Duration] = []
    /// The budget was spent; until a reset every failure leads back to quarantine.
    private var isSpent = false

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// Forgets every failure.
    mutating func reset() {
        failures = 0
        recent = []
        isSpent = false
    }

    /// Counts a failure.
    ///
    /// - Parameter isTemporary: it delays the next start, and is not held against the service.
    /// - Returns: how long to wait, or nil when the budget is spent.
    mutating func fail(at now: Duration, isTemporary: Bool, policy: RestartPolicy) -> Duration? {
        failures += 1
        if isSpent { return nil }
        recent.removeAll { $0 <= now - policy.window }
        if !isTemporary { recent.append(now) }
        isSpent = recent.count >= max(1, policy.budget)
        return isSpent ? nil : bound(policy) * generator.unit()
    }

    /// The longest that the delay after the last failure may be.
    private func bound(_ policy: RestartPolicy) -> Duration {
        var bound = policy.base
        for _ in 1..<max(1, failures) where bound < policy.cap { bound *= 2 }
        return min(bound, policy.cap)
    }
}

/// A repeatable source of randomness (SplitMix64, Steele, Lea and Flood 2014).
struct SeededGenerator: RandomNumberGenerator, Hashable, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// From 0 to 1.
    mutating func unit() -> Double { Double(next() >> 11) / Double(1 << 53) }
}
