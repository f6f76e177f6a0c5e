import AuroraSystem
import Synchronization

/// Threads that run handlers and sinks, which may block.
final class WorkerPool: Sendable {
    private struct Queue {
        var jobs: [(@Sendable () -> Void)?] = []
        var first = 0
        var isStopped = false

        /// Takes the oldest job; `.some(nil)` says there will be no more.
        mutating func take() -> (@Sendable () -> Void)?? {
            guard first < jobs.count else { return isStopped ? .some(nil) : nil }
            let job = jobs[first]
            jobs[first] = nil
            first += 1
            if first == jobs.count || first > 1024 {
                jobs.removeFirst(first)
                first = 0
            }
            return .some(job)
        }
    }

    private let queue = Monitor(Queue())
    private let threads = Mutex<[ServiceThread]>([])

    /// Starts `count` threads; fewer when the system gives no more, but at least one or `nil`.
    init?(count: Int) {
        let queue = queue
        let started = (0..<max(1, count)).compactMap { _ in
            ServiceThread(name: "http-worker") {
                while let next = queue.wait({ $0.take() }), let job = next {
                    job()
                }
            }
        }
        guard !started.isEmpty else { return nil }
        threads.withLock { $0 = started }
    }

    /// Runs `job` on a worker; jobs start in order.
    func submit(_ job: @escaping @Sendable () -> Void) {
        queue.change { $0.jobs.append(job) }
    }

    /// Lets queued jobs finish and ends the threads.
    func stop() {
        queue.change(wakingAll: true) { $0.isStopped = true }
        let ending = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in ending {
            thread.join()
        }
    }
}
