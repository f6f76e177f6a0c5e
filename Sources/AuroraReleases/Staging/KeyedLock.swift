import Foundation

/// One lock for each key: work on one artifact waits for work on the same artifact only.
final class KeyedLock<Key: Hashable & Sendable>: @unchecked Sendable {
    // `held` is touched only while `condition` is locked.
    private let condition = NSCondition()
    private var held: Set<Key> = []

    /// Runs `body` while no other thread runs one for `key`.
    ///
    /// Not re-entrant.
    func withLock<T>(_ key: Key, _ body: () throws -> T) rethrows -> T {
        condition.lock()
        while held.contains(key) { condition.wait() }
        held.insert(key)
        condition.unlock()
        defer {
            condition.lock()
            held.remove(key)
            condition.broadcast()
            condition.unlock()
        }
        return try body()
    }
}
