/// The rules of RFC 9112 that decide where a request ends, kept stricter than the library keeps them (S-05, S-18).
enum RequestRules {
    /// Joins a request line and its headers into a head, or refuses them.
    static func head(
        line: RequestLine, headers: HTTPHeaders, record: ConnectionRecord
    ) throws(TransportRefusal) -> RequestHead {
        let isOld = line.version == "HTTP/1.0"
        guard isOld || line.version == "HTTP/1.1" else {
            throw TransportRefusal(
                .versionUnsupported, status: 505, detail: "only versions 1.1 and 1.0 of HTTP are served")
        }
        let (path, query) = try PathParser.split(line.target)
        let (method, isHead) = try method(line.method)
        try checkHost(headers, isOld: isOld)
        let isChunked = try isChunked(headers, isOld: isOld)
        let length = try contentLength(headers, isChunked: isChunked)
        if let expectation = headers["Expect"], !["", "100-continue"].contains(expectation.lowercased()) {
            throw TransportRefusal(.expectationFailed, status: 417, detail: "only 'Expect: 100-continue' is understood")
        }
        return RequestHead(
            method: method, target: line.target, path: path, query: try QueryParser.parse(Substring(query)),
            headers: headers, remoteAddress: record.address, remotePort: record.port, isHead: isHead,
            isTLS: record.isTLS, contentLength: length, isChunked: isChunked)
    }

    private static func method(_ text: String) throws(TransportRefusal) -> (HTTPMethod, isHead: Bool) {
        if let method = HTTPMethod(rawValue: text) { return (method, false) }
        switch text {
        case "HEAD":
            return (.get, true)
        case "TRACE", "CONNECT":
            throw TransportRefusal(.methodNotAllowed, status: 405, detail: "TRACE and CONNECT are not served")
        default:
            throw TransportRefusal(.methodUnknown, status: 501, detail: "the request method is not known")
        }
    }

    private static func checkHost(_ headers: HTTPHeaders, isOld: Bool) throws(TransportRefusal) {
        let hosts = headers.values("Host")
        guard hosts.count == 1 || isOld && hosts.isEmpty else {
            throw TransportRefusal(.hostInvalid, detail: "a request must have exactly one Host field")
        }
        let isClean = hosts.allSatisfy { host in
            host.utf8.count <= 255
                && host.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                        UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                        true
                    default: false
                    }
                }
        }
        guard isClean else {
            throw TransportRefusal(.hostInvalid, detail: "the Host field is not a host name or address")
        }
    }

    private static func isChunked(_ headers: HTTPHeaders, isOld: Bool) throws(TransportRefusal) -> Bool {
        let codings = headers.values("Transfer-Encoding")
        guard !codings.isEmpty else { return false }
        guard codings.count == 1, codings[0].lowercased() == "chunked", !isOld else {
            throw TransportRefusal(
                .transferEncodingUnsupported,
                detail: "the only transfer coding is one 'chunked', and none before version 1.1")
        }
        return true
    }

    private static func contentLength(
        _ headers: HTTPHeaders, isChunked: Bool
    ) throws(TransportRefusal) -> UInt64? {
        let lengths = headers.values("Content-Length")
        guard let first = lengths.first else { return nil }
        guard lengths.count == 1, !isChunked else {
            throw TransportRefusal(
                .lengthAmbiguous, detail: "the length of the body is given more than once or in two ways")
        }
        let isDigits = first.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isDigits, let length = UInt64(first) else {
            throw TransportRefusal(.lengthAmbiguous, detail: "Content-Length is not a number of bytes")
        }
        return length
    }
}
