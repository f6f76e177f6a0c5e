package import AuroraSystem
import Glibc

/// A TCP port of the loopback that connections are taken on as long as this lives; the system chooses the number.
package final class LoopbackPort: Sendable {
    package let number: UInt16
    private let listener: Int32
    private let isAnswered: Bool

    /// - Parameter answer: is sent to everybody who connects, and then the connection ends; nil lets connections wait.
    package init(answering answer: String? = nil) throws(SystemError) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && listen(listener, 8) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        guard isListening else { throw SystemError(operation: "listen", errno: errno) }
        self.listener = listener
        number = UInt16(bigEndian: address.sin_port)
        guard let answer else {
            isAnswered = false
            return
        }
        let thread = ServiceThread(name: "answer") {
            while case let client = accept(listener, nil, nil), client >= 0 {
                // MSG_NOSIGNAL of socket.h.
                _ = send(client, answer, answer.utf8.count, 0x4000)
                shutdown(client, Int32(SHUT_WR))
                close(client)
            }
            // Here and nowhere else: a number closed under `accept` soon names somebody else's socket.
            close(listener)
        }
        thread?.leave()
        isAnswered = thread != nil
    }

    deinit {
        // Wakes the thread, which closes it.
        if isAnswered { shutdown(listener, Int32(SHUT_RDWR)) } else { close(listener) }
    }
}
