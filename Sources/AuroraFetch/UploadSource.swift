import Glibc

/// Where a request's body is read from.
final class UploadSource {
    /// The bytes to send; `nil` without a body.
    let length: UInt64?
    private(set) var failure: FetchError?
    private var bytes: [UInt8] = []
    private var descriptor: Int32 = -1
    private var path = ""
    private var start: UInt64 = 0
    private var position: UInt64 = 0
    private var progress: TransferProgress?

    /// Opens the file of a file body.
    init(_ body: ClientBody) throws(FetchError) {
        switch body {
        case .none:
            length = nil
        case .bytes(let bytes):
            self.bytes = bytes
            length = UInt64(bytes.count)
        case .file(let path, let offset, let progress):
            let opened = open(path, O_RDONLY | O_CLOEXEC)
            guard opened >= 0 else { throw .file(path: path, operation: "opening", code: errno) }
            var information = stat()
            guard fstat(opened, &information) == 0 else {
                let code = errno
                close(opened)
                throw .file(path: path, operation: "reading", code: code)
            }
            descriptor = opened
            self.path = path
            self.progress = progress
            start = offset
            length = UInt64(max(0, information.st_size)) - min(offset, UInt64(max(0, information.st_size)))
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Reads the next bytes; `nil` ends the request with ``failure``.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        let wanted = min(buffer.count, Int((length ?? 0) - position))
        guard wanted > 0, let target = buffer.baseAddress else { return 0 }
        if descriptor < 0 {
            bytes.withUnsafeBytes { source in
                buffer.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[Int(position)..<Int(position) + wanted]))
            }
            position += UInt64(wanted)
            return wanted
        }
        let count = pread(descriptor, target, wanted, off_t(start + position))
        guard count > 0 else {
            // A file that became shorter than announced cannot be completed either.
            failure = .file(path: path, operation: "reading", code: count < 0 ? errno : EIO)
            return nil
        }
        position += UInt64(count)
        return count
    }

    /// Goes back, as libcurl asks when a connection was lost before anything was answered.
    func seek(to offset: UInt64) -> Bool {
        guard offset <= length ?? 0 else { return false }
        position = offset
        return true
    }

    /// Tells the caller how far it is.
    func report(_ done: UInt64) -> Bool {
        guard let progress, let length else { return true }
        return progress(min(done, length), length)
    }
}
