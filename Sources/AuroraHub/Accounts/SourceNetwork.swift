import Glibc

/// By what strangers are counted: an IPv4 address, or the /64 network of an IPv6 address.
///
/// Whoever has one IPv6 address has 2^64 of them, so a single one says nothing about who asks.
enum SourceNetwork {
    /// `2001:db8:0:1::/64` for an IPv6 address; any other text stays as it is.
    static func name(of address: String) -> String {
        var binary = in6_addr()
        guard address.contains(":"), inet_pton(AF_INET6, address, &binary) == 1 else { return address }
        let high = withUnsafeBytes(of: binary) { UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)) }
        let groups = [48, 32, 16, 0].map { String(high >> UInt64($0) & 0xFFFF, radix: 16) }
        return groups.joined(separator: ":") + "::/64"
    }
}
