import CMicrohttpd
import Glibc

/// The first line of a request as it lies in the library's buffer, and where its parts start.
///
/// libmicrohttpd 0.9.75 parses a head in place: the line ends become NUL bytes and every name and value it reports is a
/// pointer into one buffer. Comparing these addresses shows bytes it passed over silently: folded lines, bare line feeds,
/// NUL bytes. Only distances are computed; nothing outside the reported strings is read.
struct RequestLine {
    /// The target exactly as sent, up to a NUL.
    private(set) var target: String
    /// The method's text; empty until ``complete(method:version:)``.
    private(set) var method = ""
    /// The version's text, such as `HTTP/1.1`.
    private(set) var version = ""
    /// The address of the first byte of the line.
    private(set) var start = 0
    /// The address of the first byte of the first header.
    private(set) var headerStart = 0
    /// Whether method, target and version are one blank apart and hold no NUL.
    private(set) var isContiguous = false
    private let targetStart: Int
    private let targetSize: Int

    /// The length of the line without its end.
    var byteCount: Int { method.utf8.count + targetSize + version.utf8.count + 2 }

    /// Whether the library at run time is the one whose layout is known; later ones refuse these cases themselves.
    static let canCheckLayout = String(cString: MHD_get_version()) == "0.9.75"

    static var shieldName: UnsafePointer<CChar> { pointer("Cookie") }

    /// Takes the target from the library's first report of a request, before it is changed.
    ///
    /// - Parameter reported: `const` in the interface, but the library's own, writable buffer.
    init(reported: UnsafePointer<CChar>) {
        targetStart = Int(bitPattern: reported)
        targetSize = strlen(reported)
        target = String(
            decoding: UnsafeRawBufferPointer(start: reported, count: targetSize), as: UTF8.self)
    }

    /// Keeps the library from parsing what it parses badly: query arguments (it would hang when they fill its memory)
    /// and cookies (it would copy them, and answer twice when they do not fit).
    func shield(_ reported: UnsafePointer<CChar>, _ connection: OpaquePointer) {
        if let mark = strchr(reported, Int32(UInt8(ascii: "?"))) {
            mark[1] = 0
        }
        _ = MHD_set_connection_value_n(connection, .HEADER_KIND, Self.shieldName, 6, Self.pointer(""), 0)
    }

    /// Adds what the library reports with the complete head.
    mutating func complete(method: UnsafePointer<CChar>, version: UnsafePointer<CChar>) {
        self.method = String(cString: method)
        self.version = String(cString: version)
        start = Int(bitPattern: method)
        headerStart = Int(bitPattern: version) + strlen(version) + 2
        isContiguous =
            targetStart == start + strlen(method) + 1
            && Int(bitPattern: version) == targetStart + targetSize + 1
    }

    private static func pointer(_ text: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
