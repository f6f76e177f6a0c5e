import CMicrohttpd
import Glibc

/// Reads the head of a request out of libmicrohttpd and refuses what must not reach a handler (S-18 … S-20).
struct HeadReader {
    private let limits: HTTPLimits
    private let line: RequestLine
    private var fields: [HTTPField] = []
    private var refusal: TransportRefusal?
    /// Where the next header must start if nothing lies between it and the one before.
    private var cursor: Int
    private var hasGap: Bool

    private init(limits: HTTPLimits, line: RequestLine) {
        self.limits = limits
        self.line = line
        cursor = line.headerStart
        hasGap = !line.isContiguous
    }

    /// Gives the checked head of the request on `connection`.
    static func read(
        _ connection: OpaquePointer, line: RequestLine, record: ConnectionRecord, limits: HTTPLimits
    ) throws(TransportRefusal) -> RequestHead {
        var reader = HeadReader(limits: limits, line: line)
        withUnsafeMutablePointer(to: &reader) { reader in
            _ = MHD_get_connection_values_n(
                connection, .HEADER_KIND,
                { context, _, name, nameSize, value, valueSize in
                    guard let reader = context?.assumingMemoryBound(to: HeadReader.self), let name else { return .NO }
                    return reader.pointee.take(name, nameSize, value, valueSize) ? .YES : .NO
                }, reader)
        }
        return try reader.finish(headerSize: aurora_mhd_header_size(connection), record: record)
    }

    private mutating func take(
        _ name: UnsafePointer<CChar>, _ nameSize: Int, _ value: UnsafePointer<CChar>?, _ valueSize: Int
    ) -> Bool {
        // The empty Cookie that RequestLine.shield put first is ours.
        if name == RequestLine.shieldName { return true }
        guard let value else { return refuse(.headerMalformed, 400, "a header field has no value") }
        let valueStart = Int(bitPattern: value)
        hasGap = hasGap || Int(bitPattern: name) != cursor || valueStart <= cursor + nameSize
        cursor = valueStart + valueSize + 2
        guard nameSize + valueSize + 4 <= limits.headerLineBytes else {
            return refuse(.headerTooLarge, 431, "a header line is longer than \(limits.headerLineBytes) bytes")
        }
        guard fields.count < limits.headerCount else {
            return refuse(.headerTooLarge, 431, "there are more than \(limits.headerCount) header fields")
        }
        let nameBytes = UnsafeBufferPointer(start: name, count: nameSize)
        guard nameSize > 0, nameBytes.allSatisfy({ Token.isTokenByte(UInt8(bitPattern: $0)) }) else {
            return refuse(.headerMalformed, 400, "a header field's name is not a token")
        }
        let valueBytes = UnsafeBufferPointer(start: value, count: valueSize)
        guard valueBytes.allSatisfy({ Token.isValueByte(UInt8(bitPattern: $0)) }) else {
            return refuse(.headerMalformed, 400, "a header field's value has a control character")
        }
        // Anything but UTF-8 becomes U+FFFD: such a value can be shown but equals nothing that matters.
        fields.append(
            HTTPField(
                String(decoding: UnsafeRawBufferPointer(nameBytes), as: UTF8.self),
                String(decoding: UnsafeRawBufferPointer(valueBytes), as: UTF8.self)))
        return true
    }

    private mutating func refuse(_ code: TransportRefusal.Code, _ status: Int, _ detail: String) -> Bool {
        refusal = TransportRefusal(code, status: status, detail: detail)
        return false
    }

    private func finish(headerSize: Int, record: ConnectionRecord) throws(TransportRefusal) -> RequestHead {
        if let refusal { throw refusal }
        guard line.byteCount <= limits.headerLineBytes else {
            throw TransportRefusal(
                .targetTooLong, status: 414,
                detail: "the request line is longer than \(limits.headerLineBytes) bytes")
        }
        // Each header also costs a record in the connection's memory, and the answer's headers need room there.
        let needed = headerSize + 64 * (fields.count + 1) + 3 * 1024
        guard headerSize <= limits.headerBytes, needed <= limits.connectionMemoryBytes else {
            throw TransportRefusal(.headerTooLarge, status: 431, detail: "the header fields are too large together")
        }
        if RequestLine.canCheckLayout, hasGap || cursor + 2 != line.start + headerSize {
            throw TransportRefusal(
                .headerMalformed,
                detail: "the request has a folded header, a bare line feed, a NUL or an extra blank in its head")
        }
        return try RequestRules.head(line: line, headers: HTTPHeaders(fields), record: record)
    }
}

/// The byte classes of RFC 9110 section 5.
enum Token {
    /// `tchar`.
    static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default:
            false
        }
    }

    /// Visible characters, blanks, tabs and bytes above 0x7F.
    static func isValueByte(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7F || byte == 0x09
    }
}
