import AuroraModel
import Synchronization

/// Takes everything one service writes and hands it to the ring in whole lines.
///
/// ``receive(_:from:)`` only copies: a program never waits for a disk. What comes faster than the limits allow, or than the
/// disk takes, is counted and dropped, and the next line says how much. Safe from any thread.
package final class ServiceLog: OutputSink {
    /// What waits for the writer.
    enum Entry: Sendable {
        case line(LogLine.Source, [UInt8], Stamp, isCut: Bool, dropped: Int)
        case event(ServiceTransition, Stamp)
        case remark(String, Stamp)
        case crash(ServiceCause, tail: [UInt8], Stamp)

        var byteCount: Int {
            switch self {
            case .line(_, let bytes, _, _, _): bytes.count + 64
            case .event: 256
            case .remark(let text, _): text.utf8.count + 256
            case .crash(_, let tail, _): tail.count + 256
            }
        }
    }

    /// When and in which attempt.
    struct Stamp: Sendable {
        let time: Timestamp
        let monotonic: Int64
        let attempt: Int
    }

    fileprivate struct State {
        var attempt = 0
        var entries: [Entry] = []
        /// Bytes of the output among the entries, and of the rest.
        var queued = 0
        var queuedEvents = 0
        /// What came behind the last line end.
        var partial: [OutputStreamName: [UInt8]] = [:]
        var tail: [UInt8] = []
        var dropped = 0
        var droppedInAll = 0
        var allowance: Int
        var allowedAt: Duration = .zero
    }

    /// The service.
    package let id: String
    let limits: LogLimits
    private let state: Mutex<State>
    private let clock: SupervisorClock
    private let wake: @Sendable (ServiceLog) -> Void

    /// - Parameter wake: called, from any thread, when there is something for the writer.
    init(
        id: String, limits: LogLimits, clock: SupervisorClock, wake: @escaping @Sendable (ServiceLog) -> Void
    ) {
        self.id = id
        self.limits = limits
        self.clock = clock
        self.wake = wake
        state = Mutex(State(allowance: limits.burstBytes))
    }

    package func receive(_ bytes: [UInt8], from stream: OutputStreamName) {
        let now = clock.now()
        state.withLock { state in
            let allowed = allow(bytes.count, &state, now)
            state.drop(bytes.count - allowed)
            let taken = bytes[..<allowed]
            state.tail.append(contentsOf: taken)
            if state.tail.count > 2 * limits.crashBytes { state.tail.removeFirst(state.tail.count - limits.crashBytes) }
            var partial = state.partial[stream] ?? []
            for byte in taken {
                if byte != 10 { partial.append(byte) }
                if byte == 10 || partial.count >= limits.lineBytes {
                    push(partial, stream, isCut: byte != 10, &state, now)
                    partial.removeAll(keepingCapacity: true)
                }
            }
            state.partial[stream] = partial
        }
        wake(self)
    }

    /// A new start of the service: what the last one left unfinished becomes a line.
    func begin(attempt: Int) {
        flush()
        state.withLock { state in
            state.attempt = attempt
            state.tail = []
        }
    }

    /// Lines without a line end are lines now.
    func flush() {
        let now = clock.now()
        state.withLock { state in
            for stream in [OutputStreamName.output, .error] {
                guard let rest = state.partial.removeValue(forKey: stream), !rest.isEmpty else { continue }
                push(rest, stream, isCut: false, &state, now)
            }
        }
        wake(self)
    }

    /// Writes down a change of state.
    func note(_ change: ServiceTransition) {
        let stamp = Stamp(time: clock.time, monotonic: change.at.milliseconds, attempt: change.attempt)
        state.withLock { pushEvent(.event(change, stamp), &$0) }
        wake(self)
    }

    /// Writes down something that the supervisor saw.
    func remark(_ text: String) {
        let now = clock.now()
        state.withLock { pushEvent(.remark(text, stamp($0, now)), &$0) }
        wake(self)
    }

    /// Keeps the end of the output with the reason why it ends here.
    func keepCrash(_ cause: ServiceCause) {
        flush()
        let now = clock.now()
        state.withLock { state in
            let tail = Array(state.tail.suffix(limits.crashBytes))
            pushEvent(.crash(cause, tail: tail, stamp(state, now)), &state)
        }
        wake(self)
    }

    /// Bytes of output and of events that were dropped since the supervisor began.
    package var droppedBytes: Int { state.withLock { $0.droppedInAll } }

    /// Gives the waiting entries to the writer.
    func take() -> [Entry] {
        state.withLock { state in
            defer {
                state.entries = []
                state.queued = 0
                state.queuedEvents = 0
            }
            return state.entries
        }
    }

    // MARK: Limits

    /// How many of `count` bytes may come now.
    private func allow(_ count: Int, _ state: inout State, _ now: Duration) -> Int {
        let earned =
            (now - state.allowedAt).milliseconds.clamped(to: 0...3_600_000) * Int64(limits.bytesPerSecond) / 1000
        state.allowedAt = now
        state.allowance = min(limits.burstBytes, state.allowance + Int(clamping: earned))
        let allowed = min(count, state.allowance)
        state.allowance -= allowed
        return allowed
    }

    private func push(
        _ bytes: [UInt8], _ stream: OutputStreamName, isCut: Bool, _ state: inout State, _ now: Duration
    ) {
        guard state.queued + bytes.count <= limits.queueBytes else { return state.drop(bytes.count + 1) }
        let source: LogLine.Source = stream == .output ? .output : .error
        let entry = Entry.line(source, bytes, stamp(state, now), isCut: isCut, dropped: state.dropped)
        state.dropped = 0
        state.queued += entry.byteCount
        state.entries.append(entry)
    }

    /// Queues what the supervisor has to say.
    ///
    /// It has room of its own: neither does a flood of output cost the reason of a crash, nor does a service that fails
    /// again and again, while the disk is stuck, cost all memory.
    private func pushEvent(_ entry: Entry, _ state: inout State) {
        guard state.queuedEvents + entry.byteCount <= limits.queueBytes else { return state.drop(entry.byteCount) }
        state.queuedEvents += entry.byteCount
        state.entries.append(entry)
    }

    private func stamp(_ state: State, _ now: Duration) -> Stamp {
        Stamp(time: clock.time, monotonic: now.milliseconds, attempt: state.attempt)
    }
}

extension ServiceLog.State {
    fileprivate mutating func drop(_ count: Int) {
        dropped += count
        droppedInAll += count
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var milliseconds: Int64 {
        let parts = components
        return parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
    }
}

extension Comparable {
    fileprivate func clamped(to range: ClosedRange<Self>) -> Self { min(max(self, range.lowerBound), range.upperBound) }
}
