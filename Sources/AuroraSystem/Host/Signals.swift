import CShims
import Glibc

/// Stop requests as values: blocked for every thread, then read from a `signalfd(2)`.
package enum Signals {
    /// Blocks `signals` for this thread and every thread started later; call it first in `main`.
    package static func block(_ signals: [Int32] = [SIGTERM, SIGINT, SIGHUP]) {
        var set = Self.set(signals)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Ignores SIGPIPE for the whole process: a peer that went away is an error of the write, not the end.
    package static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

    /// Waits for one of the blocked `signals`.
    ///
    /// - Parameters:
    ///   - signals: the ones to wait for; others stay pending.
    ///   - timeout: nil waits without end.
    /// - Returns: the signal, or nil when the time was over.
    package static func wait(
        for signals: [Int32] = [SIGTERM, SIGINT, SIGHUP], timeout: Duration? = nil
    ) throws(SystemError) -> Int32? {
        var set = Self.set(signals)
        let descriptor = Descriptor(adopting: try check("signalfd") { aurora_signalfd(&set) })
        let deadline = timeout.map { ContinuousClock.now + $0 }
        while true {
            var entry = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
            let ready = poll(&entry, 1, deadline.map { ContinuousClock.now.milliseconds(until: $0) } ?? -1)
            if ready < 0 && errno != EINTR { throw .last("poll") }
            if ready == 0, let deadline, ContinuousClock.now >= deadline { return nil }
            if ready <= 0 { continue }
            // struct signalfd_siginfo: 128 bytes, the signal number first.
            return try descriptor.readSignal()
        }
    }

    private static func set(_ signals: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        return set
    }
}

extension Descriptor {
    fileprivate borrowing func readSignal() throws(SystemError) -> Int32 {
        var words = [Int32](repeating: 0, count: 32)
        try check("read", "signalfd") {
            words.withUnsafeMutableBytes { Glibc.read(rawValue, $0.baseAddress, $0.count) }
        }
        return words[0]
    }
}

extension ContinuousClock.Instant {
    /// Whole milliseconds until `other`, at least 0, rounded up, for `poll(2)`.
    package func milliseconds(until other: Self) -> Int32 {
        let parts = duration(to: other).components
        if parts.seconds < 0 || parts.attoseconds < 0 { return 0 }
        if parts.seconds > 86400 { return 86_400_000 }
        return Int32(parts.seconds * 1000 + (parts.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
