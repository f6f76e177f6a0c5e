import CMicrohttpd
import Glibc
import Synchronization

/// What the server knows of one open connection beside the library: whose it is, and how long it may take.
final class ConnectionRecord: Sendable {
    /// What is expected of the other side, and since when.
    private enum Phase {
        /// Headers, or the next request, must come within `limit`.
        case waiting(since: ContinuousClock.Instant, limit: Duration, isIdle: Bool)
        /// The server works; the other side owes nothing.
        case working
        /// A body must keep coming.
        case receiving(since: ContinuousClock.Instant, bytes: Int)
        /// An answer must keep being taken.
        case sending(since: ContinuousClock.Instant, progress: SocketProgress)
    }

    private struct State {
        var phase: Phase
        var isOpen = true
        var isCut = false
        var lingers = false
        var isIdleLookedAt = false
        var stream: EventStream?
        var waker: Waker?
    }

    /// The numeric address of the other side.
    let address: String
    /// Its port.
    let port: UInt16
    /// What the limit per address counts by.
    let key: AddressKey
    /// Whether TLS is spoken.
    let isTLS: Bool
    private let descriptor: Int32
    private let state: Mutex<State>

    /// Describes a connection the library just accepted.
    init(_ connection: OpaquePointer, isTLS: Bool, limits: HTTPLimits) {
        let peer = SocketAddress(aurora_mhd_address(connection))
        address = peer.text
        port = peer.port
        key = peer.key
        self.isTLS = isTLS
        descriptor = aurora_mhd_descriptor(connection)
        state = Mutex(State(phase: .waiting(since: .now, limit: limits.headerTime, isIdle: true)))
    }

    /// The socket, for the TLS registry.
    var socket: Int32 { descriptor }

    /// Whether it was cut for being too slow or because the server stops.
    var isCut: Bool { state.withLock { $0.isCut } }

    /// A request line arrived: the rest of the head must follow.
    func headBegan(limits: HTTPLimits) {
        state.withLock { $0.phase = .waiting(since: .now, limit: limits.headerTime, isIdle: false) }
    }

    /// A worker has the request.
    func workBegan() {
        state.withLock { $0.phase = .working }
    }

    /// The answer waits for `waker`.
    func waitBegan(_ waker: Waker) {
        state.withLock { $0.waker = waker }
    }

    /// A worker makes the answer that waited.
    func waitEnded() {
        state.withLock { $0.waker = nil }
    }

    /// The next `bytes` of a body arrived, or are wanted from now on.
    func received(_ bytes: Int) {
        state.withLock { state in
            if case .receiving(let since, let before) = state.phase {
                state.phase = .receiving(since: since, bytes: before + bytes)
            } else {
                state.phase = .receiving(since: .now, bytes: bytes)
            }
        }
    }

    /// An answer is being sent; `stream` when it has no end of its own.
    func sendBegan(stream: EventStream?) {
        state.withLock { state in
            state.phase = .sending(since: .now, progress: SocketProgress())
            state.stream = stream
        }
    }

    /// The request is over and another may follow.
    func requestEnded(limits: HTTPLimits) {
        state.withLock { state in
            state.phase = .waiting(since: .now, limit: limits.idleTime, isIdle: true)
            state.isIdleLookedAt = false
            state.stream = nil
        }
    }

    /// The connection will be closed with bytes of the client unread: they are drained so that the answer arrives.
    func lingerAtClose() {
        state.withLock { $0.lingers = true }
    }

    /// The library is about to close the socket; gives a copy to drain where that is needed.
    func closing() -> Int32? {
        state.withLock { state in
            state.isOpen = false
            state.stream = nil
            guard !state.isCut else { return nil }
            var unread: Int32 = 0
            let needsDrain = state.lingers || ioctl(descriptor, UInt(FIONREAD), &unread) == 0 && unread > 0
            guard needsDrain else { return nil }
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
            return copy >= 0 ? copy : nil
        }
    }

