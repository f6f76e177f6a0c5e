import CShims
import Glibc

/// A value behind a lock, with waiting for it to change (pthread mutex and condition, monotonic clock).
///
/// `Mutex` of the standard library cannot be waited on.
package final class Monitor<Value>: @unchecked Sendable {
    // All three are touched only with `mutex` held, but for their set-up in `init` and release in `deinit`.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var value: Value

    /// Guards `value`.
    package init(_ value: Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Reads or changes the value without waking anyone.
    package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value)
    }

    /// Changes the value and wakes one waiter, or all of them.
    package func change(wakingAll: Bool = false, _ body: (inout Value) -> Void) {
        pthread_mutex_lock(mutex)
        body(&value)
        pthread_mutex_unlock(mutex)
        _ = wakingAll ? pthread_cond_broadcast(condition) : pthread_cond_signal(condition)
    }

    /// Waits until `take` gives something, or for `timeout`; gives `nil` then.
    package func wait<Result>(timeout: Duration? = nil, _ take: (inout Value) -> Result?) -> Result? {
        var deadline = timespec()
        if let timeout {
            clock_gettime(CLOCK_MONOTONIC, &deadline)
            let nanoseconds = deadline.tv_nsec + Int(timeout.components.attoseconds / 1_000_000_000)
            deadline.tv_sec += Int(timeout.components.seconds) + nanoseconds / 1_000_000_000
            deadline.tv_nsec = nanoseconds % 1_000_000_000
        }
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = take(&value) { return result }
            if timeout == nil {
                pthread_cond_wait(condition, mutex)
            } else if pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT {
                return take(&value)
            }
        }
    }
}
