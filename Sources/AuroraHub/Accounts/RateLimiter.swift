import Synchronization

/// A token bucket per key: so many requests a second, and a burst on top.
///
/// Safe from any thread; one short critical section per request. Forgets keys whose bucket is full again.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var last: Int64
    }

    private let perSecond: Double
    private let burst: Double
    private let buckets = Mutex<[String: Bucket]>([:])
    private static let capacity = 20_000

    init(perSecond: Int, burst: Int) {
        self.perSecond = Double(max(perSecond, 1))
        self.burst = Double(max(burst, 1))
    }

    /// Takes one request from `key`'s bucket.
    ///
    /// - Returns: nil when it may go on, else after how many seconds (at least 1) to try again.
    func take(_ key: String, now: Int64) -> Int? {
        buckets.withLock { buckets in
            var bucket = buckets[key] ?? Bucket(tokens: burst, last: now)
            let elapsed = Double(max(now - bucket.last, 0)) / 1000
            bucket.tokens = min(burst, bucket.tokens + elapsed * perSecond)
            bucket.last = now
            defer { buckets[key] = bucket }
            if bucket.tokens >= 1 {
                bucket.tokens -= 1
                return nil
            }
            if buckets.count > Self.capacity { forgetFull(&buckets, now: now) }
            return max(1, Int(((1 - bucket.tokens) / perSecond).rounded(.up)))
        }
    }

    private func forgetFull(_ buckets: inout [String: Bucket], now: Int64) {
        buckets = buckets.filter { entry in
            entry.value.tokens + Double(max(now - entry.value.last, 0)) / 1000 * perSecond < burst
        }
    }
}