    /// Ends the connection from any thread; the library notices and cleans up.
    func cut() {
        let stream = state.withLock { state in
            guard state.isOpen else { return EventStream?.none }
            state.isCut = true
            shutdown(descriptor, Int32(SHUT_RDWR))
            return state.stream
        }
        stream?.close()
    }

    /// Ends the connection if no request is on it.
    func cutIfIdle() {
        let isIdle = state.withLock { state in
            if case .waiting(_, _, isIdle: true) = state.phase { true } else { false }
        }
        if isIdle { cut() }
    }

    /// Tells the other side no more is read or answered here, for an error the library itself is about to answer.
    func shutSending() {
        state.withLock { state in
            if state.isOpen { shutdown(descriptor, Int32(SHUT_WR)) }
        }
    }

    /// Ends its event stream or its wait so that the connection can be closed in order.
    func endWaiting() {
        let (stream, waker) = state.withLock { ($0.stream, $0.waker) }
        stream?.close()
        waker?.wake(.stopping)
    }

    /// Cuts the connection when the other side takes longer than the limits allow; called by the watchdog.
    func enforce(_ limits: HTTPLimits, now: ContinuousClock.Instant) {
        let (isLate, stream) = state.withLock { state -> (Bool, EventStream?) in
            guard state.isOpen, !state.isCut else { return (false, nil) }
            remindOfEnd(&state)
            return (self.isLate(&state, limits, now), state.stream)
        }
        if isLate {
            cut()
        } else {
            stream?.heartbeat(every: limits.heartbeatTime)
        }
    }

    /// Lets the library see an end of the client's bytes that it read past.
    ///
    /// libmicrohttpd 0.9.75 watches plain sockets edge-triggered and takes a short read for an empty socket. An end that
    /// arrived together with the last bytes had no edge of its own and is forgotten (`recv_param_adapter` there; TLS reads
    /// on until EAGAIN). Where nothing but that end is left to read, closing the reading side changes nothing but raises
    /// the edge again. The look costs a system call, so a connection that only idles is looked at once.
    private func remindOfEnd(_ state: inout State) {
        guard !isTLS else { return }
        switch state.phase {
        case .working, .sending: return
        case .receiving: break
        case .waiting(_, _, let isIdle):
            guard !isIdle || !state.isIdleLookedAt else { return }
            state.isIdleLookedAt = isIdle
        }
        var byte: UInt8 = 0
        if recv(descriptor, &byte, 1, AURORA_MSG_PEEK | AURORA_MSG_DONTWAIT) == 0 {
            shutdown(descriptor, Int32(SHUT_RD))
        }
    }

    private func isLate(_ state: inout State, _ limits: HTTPLimits, _ now: ContinuousClock.Instant) -> Bool {
        switch state.phase {
        case .working:
            return false
        case .waiting(let since, let limit, _):
            return now - since > limit
        case .receiving(let since, let bytes):
            guard now - since >= limits.progressTime else { return false }
            state.phase = .receiving(since: now, bytes: 0)
            return bytes < limits.leastBytes(in: now - since)
        case .sending(let since, let before):
            guard now - since >= min(limits.progressTime, .seconds(5)) else { return false }
            let current = SocketProgress(descriptor)
            // An event stream is quiet most of the time: only the kernel knows that its reader has gone.
            if state.stream != nil, !current.isEstablished { return true }
            guard now - since >= limits.progressTime else { return false }
            state.phase = .sending(since: now, progress: current)
            let owed = min(before.unsent, limits.leastBytes(in: now - since))
            return before.isKnown && current.acknowledged - before.acknowledged < UInt64(owed)
        }
    }
}

extension HTTPLimits {
    /// What must have moved in `time`, in bytes.
    fileprivate func leastBytes(in time: Duration) -> Int {
        Int(time.components.seconds) * minimumRate
            + Int(time.components.attoseconds / 1_000_000_000_000_000) * minimumRate / 1000
    }
}
