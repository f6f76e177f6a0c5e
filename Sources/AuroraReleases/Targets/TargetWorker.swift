import Dispatch

/// The one thread a target's changes run on, in order.
///
/// Status is read from any thread; whatever moves the target goes through here.
final class TargetWorker: Sendable {
    private let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: "aurora.target." + label)
    }

    /// Runs `work` after everything that was given before; returns at once.
    func enqueue(_ work: @escaping @Sendable () -> Void) {
        queue.async(execute: work)
    }

    /// Waits until everything given before has run.
    func drain() {
        queue.sync {}
    }
}
