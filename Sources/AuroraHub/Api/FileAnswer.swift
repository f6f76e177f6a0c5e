import AuroraHTTP

/// Answers with a file: whole, in part, or not at all when the client has it already (RFC 9110 §13, §14).
enum FileAnswer {
    /// - Parameter descriptor: given away; closed after sending or when nothing is sent.
    /// - Throws: ``Problem`` 416 for a range that begins behind the end.
    static func make(
        _ head: RequestHead, descriptor: Int32, length: UInt64, tag: String, headers: HTTPHeaders
    ) throws(Problem) -> HTTPResponse {
        var headers = headers
        headers["ETag"] = tag
        headers["Accept-Ranges"] = "bytes"
        let isKnown = head.headers["If-None-Match"].map { EntityTag.list($0, contains: tag, weak: true) } ?? false
        let isSame = head.headers["If-Range"].map { $0 == tag } ?? true
        let requested = isKnown || !isSame ? nil : head.headers["Range"].flatMap { range($0, length: length) }
        let bytes = requested.flatMap(\.satisfiable) ?? 0..<length
        // Owns the descriptor from here on, also when nothing is sent.
        let body = FileBody(adopting: descriptor, offset: bytes.lowerBound, length: bytes.upperBound - bytes.lowerBound)
        if isKnown { return HTTPResponse(status: 304, headers: headers) }
        guard let requested else { return HTTPResponse(status: 200, headers: headers, body: .file(body)) }
        guard requested.satisfiable != nil else {
            throw Problem(
                416, "range_not_satisfiable", "the file has \(length) bytes and ends before the range begins",
                remedy: "ask for a range inside the file, or for all of it",
                headers: ["Content-Range": "bytes */\(length)", "Accept-Ranges": "bytes", "ETag": tag])
        }
        headers["Content-Range"] = "bytes \(bytes.lowerBound)-\(bytes.upperBound - 1)/\(length)"
        return HTTPResponse(status: 206, headers: headers, body: .file(body))
    }

    /// A range that was understood; several ranges and foreign units are not, and get the whole file.
    struct Requested {
        let satisfiable: Range<UInt64>?
    }

    static func range(_ field: String, length: UInt64) -> Requested? {
        guard field.hasPrefix("bytes="), !field.contains(",") else { return nil }
        let ends = field.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return nil }
        if ends[0].isEmpty {
            guard let count = UInt64(ends[1]) else { return nil }
            return Requested(satisfiable: count == 0 || length == 0 ? nil : length - min(count, length)..<length)
        }
        guard let first = UInt64(ends[0]) else { return nil }
        guard let last = ends[1].isEmpty ? .some(UInt64.max) : UInt64(ends[1]), last >= first else { return nil }
        guard first < length else { return Requested(satisfiable: nil) }
        return Requested(satisfiable: first..<min(last, length - 1) + 1)
    }
}
