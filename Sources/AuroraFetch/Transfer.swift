import CCurl
import Glibc

/// `CURL_READFUNC_ABORT`, a macro Swift does not see.
private let readAbort = 0x1000_0000

/// The moving parts of one request: where its body comes from and where the answer goes.
///
/// Used by one thread.
final class Transfer {
    private let source: UploadSource
    private var sink: DownloadSink
    private var status = 0
    private var headers: [(name: String, value: String)] = []
    private var isCancelled = false

    /// Opens the files of a request.
    init(body: ClientBody, download: ClientDownload) throws(FetchError) {
        source = try UploadSource(body)
        sink = try DownloadSink(download)
    }

    /// The length of the body; `nil` without one.
    var uploadLength: UInt64? { source.length }

    /// Fields that continue a file.
    var extraHeaders: [(name: String, value: String)] { sink.resumeHeaders }

    /// Whether the reader of lines said it has enough.
    var wasEndedByReader: Bool { sink.wasEndedByReader }

    /// Why it ended, where that is not libcurl's own error.
    func failure(doing: String) -> FetchError? {
        if isCancelled { return .cancelled(doing: doing) }
        return source.failure ?? sink.failure(doing: doing)
    }

    /// Closes files and gives the answer.
    func finish() throws(FetchError) -> ClientResponse {
        try sink.finish()
        return ClientResponse(status: status, headers: headers, body: sink.memory)
    }

    /// Ties the callbacks of `handle` to this object, which must outlive `curl_easy_perform`.
    func install(on handle: UnsafeMutableRawPointer) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        aurora_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
        aurora_curl_set_data_function(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            Transfer.from(context).headerLine(UnsafeRawBufferPointer(start: bytes, count: size * count))
            return size * count
        }
        aurora_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
        aurora_curl_set_data_function(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let transfer = Transfer.from(context)
            let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return transfer.sink.take(buffer, status: transfer.status, headers: transfer.headers) ? size * count : 0
        }
        aurora_curl_set_pointer(handle, CURLOPT_READDATA, context)
        aurora_curl_set_data_function(handle, CURLOPT_READFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return readAbort }
            let buffer = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
            return Transfer.from(context).source.read(into: buffer) ?? readAbort
        }
        aurora_curl_set_pointer(handle, CURLOPT_SEEKDATA, context)
        aurora_curl_set_seek_function(handle) { context, offset, origin in
            guard let context, origin == SEEK_SET, Transfer.from(context).source.seek(to: UInt64(max(0, offset)))
            else { return 1 }
            return 0
        }
        aurora_curl_set_pointer(handle, CURLOPT_XFERINFODATA, context)
        aurora_curl_set_long(handle, CURLOPT_NOPROGRESS, 0)
        aurora_curl_set_progress_function(handle) { context, downTotal, down, _, up in
            guard let context else { return 1 }
            return Transfer.from(context).report(down: down, downTotal: downTotal, up: up) ? 0 : 1
        }
    }

    private static func from(_ context: UnsafeMutableRawPointer) -> Transfer {
        Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }

    /// A status line starts a new block: after 100 Continue or a redirect only the last block counts.
    private func headerLine(_ bytes: UnsafeRawBufferPointer) {
        let line = String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            headers = []
            let fields = line.split(separator: " ")
            status = fields.count > 1 ? Int(fields[1].prefix(3)) ?? 0 : 0
            return
        }
        guard let colon = line.firstIndex(of: ":") else { return }
        let blanks: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
        let value = line[line.index(after: colon)...].drop(while: blanks)
        let end = value.lastIndex { !blanks($0) }
        headers.append((String(line[..<colon]), end.map { String(value[...$0]) } ?? ""))
    }

    private func report(down: curl_off_t, downTotal: curl_off_t, up: curl_off_t) -> Bool {
        let goesOn =
            source.report(UInt64(max(0, up)))
            && sink.report(UInt64(max(0, down)), total: downTotal > 0 ? UInt64(downTotal) : nil, status: status)
        if !goesOn { isCancelled = true }
        return goesOn
    }
}
