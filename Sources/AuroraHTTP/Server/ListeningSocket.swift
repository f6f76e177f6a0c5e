import CMicrohttpd
import Glibc

/// A TCP socket that listens; closed with its owner.
final class ListeningSocket: Sendable {
    let descriptor: Int32
    let port: UInt16

    /// Listens on one numeric address; port 0 asks the system for a free one.
    init(_ address: String, port: UInt16) throws(HTTPServerError) {
        let isIPv6 = address.contains(":")
        func failed(_ operation: String, _ descriptor: Int32) -> HTTPServerError {
            let code = errno
            if descriptor >= 0 { close(descriptor) }
            return .listen(address: address, port: port, operation: operation, code: code)
        }
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let made = socket(isIPv6 ? AF_INET6 : AF_INET, type, 0)
        guard made >= 0 else { throw failed("socket", made) }
        var one: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &one, size)
        if isIPv6 { setsockopt(made, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &one, size) }
        guard let bound = isIPv6 ? Self.bind6(made, address, port) : Self.bind4(made, address, port) else {
            close(made)
            throw .address(address)
        }
        guard bound == 0 else { throw failed("bind", made) }
        guard listen(made, 1024) == 0 else { throw failed("listen", made) }
        guard let actual = Self.boundPort(made) else { throw failed("getsockname", made) }
        descriptor = made
        self.port = actual
    }

    deinit {
        close(descriptor)
    }

    /// Opens every socket an address stands for, all with one port.
    static func open(_ address: ListenAddress, port: UInt16) throws(HTTPServerError) -> [ListeningSocket] {
        switch address {
        case .numeric(let text): [try ListeningSocket(text, port: port)]
        case .loopback: try pair("127.0.0.1", "::1", port: port)
        case .any: try pair("0.0.0.0", "::", port: port)
        }
    }

    /// IPv4 must work; IPv6 may be missing on the machine, but a port taken there by another is an error.
    private static func pair(_ four: String, _ six: String, port: UInt16) throws(HTTPServerError) -> [ListeningSocket] {
        var attemptsLeft = port == 0 ? 16 : 1
        while true {
            let first = try ListeningSocket(four, port: port)
            attemptsLeft -= 1
            do throws(HTTPServerError) {
                return [first, try ListeningSocket(six, port: first.port)]
            } catch {
                guard case .listen(_, _, _, let code) = error else { throw error }
                if [EADDRNOTAVAIL, EAFNOSUPPORT].contains(code) { return [first] }
                if code != EADDRINUSE || attemptsLeft == 0 { throw error }
            }
        }
    }

    private static func bind4(_ socket: Int32, _ text: String, _ port: UInt16) -> Int32? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, text, &address.sin_addr) == 1 else { return nil }
        return withUnsafeBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { bind(socket, $0.baseAddress, socklen_t(bytes.count)) }
        }
    }

    private static func bind6(_ socket: Int32, _ text: String, _ port: UInt16) -> Int32? {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        guard inet_pton(AF_INET6, text, &address.sin6_addr) == 1 else { return nil }
        return withUnsafeBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { bind(socket, $0.baseAddress, socklen_t(bytes.count)) }
        }
    }

    private static func boundPort(_ socket: Int32) -> UInt16? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutableBytes(of: &storage) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { getsockname(socket, $0.baseAddress, &size) }
        }
        guard code == 0 else { return nil }
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { SocketAddress($0).port }
        }
    }
}
