import AuroraModel
package import AuroraSystem
import Glibc

/// The one thread that brings the output of all services to the disk.
///
/// Below `folder` each service has `<id>/log/` with its ring and `<id>/crashes/` with its crash records. Both are kept when
/// the service is replaced or goes back to an older version.
package final class LogWriter: Sendable {
    private struct State {
        var logs: [String: ServiceLog] = [:]
        var waiting: [String] = []
        /// Rounds of writing so far; followers wait for the next.
        var rounds: UInt64 = 0
        var troubles: [String: String] = [:]
        var isEnding = false
    }

    /// The folder of all services' output.
    package let folder: String
    private let limits: LogLimits
    private let clock: SupervisorClock
    private let state = Monitor(State())
    private let thread: Monitor<ServiceThread?> = Monitor(nil)

    /// Starts the thread.
    ///
    /// - Parameter stackSize: of the thread, in bytes.
    /// - Throws: when the system gives no more threads.
    package init(
        folder: String, limits: LogLimits = LogLimits(), clock: SupervisorClock = .system, stackSize: Int = 512 << 10
    ) throws(SystemError) {
        self.folder = folder
        self.limits = limits
        self.clock = clock
        let started = ServiceThread(name: "pack-logs", stackSize: stackSize) { [self] in run() }
        guard let started else { throw .noThread(for: "pack-logs") }
        thread.withLock { $0 = started }
    }

    /// The log of a service; the same object each time.
    package func log(of id: String) -> ServiceLog {
        state.withLock { state in
            if let known = state.logs[id] { return known }
            let log = ServiceLog(id: id, limits: limits, clock: clock) { [weak self] in self?.wake($0) }
            state.logs[id] = log
            return log
        }
    }

    /// Reads what has been written of a service.
    package func reader(of id: String) -> LogReader { LogReader(folder: Self.ring(folder, id)) }

    /// Where the ring of a service lies below `folder`.
    package static func ring(_ folder: String, _ id: String) -> String { "\(folder)/\(id)/log" }

    /// Why the output of a service cannot be written at the moment; nil when all is well.
    package func trouble(of id: String) -> String? { state.withLock { $0.troubles[id] } }

    /// Waits until something has been written after round `seen`, or for `timeout`.
    ///
    /// - Returns: the present round.
    package func waitForMore(after seen: UInt64, timeout: Duration) -> UInt64 {
        state.wait(timeout: timeout) { $0.rounds > seen || $0.isEnding ? $0.rounds : nil } ?? seen
    }

    /// Writes what still waits, and ends the thread.
    package func end() {
        state.change(wakingAll: true) { $0.isEnding = true }
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }

    private func wake(_ log: ServiceLog) {
        state.change(wakingAll: true) { state in
            if !state.waiting.contains(log.id) { state.waiting.append(log.id) }
        }
    }

    private func run() {
        var files: [String: RingBox] = [:]
        while true {
            let work = state.wait { state -> (logs: [ServiceLog], isLast: Bool)? in
                guard !state.waiting.isEmpty || state.isEnding else { return nil }
                defer { state.waiting = [] }
                return (state.waiting.compactMap { state.logs[$0] }, state.isEnding)
            }
            guard let work else { continue }
            for log in work.logs { write(log, &files) }
            state.change(wakingAll: true) { $0.rounds += 1 }
            if work.isLast { return }
        }
    }

    private func write(_ log: ServiceLog, _ files: inout [String: RingBox]) {
        do {
            let file = try files[log.id] ?? RingBox(folder: Self.ring(folder, log.id), limits: limits)
            files[log.id] = file
            for entry in log.take() { try write(entry, of: log.id, to: file) }
            state.withLock { $0.troubles[log.id] = nil }
        } catch {
            // The rest of this round is lost; the next round tries again.
            files[log.id] = nil
            state.withLock { $0.troubles[log.id] = "its output cannot be written: \(error)" }
        }
    }

    private func write(_ entry: ServiceLog.Entry, of id: String, to file: RingBox) throws(SystemError) {
        switch entry {
        case .line(let source, let bytes, let stamp, let isCut, let dropped):
            var line = LogLine(source, stamp, String(decoding: bytes, as: UTF8.self))
            line.isCut = isCut
            line.dropped = dropped
            try file.ring.append(line.json.compactBytes + [10])
        case .event(let change, let stamp):
            let retry = change.retryIn.map { ", again in \($0.milliseconds) ms" } ?? ""
            var line = LogLine(
                .event, stamp, "\(change.from.rawValue) -> \(change.to.rawValue): \(change.cause)\(retry)")
            line.cause = change.cause.code
            try file.ring.append(line.json.compactBytes + [10])
        case .remark(let text, let stamp):
            try file.ring.append(LogLine(.event, stamp, text).json.compactBytes + [10])
        case .crash(let cause, let tail, let stamp):
            try CrashRecord(id: id, cause: cause, stamp: stamp, tail: tail)
                .keep(in: "\(folder)/\(id)/crashes", most: limits.crashes)
        }
    }
}

/// Holds a ring where a dictionary cannot.
private final class RingBox {
    var ring: LogRing

    init(folder: String, limits: LogLimits) throws(SystemError) { ring = try LogRing(folder: folder, limits: limits) }
}

extension LogLine {
    fileprivate init(_ source: Source, _ stamp: ServiceLog.Stamp, _ text: String) {
        self.init(
            source: source, time: stamp.time, monotonic: stamp.monotonic, attempt: stamp.attempt, text: text)
    }
}
