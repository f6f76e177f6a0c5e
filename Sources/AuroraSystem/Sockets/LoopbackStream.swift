import CShims
import Glibc

/// A TCP connection to a port of 127.0.0.1, for asking a service whether it is there.
package struct LoopbackStream: ~Copyable {
    private let socket: Descriptor
    private let deadline: ContinuousClock.Instant
    private let stop: StopSignal?

    private init(
        adopting socket: consuming Descriptor, until deadline: ContinuousClock.Instant, stop: StopSignal?
    ) {
        self.socket = socket
        self.deadline = deadline
        self.stop = stop
    }

    /// Connects.
    ///
    /// - Throws: `ECONNREFUSED` and others; `ETIMEDOUT` after `timeout`, which holds for everything that follows too;
    ///   `ECANCELED` once `stop` was raised.
    package static func connect(
        port: UInt16, timeout: Duration, stop: StopSignal?
    ) throws(SystemError) -> LoopbackStream {
        let number = try check("connect", "port \(port)") { aurora_loopback_connect(port) }
        let stream = LoopbackStream(
            adopting: Descriptor(adopting: number), until: ContinuousClock.now + timeout, stop: stop)
        try stream.wait(for: POLLOUT)
        let code = aurora_socket_error(number)
        if code != 0 { throw SystemError(operation: "connect", path: "port \(port)", errno: code) }
        return stream
    }

    private borrowing func wait(for events: Int32) throws(SystemError) {
        switch try Waiting.wait(socket.rawValue, for: events, until: deadline, stop: stop) {
        case .ready: return
        case .late: throw SystemError(operation: "poll", errno: ETIMEDOUT)
        case .stopped: throw SystemError(operation: "poll", errno: ECANCELED)
        }
    }

    /// Sends a few bytes, which the socket's buffer takes at once.
    package borrowing func send(_ bytes: [UInt8]) throws(SystemError) {
        try check("send") { bytes.withUnsafeBytes { aurora_send_now(socket.rawValue, $0.baseAddress, $0.count) } }
    }

    /// What comes next, at most `limit` bytes; empty at the end.
    package borrowing func receive(limit: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        while true {
            try wait(for: POLLIN)
            let count = bytes.withUnsafeMutableBytes { aurora_receive_now(socket.rawValue, $0.baseAddress, $0.count) }
            if count >= 0 { return Array(bytes.prefix(count)) }
            if errno != EINTR && errno != EAGAIN { throw .last("recv") }
        }
    }
}
