import CMicrohttpd
import Glibc

/// How far the kernel got with what was written to a TCP socket.
struct SocketProgress {
    /// Bytes the other side acknowledged since the connection began.
    var acknowledged: UInt64 = 0
    /// Bytes given to the kernel that were not acknowledged yet.
    var unsent = 0
    /// Whether both sides still have the connection open.
    var isEstablished = true
    /// Whether the numbers were read at all.
    var isKnown = false

    /// Nothing known yet.
    init() {}

    /// Asks the kernel (`TCP_INFO`, `SIOCOUTQ`; tcp(7)).
    init(_ socket: Int32) {
        var state: Int32 = 0
        var acknowledged: UInt64 = 0
        var unsent: Int32 = 0
        guard
            aurora_tcp_progress(socket, &state, &acknowledged) == 0,
            ioctl(socket, UInt(TIOCOUTQ), &unsent) == 0
        else { return }
        self.acknowledged = acknowledged
        self.unsent = Int(unsent)
        isEstablished = state == 1
        isKnown = true
    }
}
