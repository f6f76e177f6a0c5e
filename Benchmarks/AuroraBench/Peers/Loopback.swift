import Glibc

/// Sockets on 127.0.0.0/8.
enum Loopback {
    /// A port that is free at this moment.
    static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        guard descriptor >= 0, bind(descriptor, to: 0x7F00_0001) else { throw BenchError("no free port on loopback") }
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &size) }
        }
        return address.sin_port.bigEndian
    }

    /// A connected socket; nil when nobody listens.
    ///
    /// - Parameter source: our own address, to stand for different clients.
    static func connect(to port: UInt16, from source: UInt32 = 0x7F00_0001) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var wait = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        let isConnected =
            bind(descriptor, to: source)
            && withAddress(0x7F00_0001, port) { Glibc.connect(descriptor, $0, $1) == 0 }
        if isConnected { return descriptor }
        close(descriptor)
        return nil
    }

    /// Opens idle keep-alive connections: each has had one answer.
    ///
    /// 400 come from each address, as many as a hub takes from one client.
    /// - Returns: the sockets that were answered.
    static func openIdle(_ count: Int, to port: UInt16, request: String) -> [Int32] {
        raiseOpenFiles()
        let bytes = Array(request.utf8)
        var open: [Int32] = []
        var answer = [UInt8](repeating: 0, count: 64 << 10)
        for index in 0..<count {
            guard let descriptor = connect(to: port, from: 0x7F00_0101 + UInt32(index / 400)) else { continue }
            let sent = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            if sent == bytes.count, recv(descriptor, &answer, answer.count, 0) > 12, answer[9] == UInt8(ascii: "2") {
                open.append(descriptor)
            } else {
                close(descriptor)
            }
        }
        return open
    }

    private static func raiseOpenFiles() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        _ = setrlimit(resource, &limit)
    }

    private static func bind(_ descriptor: Int32, to address: UInt32) -> Bool {
        withAddress(address, 0) { Glibc.bind(descriptor, $0, $1) == 0 }
    }

    private static func withAddress<Result>(
        _ host: UInt32, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = host.bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
