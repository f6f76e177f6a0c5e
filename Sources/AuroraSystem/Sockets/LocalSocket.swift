import CShims
import Glibc

/// Who is at the other end of a UNIX socket, by the kernel's word (unix(7), `SO_PEERCRED` and `SCM_CREDENTIALS`).
package struct SocketPeer: Hashable, Sendable {
    /// Its process when it connected or sent; 0 when it lies in another process namespace.
    package let pid: Int32
    package let uid: UInt32
    package let gid: UInt32

    /// A peer that somebody else has told about.
    package init(pid: Int32, uid: UInt32, gid: UInt32) {
        self.pid = pid
        self.uid = uid
        self.gid = gid
    }

    init(_ peer: aurora_peer) {
        pid = peer.pid
        uid = peer.uid
        gid = peer.gid
    }
}

/// A name in the file system that programs connect to or send datagrams to; removed with this object.
///
/// One thread takes what comes; any thread may drop it.
package final class LocalSocket: Sendable {
    /// Connections or single messages.
    package enum Kind: Sendable {
        case stream
        case datagram
    }

    package let path: String
    private let folder: Descriptor
    private let name: String
    private let socket: Descriptor

    /// Binds `path`, whose folder exists; a socket that an ended process left there is replaced.
    ///
    /// - Parameter mode: permission bits, whatever the umask is.
    package init(_ kind: Kind, path: String, mode: UInt32 = 0o600) throws(SystemError) {
        self.path = path
        let (parent, last) = DurableFile.split(path)
        name = last
        folder = try Descriptor.open(parent, [.readOnly, .directory])
        if let old = try? FileStatus.of(name, in: folder.rawValue), old.kind == .other {
            unlinkat(folder.rawValue, name, 0)
        }
        let number = folder.rawValue
        socket = Descriptor(
            adopting: try check("bind", path) { aurora_local_bind(number, last, kind == .stream ? 1 : 0, mode) })
    }

    deinit { unlinkat(folder.rawValue, name, 0) }

    /// Waits for the next connection.
    ///
    /// - Returns: nil once `stop` was raised.
    package func accept(stop: StopSignal) throws(SystemError) -> LocalStream? {
        while true {
            guard try Waiting.wait(socket.rawValue, for: POLLIN, until: nil, stop: stop) == .ready else { return nil }
            let number = aurora_accept(socket.rawValue)
            if number >= 0 { return try LocalStream(adopting: Descriptor(adopting: number)) }
            switch errno {
            case EINTR, EAGAIN, ECONNABORTED: continue
            default: throw .last("accept4", path)
            }
        }
    }

    /// Waits for the next datagram; longer ones are cut off at 4096 bytes.
    ///
    /// - Returns: nil once `stop` was raised.
    package func receive(stop: StopSignal) throws(SystemError) -> (bytes: [UInt8], sender: SocketPeer)? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            guard try Waiting.wait(socket.rawValue, for: POLLIN, until: nil, stop: stop) == .ready else { return nil }
            var peer = aurora_peer()
            let count = bytes.withUnsafeMutableBytes {
                aurora_receive_from(socket.rawValue, $0.baseAddress, $0.count, &peer)
            }
            if count >= 0 { return (Array(bytes.prefix(count)), SocketPeer(peer)) }
            if errno != EINTR && errno != EAGAIN { throw .last("recvmsg", path) }
        }
    }
}

/// A connected UNIX stream.
///
/// One thread sends and one receives.
package final class LocalStream: Sendable {
    private let socket: Descriptor
    /// Who is at the other end.
    package let peer: SocketPeer

    fileprivate init(adopting socket: consuming Descriptor) throws(SystemError) {
        let number = socket.rawValue
        self.socket = socket
        var found = aurora_peer()
        try check("getsockopt") { aurora_peer_of(number, &found) }
        peer = SocketPeer(found)
    }

    /// Connects to the socket at `path`; no link is followed at its end.
    ///
    /// - Throws: `ENOENT` or `ECONNREFUSED` when nobody listens there.
    package convenience init(path: String) throws(SystemError) {
        let (parent, name) = DurableFile.split(path)
        let folder = try Descriptor.open(parent, [.readOnly, .directory])
        try self.init(name: name, in: folder.rawValue)
    }

    /// Connects to the socket `name` in an open directory.
    package convenience init(name: String, in directory: Int32) throws(SystemError) {
        let kind = try FileStatus.of(name, in: directory).kind
        guard kind == .other else { throw SystemError(operation: "connect", path: name, errno: ENOTSOCK) }
        try self.init(
            adopting: Descriptor(adopting: try check("connect", name) { aurora_local_connect(directory, name) }))
    }

    /// Sends all of `bytes`.
    ///
    /// - Throws: `ETIMEDOUT` when the other end does not take them in time, `EPIPE` when it has gone.
    package func send(_ bytes: [UInt8], timeout: Duration) throws(SystemError) {
        let deadline = ContinuousClock.now + timeout
        var done = 0
        while done < bytes.count {
            let from = done
            let count = bytes.withUnsafeBytes {
                aurora_send_now(socket.rawValue, $0.baseAddress?.advanced(by: from), $0.count - from)
            }
            if count >= 0 {
                done += count
            } else if errno == EAGAIN {
                guard try Waiting.wait(socket.rawValue, for: POLLOUT, until: deadline, stop: nil) == .ready else {
                    throw SystemError(operation: "send", errno: ETIMEDOUT)
                }
            } else if errno != EINTR {
                throw .last("send")
            }
        }
    }

    /// Receives exactly `count` bytes.
    ///
    /// - Parameter timeout: nil waits without end.
    /// - Returns: nil when the other end closed before the first byte, or when `stop` was raised.
    /// - Throws: `ETIMEDOUT`; `ECONNRESET` when it closed in the middle.
    package func receive(
        _ count: Int, timeout: Duration?, stop: StopSignal? = nil
    ) throws(SystemError) -> [UInt8]? {
        let deadline = timeout.map { ContinuousClock.now + $0 }
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let from = done
            let got = bytes.withUnsafeMutableBytes {
                aurora_receive_now(socket.rawValue, $0.baseAddress?.advanced(by: from), count - from)
            }
            if got > 0 {
                done += got
            } else if got == 0 {
                if done == 0 { return nil }
                throw SystemError(operation: "recv", errno: ECONNRESET)
            } else if errno == EAGAIN {
                switch try Waiting.wait(socket.rawValue, for: POLLIN, until: deadline, stop: stop) {
                case .ready: continue
                case .stopped: return nil
                case .late: throw SystemError(operation: "recv", errno: ETIMEDOUT)
                }
            } else if errno != EINTR {
                throw .last("recv")
            }
        }
        return bytes
    }

    /// Ends both directions: the other end reads the end of the stream after what was sent (`shutdown(2)`).
    package func shutDown() { shutdown(socket.rawValue, Int32(SHUT_RDWR)) }

    /// Whether the other end has closed; looks without waiting, and only while it has sent nothing that is not read yet.
    package var isClosed: Bool {
        var entry = pollfd(fd: socket.rawValue, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) > 0 && entry.revents & Int16(POLLHUP) != 0
    }
}
