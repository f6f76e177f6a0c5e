import CMicrohttpd
import Glibc

/// One `MHD_Response`, released with its last owner.
///
/// The library counts references itself and is thread-safe here.
final class NativeResponse: @unchecked Sendable {
    /// Valid as long as this object lives; never written after `init`, which makes sharing it safe.
    let pointer: OpaquePointer

    private init?(_ made: OpaquePointer?, headers: HTTPHeaders, closes: Bool) {
        guard let made else { return nil }
        pointer = made
        for field in headers.fields {
            // Fields the library refuses (line breaks, empty names) are left out rather than sent broken.
            _ = MHD_add_response_header(made, field.name, field.value)
        }
        if closes {
            _ = MHD_add_response_header(made, "Connection", "close")
        }
    }

    deinit {
        MHD_destroy_response(pointer)
    }

    /// Copies `bytes` into a response.
    convenience init?(bytes: [UInt8], headers: HTTPHeaders, closes: Bool) {
        let made = bytes.withUnsafeBytes { buffer in
            MHD_create_response_from_buffer(
                buffer.count, UnsafeMutableRawPointer(mutating: buffer.baseAddress), .RESPMEM_MUST_COPY)
        }
        self.init(made, headers: headers, closes: closes)
    }

    /// Sends a range of a file; the library closes the descriptor.
    convenience init?(file: FileBody, headers: HTTPHeaders, closes: Bool) {
        let descriptor = file.takeDescriptor()
        guard descriptor >= 0 else { return nil }
        guard let made = MHD_create_response_from_fd_at_offset64(file.length, descriptor, file.offset) else {
            close(descriptor)
            return nil
        }
        self.init(made, headers: headers, closes: closes)
    }

    /// Streams what `source` gives until it ends.
    convenience init?(events source: EventStream, headers: HTTPHeaders, closes: Bool) {
        let retained = Unmanaged.passRetained(source)
        let made = MHD_create_response_from_callback(
            AURORA_MHD_SIZE_UNKNOWN, 1024,
            { opaque, _, buffer, capacity in
                guard let opaque, let buffer else { return AURORA_MHD_END_WITH_ERROR }
                return Unmanaged<EventStream>.fromOpaque(opaque).takeUnretainedValue().read(buffer, capacity)
            },
            retained.toOpaque(),
            { opaque in
                if let opaque { Unmanaged<EventStream>.fromOpaque(opaque).release() }
            })
        if made == nil {
            retained.release()
        }
        self.init(made, headers: headers, closes: closes)
    }
}

extension NativeResponse {
    /// Builds what the library sends for any answer but a prepared one.
    static func make(_ response: HTTPResponse, headers: HTTPHeaders, closes: Bool) -> NativeResponse? {
        switch response.body {
        case .none:
            NativeResponse(bytes: [], headers: headers, closes: closes)
        case .bytes(let bytes):
            NativeResponse(bytes: bytes, headers: headers, closes: closes)
        case .file(let file):
            NativeResponse(file: file, headers: headers, closes: closes)
        case .events(let stream):
            NativeResponse(events: stream, headers: headers, closes: closes)
        case .prepared(let prepared):
            NativeResponse(bytes: prepared.bytes, headers: headers, closes: closes)
        case .parked:
            nil
        }
    }
}
