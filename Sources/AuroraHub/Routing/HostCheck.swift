import AuroraHTTP
import AuroraModel

/// Answers only under names the hub knows as its own: a foreign name in `Host` means DNS rebinding (defect 18).
struct HostCheck: Sendable {
    private let names: Set<String>

    /// - Parameters:
    ///   - listen: the numeric address the hub listens on, or nil for loopback.
    ///   - configured: `hub.allowed_hosts` of the configuration.
    init(listen: String?, configured: [String]) {
        var names: Set<String> = ["localhost", "127.0.0.1", "::1"]
        if let listen { names.insert(listen.lowercased()) }
        for name in configured { names.insert(name.lowercased()) }
        self.names = names
    }

    /// - Throws: ``Problem`` with 400 for a missing or malformed host, 421 for one that is not ours.
    func check(_ head: RequestHead) throws(Problem) {
        let values = head.headers.values("Host")
        guard values.count == 1, let name = Self.name(in: values[0]) else {
            throw Problem(400, "bad_host", "the request has no usable Host field", remedy: "send one Host field")
        }
        guard names.contains(name) else {
            throw Problem(
                421, "misdirected", "this hub does not answer under the name in the Host field",
                remedy: "use http://localhost:9711, or add the name to hub.allowed_hosts in aurora.yaml",
                subject: name.printable(limit: 80))
        }
    }

    /// The lower-case host of `host`, `host:port`, `[v6]` or `[v6]:port`; nil when it is none of these.
    static func name(in host: String) -> String? {
        // On bytes: every poll comes through here.
        let bytes = host.utf8
        let name: Substring.UTF8View
        let port: Substring.UTF8View
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            name = bytes[bytes.index(after: bytes.startIndex)..<end]
            port = bytes[bytes.index(after: end)...]
        } else {
            let end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
            name = bytes[..<end]
            port = bytes[end...]
        }
        guard !name.isEmpty, name.allSatisfy(isHostByte) else { return nil }
        guard port.isEmpty || port.first == UInt8(ascii: ":") && UInt16(Substring(port.dropFirst())) != nil else {
            return nil
        }
        return String(Substring(name)).lowercased()
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5F: true
        default: false
        }
    }
}
