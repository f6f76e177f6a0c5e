import CMicrohttpd
import Glibc

/// Takes a `multipart/form-data` body apart with libmicrohttpd's post processor and feeds its parts to a sink.
///
/// The processor keeps a pointer into the request's headers, so it must not be used once the request is over: workers
/// use it only while the connection is suspended, and it is destroyed on the socket thread.
final class MultipartFeed: BodyFeed, @unchecked Sendable {
    private let sink: any MultipartSink
    private var processor: OpaquePointer?
    private var part: MultipartPart?
    private var partBytes: UInt64 = 0
    private var failure: (any Error)?

    /// Reads the boundary from the headers of `connection`; `nil` when they do not describe a form.
    init?(_ sink: any MultipartSink, connection: OpaquePointer, head: RequestHead) {
        self.sink = sink
        let type = head.headers["Content-Type"]?.lowercased() ?? ""
        guard type.hasPrefix("multipart/form-data"), head.headers.values("Content-Type").count == 1 else { return nil }
        processor = MHD_create_post_processor(
            connection, 64 * 1024,
            { context, _, name, filename, contentType, _, data, offset, size in
                guard let context else { return .NO }
                let feed = Unmanaged<MultipartFeed>.fromOpaque(context).takeUnretainedValue()
                return feed.take(name, filename, contentType, UnsafeRawBufferPointer(start: data, count: size), offset)
            }, Unmanaged.passUnretained(self).toOpaque())
        if processor == nil { return nil }
    }

    deinit {
        if let processor { MHD_destroy_post_processor(processor) }
    }

    var received: ReceivedBody { .multipart(sink) }

    func feed(_ bytes: UnsafeRawBufferPointer) throws {
        guard let processor else { throw Self.malformed }
        let result = MHD_post_process(processor, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count)
        if let failure { throw failure }
        guard result == .YES else { throw Self.malformed }
    }

    func end() throws {
        guard let processor else { throw Self.malformed }
        self.processor = nil
        // The library says NO when the last boundary was missing.
        // It says YES to a body in which no boundary was ever found.
        guard MHD_destroy_post_processor(processor) == .YES, part != nil else { throw Self.malformed }
        try sink.partEnded()
        part = nil
    }

    func abort(_ reason: BodyAbort, rest: [UInt8]) {
        sink.aborted(reason)
    }

    private func take(
        _ name: UnsafePointer<CChar>?, _ filename: UnsafePointer<CChar>?, _ contentType: UnsafePointer<CChar>?,
        _ bytes: UnsafeRawBufferPointer, _ offset: UInt64
    ) -> MHD_Result {
        do {
            guard let name = try text(name) else { throw Self.malformed }
            let next = MultipartPart(name: name, filename: try text(filename), contentType: try text(contentType))
            // A part may be reported empty first and then again with its bytes, both at offset 0.
            let isSame = part == next && (offset > 0 || partBytes == 0 && !bytes.isEmpty)
            if !isSame {
                if part != nil { try sink.partEnded() }
                part = next
                partBytes = 0
                try sink.partBegan(next)
            }
            partBytes += UInt64(bytes.count)
            if !bytes.isEmpty { try sink.partData(bytes) }
            return .YES
        } catch {
            failure = error
            return .NO
        }
    }

    private func text(_ pointer: UnsafePointer<CChar>?) throws -> String? {
        guard let pointer else { return nil }
        guard let text = String(validatingCString: pointer) else { throw Self.malformed }
        return text
    }

    private static var malformed: TransportRefusal {
        TransportRefusal(.bodyMalformed, detail: "the body is not complete, well-formed multipart/form-data")
    }
}
