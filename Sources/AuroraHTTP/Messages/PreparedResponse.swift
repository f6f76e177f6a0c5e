import Synchronization

/// An answer in memory, built once and sent any number of times by one server.
package final class PreparedResponse: Sendable {
    /// The status code.
    package let status: Int
    /// The fields, the server's common ones apart.
    package let headers: HTTPHeaders
    /// The body.
    package let bytes: [UInt8]
    private let native = Mutex<NativeResponse?>(nil)

    /// Describes an answer; the library's form is made when it is first sent.
    package init(status: Int = 200, headers: HTTPHeaders = [:], bytes: [UInt8]) {
        self.status = status
        self.headers = headers
        self.bytes = bytes
    }

    /// The library's form, made with the common headers of the server that sends it first.
    func nativeResponse(commonHeaders: HTTPHeaders) -> NativeResponse? {
        native.withLock { native in
            if native == nil {
                var all = headers
                all.fill(from: commonHeaders)
                native = NativeResponse(bytes: bytes, headers: all, closes: false)
            }
            return native
        }
    }
}
