import Glibc

/// A socket that sends exactly the bytes it is given and keeps what comes back.
package final class RawClient {
    private let socket: Int32
    private var received: [UInt8] = []

    /// Connects to 127.0.0.1, or to ::1.
    package init(port: UInt16, isIPv6: Bool = false, receiveBuffer: Int32? = nil) throws {
        socket = Glibc.socket(isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var receiveBuffer {
            setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        let code: Int32
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = in6addr_loopback
            code = withUnsafeBytes(of: &address) { bytes in
                bytes.withMemoryRebound(to: sockaddr.self) { connect(socket, $0.baseAddress, socklen_t(bytes.count)) }
            }
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            code = withUnsafeBytes(of: &address) { bytes in
                bytes.withMemoryRebound(to: sockaddr.self) { connect(socket, $0.baseAddress, socklen_t(bytes.count)) }
            }
        }
        if code != 0 {
            let reason = errno
            close(socket)
            throw ClientFailure.connect(reason)
        }
    }

    package enum ClientFailure: Error {
        case connect(Int32)
        case noAnswer(String)
    }

    deinit {
        close(socket)
    }

    /// Sends text; `false` when the other side no longer takes it.
    @discardableResult
    package func send(_ text: String) -> Bool {
        send(Array(text.utf8))
    }

    /// Sends bytes; `false` when the other side no longer takes them.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, 0x4000) }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Says that nothing more will be sent.
    package func finishSending() {
        shutdown(socket, Int32(SHUT_WR))
    }

    /// Breaks the connection off with a reset.
    package func reset() {
        var hard = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
        shutdown(socket, Int32(SHUT_RDWR))
    }

    /// How reading ended.
    package enum End: Equatable { case closed, reset, stillOpen }

    /// Reads until the other side closes, or for `seconds`.
    package func readToEnd(seconds: Double = 120) -> (text: String, end: End) {
        let end = readMore(until: { _ in false }, seconds: seconds)
        defer { received = [] }
        return (String(decoding: received, as: UTF8.self), end)
    }

    /// Reads one answer with its body, by Content-Length, chunks or to the end.
    package func readAnswer(seconds: Double = 120, toHead: Bool = false) throws -> Answer {
        var answer: Answer?
        _ = readMore(
            until: { bytes in
                answer = Answer(bytes, toHead: toHead)
                return answer != nil
            }, seconds: seconds)
        guard let answer else {
            throw ClientFailure.noAnswer(String(decoding: received.prefix(400), as: UTF8.self))
        }
        received.removeFirst(answer.byteCount)
        return answer
    }

    /// Reads until `text` arrived or the time is over.
    package func read(until text: String, seconds: Double = 120) -> Bool {
        readMore(until: { String(decoding: $0, as: UTF8.self).contains(text) }, seconds: seconds) == .stillOpen
            && String(decoding: received, as: UTF8.self).contains(text)
    }

    private func readMore(until isEnough: ([UInt8]) -> Bool, seconds: Double) -> End {
        let deadline = ContinuousClock.now + .milliseconds(Int(seconds * 1000))
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while !isEnough(received) {
            let left = deadline - .now
            guard left > .zero else { return .stillOpen }
            var poll = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            guard Glibc.poll(&poll, 1, Int32(milliseconds) + 1) > 0 else { return .stillOpen }
            let count = recv(socket, &buffer, buffer.count, 0)
            if count == 0 { return .closed }
            if count < 0 { return .reset }
            received.append(contentsOf: buffer[..<count])
        }
        return .stillOpen
    }
}

/// One parsed answer.
package struct Answer {
    package let status: Int
    package let headers: [String: String]
    package let body: [UInt8]
    package let byteCount: Int

    package var text: String { String(decoding: body, as: UTF8.self) }

    /// Parses the first answer in `bytes`; `nil` while it is not complete.
    ///
    /// 100 Continue is an answer of its own.
    package init?(_ bytes: [UInt8], toHead: Bool) {
        guard let end = Self.find([13, 10, 13, 10], in: bytes, from: 0) else { return nil }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).components("\r\n")
        let first = lines[0].components(" ")
        guard first.count > 1, let status = Int(first[1]) else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        }
        var position = end + 4
        var body: [UInt8] = []
        if toHead || status == 100 || status == 204 || status == 304 {
        } else if headers["transfer-encoding"] == "chunked" {
            while true {
                guard let lineEnd = Self.find([13, 10], in: bytes, from: position) else { return nil }
                let text = String(decoding: bytes[position..<lineEnd], as: UTF8.self)
                guard let size = Int(text, radix: 16), bytes.count >= lineEnd + 2 + size + 2 else { return nil }
                body += bytes[(lineEnd + 2)..<(lineEnd + 2 + size)]
                position = lineEnd + 2 + size + 2
                if size == 0 { break }
            }
        } else {
            let length = headers["content-length"].flatMap { Int($0) } ?? 0
            guard bytes.count >= position + length else { return nil }
            body = Array(bytes[position..<(position + length)])
            position += length
        }
        self.status = status
        self.headers = headers
        self.body = body
        byteCount = position
    }

    private static func find(_ mark: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= mark.count, start <= bytes.count - mark.count else { return nil }
        return (start...(bytes.count - mark.count)).first { bytes[$0..<($0 + mark.count)].elementsEqual(mark) }
    }
}

extension String {
    fileprivate func components(_ separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.utf8.firstRange(of: Array(separator.utf8)) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}

extension Collection where Element: Equatable {
    fileprivate func firstRange(of mark: [Element]) -> Range<Index>? {
        var start = startIndex
        while start != endIndex {
            if self[start...].starts(with: mark) { return start..<index(start, offsetBy: mark.count) }
            start = index(after: start)
        }
        return nil
    }
}
