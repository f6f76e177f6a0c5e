import CMicrohttpd
import Synchronization

/// The sending end of an open event stream; any thread may use it.
///
/// Answer with ``HTTPBody/events(_:)`` and keep the stream to send on. While nothing is to be sent its connection is
/// suspended and costs memory only. One stream belongs to one answer.
package final class EventStream: Sendable {
    private struct State {
        var pending: [UInt8] = []
        var isEnded = false
        var isGone = false
        var connection: Connection?
        var isParked = false
        var lastSend = ContinuousClock.now
        var onClose: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>
    private let maximumBufferedBytes: Int

    /// Makes a stream; `onClose` is called once, on the socket thread, when the other side is gone or the stream is over.
    package init(maximumBufferedBytes: Int = 256 * 1024, onClose: (@Sendable () -> Void)? = nil) {
        self.maximumBufferedBytes = maximumBufferedBytes
        state = Mutex(State(onClose: onClose))
    }

    /// Whether nothing can be sent any more.
    package var isClosed: Bool {
        state.withLock { $0.isEnded || $0.isGone }
    }

    /// Queues an event; `false` when the stream is closed or its reader is so far behind that it was cut off.
    @discardableResult
    package func send(_ event: ServerEvent) -> Bool {
        append(event.bytes)
    }

    /// Ends the stream after what is queued.
    package func close() {
        state.withLock { state in
            state.isEnded = true
            Self.wake(&state)
        }
    }

    /// Sends a comment line when nothing was sent for `interval`, so that proxies keep the connection.
    func heartbeat(every interval: Duration) {
        let isDue = state.withLock { state in
            state.isParked && !state.isEnded && ContinuousClock.now - state.lastSend >= interval
        }
        if isDue {
            _ = append(Array(":\n\n".utf8))
        }
    }

    private func append(_ bytes: [UInt8]) -> Bool {
        state.withLock { state in
            guard !state.isEnded, !state.isGone else { return false }
            guard state.pending.count + bytes.count <= maximumBufferedBytes else {
                state.isEnded = true
                Self.wake(&state)
                return false
            }
            state.pending.append(contentsOf: bytes)
            Self.wake(&state)
            return true
        }
    }

    /// Resuming under the lock keeps the connection from being freed meanwhile: ``detach()`` takes the same lock.
    private static func wake(_ state: inout State) {
        guard state.isParked, let connection = state.connection else { return }
        state.isParked = false
        MHD_resume_connection(connection.pointer)
    }

    /// Ties the stream to the connection that sends it.
    func attach(_ connection: OpaquePointer) {
        state.withLock { $0.connection = Connection(pointer: connection) }
    }

    /// The connection is over: nothing may touch it from here on.
    func detach() {
        let onClose = state.withLock { state in
            state.connection = nil
            state.isGone = true
            state.isParked = false
            state.pending = []
            defer { state.onClose = nil }
            return state.onClose
        }
        onClose?()
    }

    /// The library asks for the next bytes on its own thread; suspends the connection when there are none.
    func read(_ buffer: UnsafeMutablePointer<CChar>, _ capacity: Int) -> Int {
        state.withLock { state in
            if !state.pending.isEmpty {
                let count = min(capacity, state.pending.count)
                state.pending.withUnsafeBytes { bytes in
                    UnsafeMutableRawPointer(buffer).copyMemory(
                        from: bytes.baseAddress ?? .init(buffer), byteCount: count)
                }
                state.pending.removeFirst(count)
                state.lastSend = .now
                return count
            }
            if state.isEnded { return AURORA_MHD_END_OF_STREAM }
            guard let connection = state.connection else { return AURORA_MHD_END_WITH_ERROR }
            state.isParked = true
            MHD_suspend_connection(connection.pointer)
            return 0
        }
    }
}

/// A connection pointer that crosses threads; whoever holds one also holds the lock that keeps it valid.
struct Connection: @unchecked Sendable {
    let pointer: OpaquePointer
}
