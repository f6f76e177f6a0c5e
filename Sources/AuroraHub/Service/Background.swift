import AuroraAudit
import AuroraSystem
import Synchronization

/// The hub's housekeeping on a thread of its own: checkpoints, verification, expiry, drop folders, counted refusals.
///
/// A task that fails is logged and tried again next time; it never ends the thread.
final class Background: Sendable {
    private let hub: Hub
    private let isStopping = Monitor(false)
    private let thread = Mutex<ServiceThread?>(nil)

    init(hub: Hub) { self.hub = hub }

    /// - Throws: ``HubStartError`` when the system gives no more threads.
    func start() throws {
        guard let started = ServiceThread(name: "background", run: { [self] in run() }) else {
            throw HubStartError("the system gives no more threads", remedy: "raise the limit of processes (ulimit -u)")
        }
        thread.withLock { $0 = started }
    }

    /// Ends after the running task.
    func stop() {
        isStopping.change(wakingAll: true) { $0 = true }
        thread.withLock { $0.take() }?.join()
    }

    private func run() {
        var round = 0
        while pause(.seconds(2)) {
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
    private func pause(_ time: Duration) -> Bool { isStopping.wait(timeout: time) { $0 ? true : nil } == nil }

    private func attempt(_ what: String, _ task: () throws -> Void) {
        do { try task() } catch { hub.log.error("could not \(what)", ["error": "\(error)"]) }
    }
}
