import AuroraAudit
import AuroraSystem
import Foundation

/// The hub's housekeeping on a thread of its own: checkpoints, verification, expiry, drop folders, counted refusals.
///
/// A task that fails is logged and tried again next time; it never ends the thread.
///
/// Unchecked Sendable: `isStopping` is touched only under `gate`.
final class Background: @unchecked Sendable {
    private let hub: Hub
    private let gate = NSCondition()
    private var isStopping = false
    private var thread: Thread?

    init(hub: Hub) { self.hub = hub }

    func start() {
        let thread = Thread { [self] in run() }
        thread.name = "aurora-background"
        self.thread = thread
        thread.start()
    }

    /// Ends after the running task.
    func stop() {
        gate.lock()
        isStopping = true
        gate.broadcast()
        while thread?.isFinished == false { _ = gate.wait(until: Date(timeIntervalSinceNow: 0.05)) }
        gate.unlock()
    }

    private func run() {
        var round = 0
        while pause(seconds: 2) {
            attempt("publish a checkpoint") { try hub.publishIfGrown() }
            attempt("scan the queues") { try hub.dropFolders.scan() }
            if round.isMultiple(of: 5) { attempt("count refusals") { try hub.audit.flushRefusals() } }
            if round.isMultiple(of: 15) { attempt("expire") { try hub.expire() } }
            // Rows and tiles completely, every five minutes: about a second for 200,000 entries.
            if round.isMultiple(of: 150) { attempt("verify the log") { try hub.audit.verifyNow() } }
            round += 1
        }
    }

    /// False when it is time to stop.
    private func pause(seconds: Double) -> Bool {
        gate.lock()
        defer { gate.unlock() }
        let end = Date(timeIntervalSinceNow: seconds)
        while !isStopping, gate.wait(until: end) {}
        return !isStopping
    }

    private func attempt(_ what: String, _ task: () throws -> Void) {
        do { try task() } catch { hub.log.error("could not \(what)", ["error": "\(error)"]) }
    }
}
