import AuroraHTTP
import Glibc

/// From where a request came: the peer of the connection, or, behind a proxy that may say so, whom the proxy names.
///
/// Only the last hop of `X-Forwarded-For` or `Forwarded` (RFC 7239) is read: a proxy appends it, and everything before it
/// is the client's own word.
struct ClientAddress: Sendable {
    /// Beside loopback, from which peers the fields count; nil when they never do.
    private let proxies: Set<String>?

    /// Takes the peer for the client, whatever the fields say.
    static let peer = ClientAddress(proxies: nil)

    /// Believes proxies on loopback, and those at `addresses`.
    static func behindProxies(at addresses: [String]) -> ClientAddress {
        ClientAddress(proxies: Set(addresses.map { canonical($0) ?? $0 }))
    }

    /// The head as it is looked at from here on, with the client's own address.
    ///
    /// - Throws: ``Problem`` 400 when a believed proxy sent a field that names no address: taking the proxy for the client
    ///   would let a client share its limits with everybody.
    func placed(_ head: RequestHead) throws(Problem) -> RequestHead {
        guard let proxies, Self.isLoopback(head.remoteAddress) || proxies.contains(head.remoteAddress) else {
            return head
        }
        let plain = try Self.lastOfXForwardedFor(head)
        let standard = try Self.lastOfForwarded(head)
        // A proxy writes one of them and may hand on what the client put into the other.
        if let plain, let standard, plain != standard {
            throw Self.malformed("X-Forwarded-For and Forwarded name different addresses")
        }
        guard let address = plain ?? standard else { return head }
        var head = head
        head.remoteAddress = address
        return head
    }

    // MARK: The two fields

    private static func lastOfXForwardedFor(_ head: RequestHead) throws(Problem) -> String? {
        guard let value = head.headers.values("X-Forwarded-For").last else { return nil }
        let hop = value.split(separator: ",", omittingEmptySubsequences: false).last.map { String($0).trimmed } ?? ""
        guard let address = address(of: hop) else { throw malformed("the last hop of X-Forwarded-For is no address") }
        return address
    }

    private static func lastOfForwarded(_ head: RequestHead) throws(Problem) -> String? {
        guard let value = head.headers.values("Forwarded").last else { return nil }
        guard let hop = pieces(of: value, at: ",")?.last, let pairs = pieces(of: hop, at: ";") else {
            throw malformed("the Forwarded field has an open quotation mark")
        }
        let nodes = pairs.filter { $0.lowercased().hasPrefix("for=") }.map { String($0.dropFirst(4)) }
        guard let node = nodes.first, nodes.count == 1, let address = address(of: unquoted(node)) else {
            throw malformed("the last hop of Forwarded has no for= with an address")
        }
        return address
    }

    /// Cuts a list at `mark`, but not inside quotation marks; nil when one is left open.
    private static func pieces(of text: String, at mark: Character) -> [String]? {
        var pieces = [""]
        var isQuoted = false
        for character in text {
            if character == "\"" { isQuoted.toggle() }
            if character == mark, !isQuoted { pieces.append("") } else { pieces[pieces.count - 1].append(character) }
        }
        return isQuoted ? nil : pieces.map(\.trimmed)
    }

    /// An address needs no escapes, so one makes the text no address.
    private static func unquoted(_ text: String) -> String {
        text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : text
    }

    // MARK: Addresses

    /// The address in `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`.
    private static func address(of node: String) -> String? {
        if node.hasPrefix("[") {
            guard let end = node.firstIndex(of: "]") else { return nil }
            let inside = node[node.index(after: node.startIndex)..<end]
            guard inside.contains(":"), isPort(node[node.index(after: end)...]) else { return nil }
            return canonical(String(inside))
        }
        let parts = node.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2 { return isPort(":" + parts[1]) ? canonical(String(parts[0])) : nil }
        return canonical(node)
    }

    private static func isPort(_ text: some StringProtocol) -> Bool {
        let digits = text.dropFirst()
        return text.isEmpty
            || text.hasPrefix(":") && digits.utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt16(digits) != nil
    }

    /// One spelling for each address, the one the server gives its peers; nil for any other text.
    static func canonical(_ text: String) -> String? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return dotted(UInt32(bigEndian: four.s_addr)) }
        var six = in6_addr()
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        let words = withUnsafeBytes(of: six) { bytes in
            (0..<4).map { UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)) }
        }
        // An IPv4 address inside IPv6 is the IPv4 address.
        if words[0] == 0, words[1] == 0, words[2] == 0xFFFF { return dotted(words[3]) }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(AF_INET6, &six, &buffer, socklen_t(buffer.count))
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func dotted(_ bits: UInt32) -> String {
        "\(bits >> 24).\(bits >> 16 & 0xFF).\(bits >> 8 & 0xFF).\(bits & 0xFF)"
    }

    private static func isLoopback(_ address: String) -> Bool { address == "::1" || address.hasPrefix("127.") }

    private static func malformed(_ detail: String) -> Problem {
        Problem(
            400, "forwarded_malformed", detail, remedy: "let the proxy append the client's address as the last hop",
            rule: "behind a proxy, its last hop says from where a request came")
    }
}
