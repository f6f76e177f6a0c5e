import CShims
import Glibc

/// One end of a pair of connected sockets that keep packets apart and can carry descriptors (`unix(7)`, SOCK_SEQPACKET).
///
/// Any thread may send; one thread receives.
package struct PacketSocket: ~Copyable, Sendable {
    private let socket: Descriptor

    /// The number; valid as long as this value lives.
    package var rawValue: Int32 { socket.rawValue }

    fileprivate init(adopting number: Int32) { socket = Descriptor(adopting: number) }

    /// Sends one packet whole, without waiting.
    ///
    /// - Parameter descriptors: at most 250; the other end gets copies.
    /// - Throws: `EMSGSIZE` for a packet beyond the socket's buffer, `EAGAIN` when the other end does not read, `EPIPE`
    ///   when it has gone.
    package borrowing func send(_ bytes: [UInt8], descriptors: [Int32] = []) throws(SystemError) {
        guard descriptors.count <= 250 else { throw SystemError(operation: "sendmsg", errno: EINVAL) }
        try check("sendmsg") {
            bytes.withUnsafeBytes {
                aurora_send_packet(rawValue, $0.baseAddress, $0.count, descriptors, Int32(descriptors.count))
            }
        }
    }

    /// Ends both directions (`shutdown(2)`): the other end sees that this one has gone, whoever else holds a copy.
    package borrowing func shutDown() { _ = Glibc.shutdown(rawValue, Int32(SHUT_RDWR)) }

    /// Takes the next packet without waiting.
    ///
    /// - Parameter limit: bytes beyond it are cut off.
    /// - Returns: nil when none is there; an empty packet when the other end has gone.
    package borrowing func receive(limit: Int = 4096) throws(SystemError) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: limit)
        while true {
            let count = bytes.withUnsafeMutableBytes { aurora_receive_packet(rawValue, $0.baseAddress, $0.count) }
            if count >= 0 { return Array(bytes.prefix(count)) }
            switch errno {
            // The other end went without reading all it was sent, which is told once: what it said is still there.
            case EINTR, ECONNRESET: continue
            case EAGAIN: return nil
            default: throw .last("recv")
            }
        }
    }
}

/// Both ends of a new pair, close-on-exec.
package struct PacketPair: ~Copyable {
    /// The end that stays here.
    package let near: PacketSocket
    /// The end for a child.
    package let far: PacketSocket

    package init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        try check("socketpair") { aurora_packet_pair(&ends) }
        near = PacketSocket(adopting: ends[0])
        far = PacketSocket(adopting: ends[1])
    }

    /// Closes this process's copy of the far end and gives the near one away.
    package consuming func closeFar() -> PacketSocket { near }
}
