import Glibc

extension HTTPResponse {
    /// Serves a file, or the one range of it that was asked for (RFC 9110 section 14), or 304 or 416.
    ///
    /// Several ranges at once, other units and broken fields are ignored, as the standard allows: the whole file is sent.
    ///
    /// - Parameters:
    ///   - descriptor: Taken over; closed in every case.
    ///   - size: The length of the file in bytes.
    ///   - entityTag: A strong tag with its quotes, such as `"<sha256>"`; `nil` for content that changes.
    ///   - head: The request that is answered.
    ///   - headers: Further fields, `Content-Type` among them.
    package static func file(
        adopting descriptor: Int32, size: UInt64, entityTag: String? = nil, for head: RequestHead,
        headers: HTTPHeaders = [:]
    ) -> HTTPResponse {
        var headers = headers
        headers["Accept-Ranges"] = "bytes"
        if let entityTag {
            headers["ETag"] = entityTag
            if head.matches(entityTag: entityTag) {
                close(descriptor)
                return HTTPResponse(status: 304, headers: headers)
            }
        }
        switch head.range(of: size, entityTag: entityTag) {
        case .whole:
            return HTTPResponse(
                status: 200, headers: headers, body: .file(FileBody(adopting: descriptor, length: size)))
        case .part(let range):
            headers["Content-Range"] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
            let body = FileBody(
                adopting: descriptor, offset: range.lowerBound, length: range.upperBound - range.lowerBound)
            return HTTPResponse(status: 206, headers: headers, body: .file(body))
        case .unsatisfiable:
            close(descriptor)
            headers["Content-Range"] = "bytes */\(size)"
            return HTTPResponse(status: 416, headers: headers)
        }
    }
}

extension RequestHead {
    /// What a `Range` field asks for.
    package enum RequestedRange: Hashable, Sendable {
        case whole
        case part(Range<UInt64>)
        case unsatisfiable
    }

    /// Whether `If-None-Match` names `entityTag`: the client has these bytes already.
    package func matches(entityTag: String) -> Bool {
        headers.values("If-None-Match").flatMap { $0.split(separator: ",") }.contains { candidate in
            let tag = candidate.trimmingBlanks()
            return tag == "*" || tag == entityTag || tag == "W/" + entityTag
        }
    }

    /// The one range asked for, cut to `size` bytes.
    package func range(of size: UInt64, entityTag: String?) -> RequestedRange {
        let fields = headers.values("Range")
        guard method == .get, fields.count == 1, let field = fields.first, field.hasPrefix("bytes=") else {
            return .whole
        }
        if let condition = headers["If-Range"], condition != entityTag { return .whole }
        let ends = field.dropFirst(6).trimmingBlanks().split(
            separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2, !ends[1].contains(",") else { return .whole }
        if ends[0].isEmpty {
            guard let count = Self.number(ends[1]) else { return .whole }
            return count == 0 || size == 0 ? .unsatisfiable : .part((size - min(count, size))..<size)
        }
        guard let first = Self.number(ends[0]) else { return .whole }
        guard !ends[1].isEmpty else { return first < size ? .part(first..<size) : .unsatisfiable }
        guard let last = Self.number(ends[1]), last >= first else { return .whole }
        return first < size ? .part(first..<(min(last, size - 1) + 1)) : .unsatisfiable
    }

    private static func number(_ text: some StringProtocol) -> UInt64? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64(text) : nil
    }
}

extension StringProtocol {
    /// The text without blanks and tabs at its ends.
    fileprivate func trimmingBlanks() -> String {
        let kept = drop { $0 == " " || $0 == "\t" }
        guard let last = kept.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return String(kept[...last])
    }
}
