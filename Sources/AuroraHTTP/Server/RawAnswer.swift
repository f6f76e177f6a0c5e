import CMicrohttpd
import Glibc

/// Answers written to a socket past the library, where it cannot answer itself.
///
/// libmicrohttpd takes no response between the first and the last byte of a body, and makes its own errors without our
/// headers. Nothing of an answer has been sent at these points and the connection closes after, so a complete answer
/// may be written. A small one fits the empty send buffer of the socket whole.
enum RawAnswer {
    /// Writes `response` if it is held in memory; the caller closes the connection in every case.
    static func send(
        _ response: HTTPResponse, common: HTTPHeaders, withBody: Bool, on connection: OpaquePointer
    ) {
        let bytes = serialize(response, common: common, withBody: withBody)
        if let session = aurora_mhd_tls_session(connection) {
            bytes.withUnsafeBytes { _ = gnutls_record_send(session, $0.baseAddress, $0.count) }
            return
        }
        let socket = aurora_mhd_descriptor(connection)
        bytes.withUnsafeBytes { buffer in
            _ = Glibc.send(
                socket, buffer.baseAddress, buffer.count,
                AURORA_MSG_DONTWAIT | AURORA_MSG_NOSIGNAL)
        }
    }

    private static func serialize(_ response: HTTPResponse, common: HTTPHeaders, withBody: Bool) -> [UInt8] {
        var body: [UInt8] = []
        if case .bytes(let bytes) = response.body { body = bytes }
        var headers = response.headers
        headers.fill(from: common)
        let reason = MHD_get_reason_phrase_for(UInt32(response.status)).map { String(cString: $0) } ?? "Refused"
        var text = "HTTP/1.1 \(response.status) \(reason)\r\n\(dateField())Connection: close\r\n"
        for field in headers.fields where isClean(field) {
            text += "\(field.name): \(field.value)\r\n"
        }
        text += "Content-Length: \(body.count)\r\n\r\n"
        return Array(text.utf8) + (withBody ? body : [])
    }

    private static func isClean(_ field: HTTPField) -> Bool {
        !field.name.isEmpty && field.name.utf8.allSatisfy(Token.isTokenByte)
            && field.value.utf8.allSatisfy(Token.isValueByte)
    }

    private static func dateField() -> String {
        var now = time(nil)
        var parts = tm()
        guard gmtime_r(&now, &parts) != nil else { return "" }
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let date = "\(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1900)"
        let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        return "Date: \(days[Int(parts.tm_wday)]), \(date) \(clock) GMT\r\n"
    }
}
