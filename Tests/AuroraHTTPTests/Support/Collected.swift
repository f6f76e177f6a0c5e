import AuroraSystem
import Synchronization

@testable import AuroraHTTP

/// Values that arrive on other threads.
final class Collected<Value: Sendable>: Sendable {
    private let values = Monitor<[Value]>([])

    /// Adds a value.
    func add(_ value: Value) {
        values.change(wakingAll: true) { $0.append(value) }
    }

    /// Everything that arrived so far.
    var all: [Value] { values.withLock { $0 } }

    /// Waits until so many arrived; two minutes at most.
    func waitFor(_ count: Int) -> Bool {
        values.wait(timeout: .seconds(120)) { $0.count >= count ? true : nil } ?? false
    }

    /// Waits until a value of this kind arrived; `nil` after two minutes.
    func first(where isWanted: @escaping (Value) -> Bool) -> Value? {
        values.wait(timeout: .seconds(120)) { $0.first(where: isWanted) }
    }
}

/// Lets one thread wait for another.
final class Gate: Sendable {
    private let isOpen = Monitor(false)

    /// Lets everyone through.
    func open() {
        isOpen.change(wakingAll: true) { $0 = true }
    }

    /// Waits for ``open()``, two minutes at most.
    @discardableResult
    func wait() -> Bool {
        isOpen.wait(timeout: .seconds(120)) { $0 ? true : nil } ?? false
    }
}
