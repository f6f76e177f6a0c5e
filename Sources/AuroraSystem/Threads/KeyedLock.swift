/// One lock for each key: work on one thing waits for work on the same thing only.
///
/// Safe from any thread; not re-entrant.
package final class KeyedLock<Key: Hashable & Sendable>: Sendable {
    private let held = Monitor<Set<Key>>([])

    /// Makes one with nothing held.
    package init() {}

    /// Runs `body` while no other thread runs one for `key`.
    package func withLock<T>(_ key: Key, _ body: () throws -> T) rethrows -> T {
        _ = held.wait { $0.insert(key).inserted ? true : nil }
        defer { held.change(wakingAll: true) { _ = $0.remove(key) } }
        return try body()
    }
}
