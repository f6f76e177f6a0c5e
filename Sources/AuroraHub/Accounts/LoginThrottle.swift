import Synchronization

/// Slows down guessing: per account and address, and per address, never per account alone.
///
/// Counting an account alone would let anybody lock its owner out. The first five failures of a pair cost nothing, each
/// further one doubles the wait up to 15 minutes; an address gets 100 failures in ten minutes over all accounts.
/// State lives in memory: a restart forgives.
final class LoginThrottle: Sendable {
    private struct Failures {
        var count = 0
        var last: Int64 = 0
        /// Milliseconds since 1970 before which no further try is looked at.
        var blockedUntil: Int64 = 0
    }

    private struct State {
        var pairs: [String: Failures] = [:]
        var addresses: [String: Failures] = [:]
    }

    private static let free = 5
    private static let longestWait: Int64 = 15 * 60 * 1000
    private static let addressWindow: Int64 = 10 * 60 * 1000
    private static let addressFailures = 100
    private static let capacity = 10_000
    private let state = Mutex(State())

    /// How many pairs and addresses are remembered.
    var count: (pairs: Int, addresses: Int) { state.withLock { ($0.pairs.count, $0.addresses.count) } }

    /// Seconds to wait before another try is looked at, or nil when it may go on.
    func wait(account: String, address: String, now: Int64) -> Int? {
        let address = SourceNetwork.name(of: address)
        return state.withLock { state in
            let until = max(
                state.pairs[Self.pair(account, address)]?.blockedUntil ?? 0,
                state.addresses[address]?.blockedUntil ?? 0)
            return until > now ? Int((until - now + 999) / 1000) : nil
        }
    }

    func failed(account: String, address: String, now: Int64) {
        let address = SourceNetwork.name(of: address)
        state.withLock { state in
            Self.makeRoom(&state.pairs, now: now)
            Self.makeRoom(&state.addresses, now: now)
            let key = Self.pair(account, address)
            var pair = state.pairs[key] ?? Failures()
            pair.count += 1
            pair.last = now
            if pair.count >= Self.free {
                let shift = Int64(min(pair.count - Self.free, 20))
                pair.blockedUntil = now + min(Self.longestWait, 1000 << shift)
            }
            state.pairs[key] = pair
            var whole = state.addresses[address] ?? Failures()
            if now - whole.last > Self.addressWindow { whole = Failures() }
            whole.count += 1
            whole.last = now
            if whole.count >= Self.addressFailures { whole.blockedUntil = now + Self.addressWindow }
            state.addresses[address] = whole
        }
    }

    func succeeded(account: String, address: String) {
        let address = SourceNetwork.name(of: address)
        state.withLock { state in _ = state.pairs.removeValue(forKey: Self.pair(account, address)) }
    }

    /// A length prefix, since both halves come from the client.
    private static func pair(_ account: String, _ address: String) -> String {
        "\(account.utf8.count):\(account)\(address)"
    }

    private static func makeRoom(_ table: inout [String: Failures], now: Int64) {
        guard table.count >= capacity else { return }
        table = table.filter { $0.value.blockedUntil > now || now - $0.value.last < longestWait }
        if table.count >= capacity, let oldest = table.min(by: { $0.value.last < $1.value.last }) {
            table[oldest.key] = nil
        }
    }
}
