import Synchronization

/// A token bucket per key: so many requests a second, and a burst on top.
///
/// Safe from any thread; one short critical section per request. Forgets keys whose bucket is full again, and beyond its
/// capacity counts new keys together: memory stays bounded, and a flood of keys does not lift the limit.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var last: Int64
    }

    private let perSecond: Double
    private let burst: Double
    private struct State {
        var buckets: [String: Bucket] = [:]
        /// When full buckets were last looked for; at most once a second, since it looks at all of them.
        var pruned: Int64 = 0
    }

    private let state = Mutex(State())
    private static let capacity = 20_000
    /// Keys beyond the capacity are counted together under this name.
    private static let others = "others"

    init(perSecond: Int, burst: Int) {
        self.perSecond = Double(max(perSecond, 1))
        self.burst = Double(max(burst, 1))
    }

    /// How many keys are remembered.
    var count: Int { state.withLock { $0.buckets.count } }

    /// Takes one request from `key`'s bucket.
    ///
    /// - Returns: nil when it may go on, else after how many seconds (at least 1) to try again.
    func take(_ key: String, now: Int64) -> Int? {
        state.withLock { state in
            let key = place(of: key, in: &state, now: now)
            var bucket = state.buckets[key] ?? Bucket(tokens: burst, last: now)
            let elapsed = Double(max(now - bucket.last, 0)) / 1000
            bucket.tokens = min(burst, bucket.tokens + elapsed * perSecond)
            bucket.last = now
            defer { state.buckets[key] = bucket }
            if bucket.tokens >= 1 {
                bucket.tokens -= 1
                return nil
            }
            return max(1, Int(((1 - bucket.tokens) / perSecond).rounded(.up)))
        }
    }

    /// The key itself while there is room for it, else the one that all others share.
    private func place(of key: String, in state: inout State, now: Int64) -> String {
        guard state.buckets[key] == nil, state.buckets.count >= Self.capacity else { return key }
        if abs(now - state.pruned) >= 1000 {
            state.pruned = now
            forgetFull(&state.buckets, now: now)
        }
        return state.buckets.count < Self.capacity ? key : Self.others
    }

    private func forgetFull(_ buckets: inout [String: Bucket], now: Int64) {
        buckets = buckets.filter { entry in
            entry.value.tokens + Double(max(now - entry.value.last, 0)) / 1000 * perSecond < burst
        }
    }
}
