import Glibc
import Testing

@testable import AuroraCommands

@Suite("A reserved port")
struct ReservedPortTests {
    @Test("is never given to the next who asks for it")
    func kept() throws {
        let first = try ReservedPort(near: 0)
        let second = try ReservedPort(near: first.number)
        #expect(second.number != first.number)
        withExtendedLifetime(first) {}
    }

    @Test("lets its server listen, and listen again after it ended")
    func listening() throws {
        let reserved = try ReservedPort(near: 0)
        for _ in 0..<2 {
            let server = try listen(on: reserved.number)
            defer { close(server) }
            #expect(server >= 0)
            #expect(try ReservedPort(near: reserved.number).number != reserved.number)
        }
    }
}

/// A socket that listens on 127.0.0.1 as servers do.
private func listen(on port: UInt16) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var one: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
    }
    try #require(bound == 0, "\(String(cString: strerror(errno)))")
    try #require(Glibc.listen(descriptor, 1) == 0, "\(String(cString: strerror(errno)))")
    return descriptor
}
