import CMicrohttpd
import Glibc

/// What connections are counted by: an IPv4 address or an IPv6 /64 network.
struct AddressKey: Hashable, Sendable {
    let isIPv6: Bool
    let bits: UInt64
    let isLoopback: Bool
}

/// A numeric socket address, IPv4 or IPv6; IPv4 inside IPv6 counts as IPv4.
struct SocketAddress {
    let text: String
    let port: UInt16
    let key: AddressKey

    /// Reads what the system filled in.
    init(_ address: UnsafePointer<sockaddr>?) {
        var text = "unknown"
        var port: UInt16 = 0
        var key = AddressKey(isIPv6: false, bits: 0, isLoopback: false)
        switch address.map({ Int32($0.pointee.sa_family) }) {
        case AF_INET:
            address?.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                let bits = UInt32(bigEndian: address.pointee.sin_addr.s_addr)
                port = UInt16(bigEndian: address.pointee.sin_port)
                text = Self.dotted(bits)
                key = AddressKey(isIPv6: false, bits: UInt64(bits), isLoopback: bits >> 24 == 127)
            }
        case AF_INET6:
            address?.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
                port = UInt16(bigEndian: address.pointee.sin6_port)
                withUnsafeBytes(of: address.pointee.sin6_addr) { bytes in
                    (text, key) = Self.read(bytes)
                }
            }
        default:
            break
        }
        self.text = text
        self.port = port
        self.key = key
    }

    private static func read(_ bytes: UnsafeRawBufferPointer) -> (String, AddressKey) {
        let high = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        let low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        if high == 0, low >> 32 == 0xFFFF {
            let bits = UInt32(truncatingIfNeeded: low)
            return (dotted(bits), AddressKey(isIPv6: false, bits: UInt64(bits), isLoopback: bits >> 24 == 127))
        }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(AF_INET6, bytes.baseAddress, &buffer, socklen_t(buffer.count))
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return (text, AddressKey(isIPv6: true, bits: high, isLoopback: high == 0 && low == 1))
    }

    private static func dotted(_ bits: UInt32) -> String {
        "\(bits >> 24).\(bits >> 16 & 0xFF).\(bits >> 8 & 0xFF).\(bits & 0xFF)"
    }
}
