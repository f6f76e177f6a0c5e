import Glibc

/// A port on loopback that is kept from everybody but the program it was picked for.
///
/// The socket stays bound and never listens: whoever asks for a free port passes it by, while a server that sets
/// `SO_REUSEADDR` may bind and listen beside it, again and again (`socket(7)`).
final class ReservedPort: Sendable {
    let number: UInt16
    private let descriptor: Int32

    /// Takes the wanted port when nobody has it, else any free one.
    init(near wanted: UInt16) throws {
        guard let taken = Self.take(wanted) ?? Self.take(0) else {
            throw CommandError(
                "no port on 127.0.0.1 is free", cause: String(cString: strerror(errno)),
                remedy: "end a program that holds many ports", code: "demo_failed")
        }
        (descriptor, number) = taken
    }

    deinit { close(descriptor) }

    private static func take(_ port: UInt16) -> (descriptor: Int32, number: UInt16)? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        guard let number = bind(descriptor, port) else {
            close(descriptor)
            return nil
        }
        // Only now: bound without it, no second reservation can have had the same port.
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        return (descriptor, number)
    }

    /// Binds on loopback; the port it got.
    private static func bind(_ descriptor: Int32, _ port: UInt16) -> UInt16? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard Glibc.bind(descriptor, generic, size) == 0, getsockname(descriptor, generic, &size) == 0 else {
                    return nil
                }
                return pointer.pointee.sin_port.bigEndian
            }
        }
    }
}
